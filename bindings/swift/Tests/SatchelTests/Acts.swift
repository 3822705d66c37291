import Foundation
import Satchel

/// The verbs of the tablet.
extension Player {
    /// Does what the step says, once; nothing for a verb that is not the tablet's.
    func act(_ step: Step) async throws -> JSON? {
        switch step.verb {
        case "sign_in", "sign_out", "link", "resume", "pause", "drain", "restart", "lock", "pause_remote", "resume_remote":
            try await life(step)
        case "add", "edit", "edit_by_code", "reject", "withdraw", "save_draft", "remove_draft":
            try await change(step)
        case "get", "list", "draft", "standing", "summary", "asks", "feed", "health":
            try await look(step)
        case "download", "receipt", "decide", "resolve", "name":
            try await settle(step)
        default:
            nil
        }
    }

    private func life(_ step: Step) async throws -> JSON {
        switch step.verb {
        case "sign_in":
            try await book.signIn(secrets: secrets(session))
            if hasOnboarding { try await Onboarding(book: book).signIn(secrets: headers(session)) }
            if hasCollection { try await collection.signIn(secrets: collector(sandbox.hashKey)) }
        case "sign_out": try await book.signOut()
        case "link": try await book.linkChanged(link: try link(step))
        case "resume": try await book.resume()
        case "pause": return ["quiet": .bool(try await book.pause(graceMs: try step.number("grace_ms")))]
        case "drain":
            let report = try await book.drain(deadlineMs: try step.number("deadline_ms"))
            return ["sent": .count(report.sent), "left": .count(report.left), "why_stopped": .text(report.whyStopped.word)]
        case "lock": try await book.lock()
        case "pause_remote": try await book.pauseRemote(remote: "prospect", reason: try step.text("reason"))
        case "resume_remote": try await book.resumeRemote(remote: "prospect")
        default: try await restart()
        }
        return [:]
    }

    private func change(_ step: Step) async throws -> JSON {
        switch step.verb {
        case "add": return try await add(step)
        case "edit":
            switch try record(step) {
            case let .prospect(id): try await book.edit(id: id, changed: try fields(step))
            case let .collectionResult(id): try await collection.edit(id: id, fields: try recorded(step))
            case let who: try await edit(step, who)
            }
        case "edit_by_code": _ = try await book.editByCode(code: try await code(step), changed: try fields(step))
        case "reject": return ["taken_back": .text(word(try await book.reject(id: try prospect(step))))]
        case "withdraw":
            switch try record(step) {
            case let .prospect(id): return ["taken_back": .text(word(try await book.withdraw(id: id)))]
            case let what: try await withdraw(what)
            }
        case "save_draft": _ = try await book.saveDraft(about: try about(step), form: try step.text("form"))
        default: try await book.removeDraft(about: try about(step))
        }
        return [:]
    }

    private func add(_ step: Step) async throws -> JSON {
        try await offTheMinute()
        let draft = step.with["from_draft"]?.string.map { DraftAbout.new(form: $0) }
        let added = try await book.add(fields: try fields(step), draft: draft)
        names[try step.given()] = .prospect(id: added.id)
        return ["similar": .list(added.similar.map { .text(name(of: .prospect(id: $0.id))) })]
    }

    private func look(_ step: Step) async throws -> JSON {
        switch step.verb {
        case "get": return try await get(try record(step))
        case "list":
            let page = try await book.list(query: query(step))
            return ["names": .list(page.items.map { .text(name(of: .prospect(id: $0.id))) }), "more": .bool(page.next != nil)]
        case "draft": return ["form": .optional(try await book.draft(about: try about(step))?.form)]
        case "standing": return try await book.standingOf(record: try record(step)).json
        case "summary": return try await book.summary().json
        case "health": return try await book.health().json
        case "asks":
            let asks = try await book.asks().map { ask -> JSON in
                let about = ask.about.map { about -> JSON in
                    ["of": .text(name(of: about.record)), "rows": .count(Int64(about.rows.count))]
                }
                return ["code": .text(ask.code), "about": .list(about)]
            }
            return ["asks": .list(asks)]
        default: return try await feed()
        }
    }

    /// What changed since the last time, each once, and whether the revisions only rose.
    private func feed() async throws -> JSON {
        var changed: [JSON] = []
        var rising = true
        while let batch = try await nextBatch() {
            for item in batch.items {
                rising = rising && item.revision > cursor
                cursor = item.revision
                let named = JSON.text(subject(item.subject))
                if !changed.contains(named) { changed.append(named) }
            }
        }
        return ["changed": .list(changed), "rising": .bool(rising)]
    }

    /// The feed waits until there is something: nothing new within a moment is nothing new.
    private func nextBatch() async throws -> FeedBatch? {
        let changes = book.changes(after: cursor)
        let reading = Task {
            var iterator = changes.makeAsyncIterator()
            return try await iterator.next()
        }
        let moment = Task {
            try await Task.sleep(for: .milliseconds(100))
            reading.cancel()
        }
        defer { moment.cancel() }
        return try await reading.value
    }

    private func settle(_ step: Step) async throws -> JSON {
        switch step.verb {
        case "download":
            let code = step.of == nil ? nil : try await code(step)
            return try await book.download(code: code).json
        case "receipt": return try JSON.read(try await book.receipt().json)
        case "resolve":
            let id = try prospect(step)
            let choices = try step.with.map { (try field($0.key), $0.value == "mine" ? Choice.mine : Choice.theirs) }
            let asked = try await book.get(id: id).conflict?.asked ?? 0
            try await book.resolve(id: id, asked: asked, choices: Dictionary(uniqueKeysWithValues: choices))
        case "decide": try await decide(step)
        case "name" where step.with["action"] != nil: try await nameAction(step)
        default:
            let found = try await book.list(query: ProspectQuery(text: try step.text("text"))).items
            guard let one = found.first, found.count == 1 else { throw Wrong("\(found.count) are found") }
            names[try step.given()] = .prospect(id: one.id)
        }
        return [:]
    }

    private func decide(_ step: Step) async throws {
        let decision: Decision =
            switch try step.text("answer") {
            case "send_again": .sendAgain
            case "drop": .drop
            case "arrived": .arrived(code: try await code(of: step.with["code_of"]?.string))
            case let other: throw Wrong("there is no answer `\(other)`")
            }
        try await book.decide(questions: try await questions(step), decision: decision)
    }

    /// The code under which the server has it; empty if nobody is named.
    private func code(of name: String?) async throws -> String {
        guard let name else { return "" }
        return try await codeAtServer(name)
    }

    /// The question about each as it is shown now, or its oldest entry that can be answered.
    private func questions(_ step: Step) async throws -> [Question] {
        let all = try step.with["all"]?.items?.compactMap(\.string) ?? [step.about()]
        let asked = try await book.asks().flatMap(\.about)
        var questions: [Question] = []
        for name in all {
            let record = try record(name)
            let waits = try await book.historyOf(record: record).lazy.compactMap(\.question).first
            guard let question = asked.first(where: { $0.record == record })?.question ?? waits else {
                throw Wrong("nothing is to be answered about `\(name)`")
            }
            questions.append(question)
        }
        return questions
    }

    private func about(_ step: Step) throws -> DraftAbout {
        step.of == nil ? .new(form: try step.text("about")) : .prospect(id: try prospect(step))
    }

    private func link(_ step: Step) throws -> NetworkLink {
        switch try step.text("link") {
        case "none": .none
        case "metered": .metered
        case "unmetered": .unmetered
        case "unknown": .unknown
        case let other: throw Wrong("there is no link `\(other)`")
        }
    }

    /// The changes that `with` holds: a text sets, `null` clears.
    private func fields(_ step: Step) throws -> [FieldChange] {
        try step.with.filter { $0.key != "from_draft" }.map { name, value in
            let field = try field(name)
            return value.string.map { .text(field: field, text: $0) } ?? .clear(field: field)
        }
    }

    private func query(_ step: Step) -> ProspectQuery {
        ProspectQuery(
            text: step.with["text"]?.string, status: step.with["status"]?.string,
            villagePrefix: step.with["village_prefix"]?.string, unsent: step.with["unsent"]?.flag,
            conflict: step.with["conflict"]?.flag, includeClosed: step.with["include_closed"]?.flag ?? false)
    }

    private func subject(_ subject: FeedSubject) -> String {
        switch subject {
        case let .prospect(id): name(of: .prospect(id: id))
        case let .application(id): name(of: .application(id: id))
        case let .coApplicant(id): name(of: .coApplicant(id: id))
        case let .action(id): name(of: .action(id: id))
        case let .document(id): name(of: .document(id: id))
        case let .collectionResult(id): name(of: .collectionResult(id: id))
        case let .crmObject(id): name(of: .crmObject(id: id))
        case .task: "task"
        case .prospects: "prospects"
        case .draft: "draft"
        case .session: "session"
        case .remote: "remote"
        case .other: "other"
        }
    }
}

/// The field of that name.
func field(_ name: String) throws -> Field {
    guard let field = fieldByName(name: name) else { throw Wrong("there is no field `\(name)`") }
    return field
}
