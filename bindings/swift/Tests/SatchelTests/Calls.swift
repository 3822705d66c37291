import Foundation
import Satchel

/// What a book (or its onboarding or collection) can be asked, by the generated protocol.
func methods(of name: String = "SatchelProtocol") throws -> Set<String> {
    let source = try String(contentsOfFile: package + "/Sources/Satchel/Generated/Satchel.swift", encoding: .utf8)
    let body = source.components(separatedBy: "public protocol \(name)").last?.components(separatedBy: "\n}").first
    let names = (body ?? "").components(separatedBy: "\n    func ").dropFirst().compactMap { $0.split(separator: "(").first }
    guard names.count >= 10 else { throw Wrong("the protocol was not found") }
    return Set(names.map(String.init))
}

/// A call of each method that a closed book refuses.
func everyCall(_ id: Int64, _ export: HandOver) -> [(String, @Sendable (any SatchelProtocol) async throws -> Void)] {
    [
        ("add", { _ = try await $0.add(fields: person("X")) }),
        ("edit", { try await $0.edit(id: id, changed: [.clear(field: .village)]) }),
        ("editByCode", { _ = try await $0.editByCode(code: "1-1", changed: [.clear(field: .village)]) }),
        ("reject", { _ = try await $0.reject(id: id) }),
        ("withdraw", { _ = try await $0.withdraw(id: id) }),
        ("get", { _ = try await $0.get(id: id) }),
        ("getByCode", { _ = try await $0.getByCode(code: "1-1") }),
        ("list", { _ = try await $0.list(query: ProspectQuery()) }),
        ("saveDraft", { _ = try await $0.saveDraft(about: .new(form: "f"), form: "{}") }),
        ("draft", { _ = try await $0.draft(about: .new(form: "f")) }),
        ("drafts", { _ = try await $0.drafts(limit: 9) }),
        ("removeDraft", { try await $0.removeDraft(about: .new(form: "f")) }),
        ("standing", { _ = try await $0.standing(id: id) }),
        ("history", { _ = try await $0.history(id: id) }),
        ("standingOf", { _ = try await $0.standingOf(record: .prospect(id: id)) }),
        ("historyOf", { _ = try await $0.historyOf(record: .prospect(id: id)) }),
        ("asks", { _ = try await $0.asks() }),
        ("decide", { try await $0.decide(questions: [Question(entry: 1, asked: 0)], decision: .drop) }),
        ("resolve", { try await $0.resolve(id: id, asked: 0, choices: [.phone: .mine]) }),
        ("handedOver", { try await $0.handedOver(entries: [1], to: "sok") }),
        ("handOver", { _ = try await $0.handOver() }),
        ("takeOver", { _ = try await $0.takeOver(export: export) }),
        ("origin", { _ = try await $0.origin(id: id) }),
        ("signIn", { try await $0.signIn(secrets: secrets()) }),
        ("signOut", { try await $0.signOut() }),
        ("drain", { _ = try await $0.drain(deadlineMs: 1_000) }),
        ("download", { _ = try await $0.download() }),
        ("pauseRemote", { try await $0.pauseRemote(remote: "prospect", reason: "x") }),
        ("resumeRemote", { try await $0.resumeRemote(remote: "prospect") }),
        ("feed", { _ = try await $0.feed(after: 0, max: 9) }),
        ("summary", { _ = try await $0.summary() }),
        ("waiting", { _ = try await $0.waiting(after: 0, limit: 9) }),
        ("health", { _ = try await $0.health() }),
        ("receipt", { _ = try await $0.receipt() }),
        ("exportUnsent", { _ = try await $0.exportUnsent() }),
        ("diagnostics", { _ = try await $0.diagnostics() }),
        ("pause", { _ = try await $0.pause(graceMs: 1_000) }),
    ]
}

/// A call of each method of an onboarding that a closed book refuses. (Making a writer asks nothing of the book.)
func everyOnboardingCall(_ path: String) -> [(String, @Sendable (any OnboardingProtocol) async throws -> Void)] {
    [
        ("personOf", { _ = try await $0.personOf(prospect: 1) }),
        ("startApplication", { _ = try await $0.startApplication(person: applicant()) }),
        ("addCoApplicant", { _ = try await $0.addCoApplicant(application: 1, person: applicant()) }),
        ("editApplication", { try await $0.editApplication(id: 1, person: applicant()) }),
        ("editCoApplicant", { try await $0.editCoApplicant(id: 2, person: applicant()) }),
        ("withdrawApplication", { try await $0.withdrawApplication(id: 1) }),
        ("withdrawCoApplicant", { try await $0.withdrawCoApplicant(id: 2) }),
        ("askRequirements", { try await $0.askRequirements(application: 1) }),
        ("application", { _ = try await $0.application(id: 1) }),
        ("applicationOf", { _ = try await $0.applicationOf(prospect: 1) }),
        ("applications", { _ = try await $0.applications(after: 0, limit: 9) }),
        ("downloadActions", { _ = try await $0.downloadActions() }),
        ("actions", { _ = try await $0.actions(filter: ActionFilter()) }),
        ("overview", { _ = try await $0.overview(filter: ActionFilter(), by: .group) }),
        ("action", { _ = try await $0.action(id: 1) }),
        ("answer", { try await $0.answer(id: 1, answer: .text(text: "x")) }),
        ("withdrawAnswer", { try await $0.withdrawAnswer(id: 1) }),
        ("attach", { _ = try await $0.attach(action: 1, source: .path(path: path), name: "a.pdf", info: "") }),
        ("captureSlot", { _ = try await $0.captureSlot() }),
        ("recovered", { _ = try await $0.recovered() }),
        ("discardCaptured", { try await $0.discardCaptured(slot: "1.jpg") }),
        ("document", { _ = try await $0.document(id: 1) }),
        ("documents", { _ = try await $0.documents(action: 1) }),
        ("thumbnails", { _ = try await $0.thumbnails(documents: [1]) }),
        ("preview", { _ = try await $0.preview(document: 1) }),
        ("withdrawDocument", { try await $0.withdrawDocument(id: 1) }),
        ("signIn", { try await $0.signIn(secrets: headers()) }),
    ]
}

/// A call of each method of a collection that a closed book refuses.
func everyCollectionCall() -> [(String, @Sendable (any CollectionDeskProtocol) async throws -> Void)] {
    let fields = ResultFields(result: "NA", action: "VISIT")
    return [
        ("signIn", { try await $0.signIn(secrets: collector()) }),
        ("downloadTasks", { _ = try await $0.downloadTasks() }),
        ("tasks", { _ = try await $0.tasks(query: TaskQuery()) }),
        ("task", { _ = try await $0.task(id: 1) }),
        ("branches", { _ = try await $0.branches() }),
        ("record", { _ = try await $0.record(task: 1, fields: fields) }),
        ("edit", { try await $0.edit(id: 1, fields: fields) }),
        ("withdraw", { try await $0.withdraw(id: 1) }),
        ("result", { _ = try await $0.result(id: 1) }),
        ("results", { _ = try await $0.results(task: 1) }),
    ]
}
