import Foundation
import Satchel

/// The verbs of the tablet for applications, what the bank asks, and papers.
extension Player {
    private var onboarding: Onboarding { Onboarding(book: book) }

    /// Does what the step says, once; nothing for a verb that is not one of these.
    func actOnboarding(_ step: Step) async throws -> JSON? {
        switch step.verb {
        case "apply": try await apply(step)
        case "co_apply":
            let id = try await onboarding.addCoApplicant(
                application: try application(step), person: try person(step, dara))
            names[try step.given()] = .coApplicant(id: id)
        case "ask_requirements": try await onboarding.askRequirements(application: try application(step))
        case "download_actions": return try await onboarding.downloadActions().json
        case "actions": return try await actions(step)
        case "answer": try await onboarding.answer(id: try action(step), answer: try answer(step))
        case "attach": return try await attach(step)
        default: return nil
        }
        return [:]
    }

    /// With `from`, the prospect's form is filled first.
    private func apply(_ step: Step) async throws {
        var (form, from) = (dara, Int64?.none)
        if let name = step.with["from"]?.string {
            let id = try prospect(name)
            let filled = try await onboarding.personOf(prospect: id)
            (form, from) = (filled.with(dateOfBirth: dara.dateOfBirth, consent: true), id)
        }
        let id = try await onboarding.startApplication(person: try person(step, form), from: from)
        names[try step.given()] = .application(id: id)
    }

    /// Changes an applicant or co-applicant.
    func edit(_ step: Step, _ who: BookRecord) async throws {
        switch who {
        case let .application(id):
            let now = try await onboarding.application(id: id).person
            try await onboarding.editApplication(id: id, person: try person(step, now))
        case let .coApplicant(id): try await onboarding.editCoApplicant(id: id, person: try person(step, dara))
        default: throw Wrong("it is nobody")
        }
    }

    /// Takes back what never left.
    func withdraw(_ what: BookRecord) async throws {
        switch what {
        case let .application(id): try await onboarding.withdrawApplication(id: id)
        case let .coApplicant(id): try await onboarding.withdrawCoApplicant(id: id)
        case let .action(id): try await onboarding.withdrawAnswer(id: id)
        case let .document(id): try await onboarding.withdrawDocument(id: id)
        case let .collectionResult(id): try await collection.withdraw(id: id)
        case .crmObject: throw Wrong("there is none in a scenario")
        case .prospect: throw Wrong("a prospect is withdrawn by its own verb")
        }
    }

    /// What the book has of it.
    func get(_ what: BookRecord) async throws -> JSON {
        switch what {
        case let .prospect(id): try await book.get(id: id).json
        case let .application(id): shown(try await onboarding.application(id: id))
        case let .action(id): shown(try await onboarding.action(id: id))
        case let .document(id): .object(shown(try await onboarding.document(id: id)))
        case let .collectionResult(id): shown(try await collection.result(id: id))
        case .crmObject: throw Wrong("there is none in a scenario")
        case .coApplicant: throw Wrong("`get` of its application shows it")
        }
    }

    private func actions(_ step: Step) async throws -> JSON {
        let filter = ActionFilter(
            group: step.with["group"]?.string, toDo: step.with["to_do"]?.flag ?? false,
            includeClosed: step.with["include_closed"]?.flag ?? false)
        let progress = try await onboarding.overview(filter: filter, by: .group).progress
        let names = try await onboarding.actions(filter: filter).map { JSON.text($0.name) }
        return ["names": .list(names), "answered": .count(progress.answered), "left": .count(progress.left)]
    }

    private func attach(_ step: Step) async throws -> JSON {
        let path = package + "/../../" + (try step.text("file"))
        let attached = try await onboarding.attach(
            action: try action(step), source: .path(path: path), name: try step.text("name"),
            info: step.with["info"]?.string ?? "")
        var value = shown(attached.document)
        value["same"] = .list(attached.same.map { .text(name(of: .document(id: $0))) })
        if let name = step.name { names[name] = .document(id: attached.document.id) }
        return .object(value)
    }

    /// Gives a name to what the bank asks under the name `action`; with `of`, of that application.
    func nameAction(_ step: Step) async throws {
        let asked = try step.text("action")
        let code = step.of == nil ? nil : try await onboarding.application(id: try application(step)).applicationId
        let all = try await onboarding.actions(filter: ActionFilter(includeClosed: true))
        guard let one = all.first(where: { $0.name == asked && (code == nil || $0.application == code) }) else {
            throw Wrong("the bank does not ask `\(asked)`")
        }
        names[try step.given()] = .action(id: one.id)
    }

    func application(_ step: Step) throws -> Int64 {
        guard case let .application(id) = try record(step) else { throw Wrong("it is no application") }
        return id
    }

    func action(_ step: Step) throws -> Int64 {
        guard case let .action(id) = try record(step) else { throw Wrong("it is nothing that the bank asks") }
        return id
    }

    func paper(_ name: String) throws -> Int64 {
        guard case let .document(id) = try record(name) else { throw Wrong("`\(name)` is no paper") }
        return id
    }

    private func answer(_ step: Step) throws -> Answer {
        guard let (kind, value) = step.with.first else { throw Wrong("it needs an answer") }
        let texts = value.items?.compactMap(\.string) ?? []
        switch kind {
        case "text": return .text(text: value.string ?? "")
        case "date": return .date(day: try day(value))
        case "choice": return .choice(values: texts)
        case "papers": return .papers(documents: try texts.map(paper))
        default: throw Wrong("there is no answer by `\(kind)`")
        }
    }

    private func shown(_ application: Application) -> JSON {
        [
            "has_id": .bool(application.applicationId != nil), "first_name": .text(application.person.firstName),
            "last_name": .text(application.person.lastName), "mobile_number": .text(application.person.mobileNumber),
            "prospect": .optional(application.prospect.map { name(of: .prospect(id: $0)) }),
            "co_applicants": .list(application.coApplicants.map { .text(name(of: .coApplicant(id: $0.id))) }),
            "unsent": .bool(application.unsent),
        ]
    }

    private func shown(_ asking: Asking) -> JSON {
        func papers(_ ids: [Int64]) -> JSON { .list(ids.map { .text(name(of: .document(id: $0))) }) }
        let answer: JSON =
            switch asking.answer {
            case nil: .null
            case let .text(text): ["text": .text(text)]
            case let .date(day): ["date": .text("\(day)")]
            case let .choice(values): ["choice": .list(values.map(JSON.text))]
            case let .papers(ids): ["papers": papers(ids)]
            }
        return [
            "stage": .text(word(asking.stage)), "title": .text(asking.title), "information": .text(asking.informationText),
            "answer": answer, "papers": papers(asking.documents), "unsent": .bool(asking.unsent),
        ]
    }

    private func shown(_ document: Document) -> [String: JSON] {
        [
            "name": .text(document.name), "stage": .text(word(document.stage)), "mime": .text(document.mime),
            "pages": .count(document.pages), "bytes": .count(document.after.bytes), "has_id": .bool(document.documentId != nil),
        ]
    }
}

/// Who applies where the file does not say.
private let dara = Person(
    firstName: "Dara", lastName: "Sok", dateOfBirth: CivilDate(year: 1985, month: 10, day: 10), mobileNumber: "12345678",
    consent: true)

/// That person, with what the step says of her.
private func person(_ step: Step, _ known: Person) throws -> Person {
    try step.with.filter { $0.key != "from" }.reduce(known) { person, said in
        let (value, text) = (said.value, said.value.string ?? "")
        return switch said.key {
        case "first_name": person.with(firstName: text)
        case "last_name": person.with(lastName: text)
        case "date_of_birth": person.with(dateOfBirth: .some(value == .null ? nil : try day(value)))
        case "email": person.with(email: text)
        case "mobile_country_code": person.with(mobileCountryCode: text)
        case "mobile_number": person.with(mobileNumber: text)
        case "branch": person.with(branch: text)
        case "existing": person.with(existing: value == true)
        case "consent": person.with(consent: value == true)
        case let other: throw Wrong("nobody has a `\(other)`")
        }
    }
}

func day(_ value: JSON) throws -> CivilDate {
    guard let day = CivilDate(value.string ?? "") else { throw Wrong("\(value) is no day") }
    return day
}
