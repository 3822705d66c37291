import Foundation
import Satchel

/// What a fake book holds for its second remote, and how what is not a prospect's is on its way: values only.
struct FakeDesk {
    static let remote = "onboarding"
    /// Somebody shows it.
    var isUsed = false
    var parts: [BookRecord: FakePart] = [:]
    var people: [Int64: FakeApplicant] = [:]
    var actions: [Int64: FakeAsked] = [:]
    var papers: [Int64: FakePaper] = [:]
    /// Where a camera may have written.
    var slots: [String] = []
    var slotsGiven = 0

    /// An action's papers that were not taken back.
    func papers(of action: Int64) -> [FakePaper] {
        papers.values.filter { $0.action == action && parts[.document(id: $0.id)]?.state != .withdrawn }.sorted { $0.id < $1.id }
    }

    func isUnsent(_ record: BookRecord) -> Bool { parts[record].map { !$0.state.isSettled } ?? false }

    func person(_ record: BookRecord) throws -> FakeApplicant {
        guard let one = people[record.number], one.record == record else { throw SatchelError.NotFound(what: record.word) }
        return one
    }

    func asked(_ id: Int64) throws -> FakeAsked {
        guard let one = actions[id] else { throw SatchelError.NotFound(what: "action") }
        return one
    }

    func paper(_ id: Int64) throws -> FakePaper {
        guard let one = papers[id] else { throw SatchelError.NotFound(what: "document") }
        return one
    }

    func application(_ one: FakeApplicant) -> Application {
        let with = people.values.filter { $0.of == one.id }.sorted { $0.id < $1.id }.map { co in
            CoApplicant(
                id: co.id, application: one.id, person: co.person, index: co.madeAt, stage: stage(co.record),
                unsent: isUnsent(co.record))
        }
        return Application(
            id: one.id, applicationId: one.applicationId, partyId: one.applicationId.map { "P-" + $0 }, prospect: one.prospect,
            person: one.person, coApplicants: with, madeAt: one.madeAt, stage: stage(one.record),
            unsent: isUnsent(one.record) || with.contains(where: \.unsent))
    }

    private func stage(_ record: BookRecord) -> Stage { parts[record]?.state == .withdrawn ? .withdrawn : .live }

    func asking(_ one: FakeAsked) -> Asking {
        one.shown(
            unsent: isUnsent(.action(id: one.id)), documents: papers(of: one.id).map(\.id),
            application: people.values.compactMap(\.applicationId).min())
    }

    var askings: [Asking] { actions.values.sorted { $0.id < $1.id }.map(asking) }
}

/// Somebody who applies; with `of`, in that application.
struct FakeApplicant {
    let id: Int64
    let of: Int64?
    let prospect: Int64?
    var person: Person
    var applicationId: String?
    let madeAt = civilTime(Date()).description

    var record: BookRecord { of == nil ? .application(id: id) : .coApplicant(id: id) }
}

/// How what it holds is changed. Each change comes in the feed.
extension FakeBook {
    mutating func save(_ part: FakePart) {
        desk.parts[part.record] = part
        touch(part.record.subject)
        if case let .coApplicant(id) = part.record { touch(.application(id: desk.people[id]?.of ?? 0)) }
        if case let .document(id) = part.record { touch(.action(id: desk.papers[id]?.action ?? 0)) }
        if case let .collectionResult(id) = part.record { touch(.task(id: rounds.results[id]?.task ?? 0)) }
    }

    mutating func enter(_ record: BookRecord, as state: FakeState = .waiting) {
        save(FakePart(record, entry: 1_000_000 + Int64(desk.parts.count), state: state))
    }

    /// It is there now; `code` is what the bank calls it.
    mutating func move(_ part: FakePart, to state: FakeState, code: String? = nil) {
        var part = part
        part.state = state
        let id = part.record.number
        switch (part.record, state) {
        case (.application, .atBank):
            let known = desk.people[id]?.applicationId
            desk.people[id]?.applicationId = code ?? known ?? "A-\(id)"
        case (.document, .atBank):
            let known = desk.papers[id]?.documentId
            desk.papers[id]?.documentId = code ?? known ?? "D-\(id)"
        case (.action, .atBank): desk.actions[id]?.stage = .answered
        case (.action, .open): desk.actions[id]?.stage = .open
        default: break
        }
        save(part)
    }

    /// What waits of the other remotes arrives: applications before who applies with them, papers before answers.
    mutating func drainDesk() -> Int64 {
        var sent: Int64 = 0
        for part in desk.unsent.sorted(by: { ($0.record.turn, $0.entry) < ($1.record.turn, $1.entry) })
        where part.state == .waiting && desk.waitsFor(part).isEmpty {
            move(part, to: .atBank)
            sent += 1
        }
        return sent
    }

    /// Throws why a decision cannot be taken; nothing is changed.
    func decided(_ part: FakePart, _ question: Question, _ decision: Decision) throws -> FakePart {
        try answerable(part.state, part.question == question, decision)
        return part
    }

    mutating func settle(_ part: FakePart, _ decision: Decision) {
        switch decision {
        case .sendAgain: move(part, to: .waiting)
        case let .arrived(code): move(part, to: .atBank, code: code.isEmpty ? nil : code)
        case .drop:
            let isGone = desk.actions[part.record.number]?.isClosed ?? false
            if case .action = part.record { return move(part, to: isGone ? .gone : part.hasArrived ? .atBank : .open) }
            move(part, to: part.hasArrived ? .atBank : .withdrawn)
        }
    }

    /// What was changed goes out (again); what is under way is left alone.
    mutating func change(_ part: FakePart) {
        var part = part
        if part.isUnderWay { part.newerEdit = true } else if part.state != .waiting { part.state = .waiting }
        save(part)
    }

    /// Takes back what never left.
    mutating func takeBack(_ part: FakePart, to state: FakeState = .withdrawn) throws {
        try changeable(part)
        move(part, to: state)
    }

    /// Throws why it can no longer be changed: all but what never left, or was refused.
    func changeable(_ part: FakePart) throws {
        if part.state == .withdrawn { throw SatchelError.NotPossible(why: "withdrawn") }
        if part.state.isSettled { throw SatchelError.NotPossible(why: "at_bank") }
        if part.isUnderWay { throw SatchelError.NotPossible(why: "under_way") }
    }

    /// The bank has stopped asking, or has another's answer. The officer's is kept, and asks her if it had not arrived.
    mutating func closeAction(_ id: Int64, _ stage: ActionStage, _ why: String) {
        guard let part = desk.parts[.action(id: id)] else { return }
        desk.actions[id]?.stage = stage
        move(part, to: part.state.isSettled ? .gone : .refused(why: why))
    }

    mutating func apply(_ person: Person, of application: Int64?, from prospect: Int64?) throws -> Int64 {
        try check(person)
        if let application {
            _ = try desk.person(.application(id: application))
            if desk.parts[.application(id: application)]?.state == .withdrawn { throw SatchelError.NotPossible(why: "withdrawn") }
        }
        if let prospect {
            _ = try record(prospect)
            guard !desk.people.values.contains(where: { $0.prospect == prospect }) else {
                throw SatchelError.NotPossible(why: "has_application")
            }
            touch(.prospect(id: prospect))
        }
        let one = FakeApplicant(id: Int64(desk.people.count + 1), of: application, prospect: prospect, person: person)
        desk.people[one.id] = one
        enter(one.record)
        return one.id
    }

    mutating func edit(_ record: BookRecord, _ person: Person) throws {
        try check(person)
        var one = try desk.person(record)
        let part = try desk.part(record)
        if part.state == .withdrawn { throw SatchelError.NotPossible(why: "withdrawn") }
        if case .application = record {
            if part.hasArrived { throw SatchelError.NotPossible(why: "at_bank") }
            if part.isUnderWay { throw SatchelError.NotPossible(why: "under_way") }
        }
        guard one.person != person else { return }
        one.person = person
        desk.people[one.id] = one
        change(part)
    }

    private func check(_ person: Person) throws {
        let required = [
            ("first_name", person.firstName), ("last_name", person.lastName), ("mobile_number", person.mobileNumber),
        ]
        func wrong(_ field: String, _ problem: FieldProblem = .missing, _ expected: String = "") -> SatchelError {
            .InvalidInput(field: field, problem: problem, expected: expected)
        }
        for (field, text) in required where text.allSatisfy(\.isWhitespace) { throw wrong(field) }
        if person.dateOfBirth == nil { throw wrong("date_of_birth") }
        guard person.mobileNumber.allSatisfy({ "0123456789 -()./".contains($0) }) else {
            throw wrong("mobile_number", .form, "a phone number")
        }
        if !person.consent { throw wrong("consent") }
    }

    mutating func answer(_ id: Int64, _ answer: Answer) throws {
        var asked = try desk.asked(id)
        if asked.stage == .gone { throw SatchelError.NotPossible(why: "gone") }
        if asked.stage == .answeredElsewhere { throw SatchelError.NotPossible(why: "answered") }
        try asked.check(answer, desk.papers(of: id).map(\.id))
        asked.answer = answer
        desk.actions[id] = asked
        change(try desk.part(.action(id: id)))
    }

    mutating func attach(_ action: Int64, _ name: String, _ info: String, bytes: Int64) throws -> Attached {
        let id = Int64(desk.papers.count + 1)
        let paper = try FakePaper(id: id, action: action, name: name, info: info, bytes: bytes)
        let asked = try desk.asked(action)
        guard asked.stage == .open else { throw SatchelError.NotPossible(why: asked.stage == .gone ? "gone" : "answered") }
        let same = desk.papers.values.filter { $0.name == paper.name }.map(\.id).sorted()
        desk.papers[id] = paper
        enter(.document(id: id))
        return Attached(document: paper.shown(.waiting), same: same)
    }
}
