import Foundation
import Satchel

/// A record of another remote than the prospects' as far as it is on its way: with its one entry in the outbox.
struct FakePart {
    let record: BookRecord
    /// From a million on: prospects' entries bear the prospects' numbers.
    let entry: Int64
    let made = Date()
    private(set) var since = Date()
    /// Raised by whatever makes another question of what is shown.
    private(set) var asked: Int64 = 1
    /// The bank has had it.
    var hasArrived: Bool
    /// It left once, and no answer came.
    private(set) var wasInDoubt = false
    /// The officer has changed it while it was under way.
    var newerEdit = false
    var state: FakeState {
        didSet {
            asked += 1
            since = Date()
            newerEdit = false
            if state == .atBank { hasArrived = true }
            if state == .doubtful || state.shown.entry == .asks { wasInDoubt = true }
        }
    }

    init(_ record: BookRecord, entry: Int64, state: FakeState) {
        (self.record, self.entry, self.state, hasArrived) = (record, entry, state, state == .atBank)
    }

    var question: Question { Question(entry: entry, asked: asked) }

    var askedAbout: AskedAbout { AskedAbout(question: question, record: record, since: since, sent: since, rows: []) }

    /// It may have left.
    var isUnderWay: Bool { state == .onTheWay || state == .doubtful || state.shown.entry == .asks }

    /// What can be done besides answering: while it is open, and once it is settled.
    var can: (unsent: [Can], settled: [Can]) {
        switch record {
        case .prospect: ([], [])
        case .application: hasArrived ? ([], []) : ([.edit, .withdraw], [])
        case .coApplicant: hasArrived ? ([.edit], state == .atBank ? [.edit] : []) : ([.edit, .withdraw], [])
        case .action: ([.edit, .withdraw], [.edit])
        case .document: ([.withdraw], [])
        case .collectionResult: ([.edit, .withdraw], [])
        case .crmObject: ([], [])
        }
    }
}

/// How the other remotes' records are seen.
extension FakeDesk {
    var entries: [FakePart] { parts.values.filter { $0.state != .open }.sorted { $0.entry < $1.entry } }
    var unsent: [FakePart] { entries.filter { !$0.state.isSettled } }

    func part(_ record: BookRecord) throws -> FakePart {
        guard let part = parts[record] else { throw SatchelError.NotFound(what: record.word) }
        return part
    }

    /// The bank takes it no more.
    private func isClosed(_ part: FakePart) -> Bool {
        if case let .action(id) = part.record { actions[id]?.isClosed ?? false } else { false }
    }

    /// What goes before it and has not arrived.
    func waitsFor(_ part: FakePart) -> [FakePart] {
        let before: [BookRecord]
        switch part.record {
        case let .coApplicant(id): before = [.application(id: people[id]?.of ?? 0)]
        case let .action(id): before = papers(of: id).map { .document(id: $0.id) }
        default: before = []
        }
        return before.compactMap { parts[$0] }.filter { !$0.state.isSettled }
    }

    /// What goes before it waits for the officer.
    private func isBlocked(_ part: FakePart) -> Bool {
        part.state == .waiting && waitsFor(part).contains { [.asks, .refused].contains($0.state.shown.entry) }
    }

    func counted(_ part: FakePart) -> String { isBlocked(part) ? "blocked" : part.state.shown.counted }

    func place(_ part: FakePart) -> Place {
        if isClosed(part) { return .goneElsewhere }
        return part.state == .waiting && part.hasArrived ? .changeOnTablet : part.state.shown.place
    }

    /// Where it stands; `next` is what the book waits for, if it waits.
    func standing(_ part: FakePart, _ next: Next?, _ more: [Can]) -> Standing {
        let own = isClosed(part) ? (unsent: [], settled: []) : part.can
        let step: Next
        var can: [Can]
        switch part.state {
        case .atBank, .rejected, .withdrawn, .gone, .open, .conflict: (step, can) = (.nothing, own.settled)
        case .asks: (step, can) = (.youDecide, [.sendAgain, .itIsThatOne, .drop])
        case .refused: (step, can) = (.youDecide, [.sendAgain, .drop])
        case .waiting where isBlocked(part): (step, can) = (.waitsForOlder, [])
        case .doubtful: (step, can) = (next ?? .readBackIn(after: 180), [])
        case .waiting, .onTheWay: (step, can) = (next ?? .sentSoon, [])
        }
        if !part.state.isSettled { can = own.unsent.filter { $0 == .edit } + can + own.unsent.filter { $0 != .edit } + more }
        return Standing(
            place: place(part), why: part.state.shown.why, words: part.state.shown.words, next: step, can: can, intent: nil,
            since: part.state.isSettled ? nil : part.since, newerEdit: part.newerEdit)
    }

    /// Its entry; nothing of what is only asked for.
    func waiting(_ part: FakePart) -> Waiting? {
        if part.state == .open { return nil }
        let shown = part.state.shown
        let isNew = part.state == .waiting
        let question = isNew || shown.entry == .refused ? part.question : nil
        return Waiting(
            entry: part.entry, question: question, remote: part.record.remote, lane: "\(part.record.word):\(part.record.number)",
            verb: part.record.verb, state: isBlocked(part) ? .blocked : shown.entry, why: shown.why, words: shown.words,
            attempt: isNew ? 0 : 1, doubts: part.state == .doubtful ? 1 : 0, made: part.made, sent: isNew ? nil : part.since,
            since: part.since)
    }
}

extension BookRecord {
    var number: Int64 {
        switch self {
        case let .prospect(id), let .application(id), let .coApplicant(id), let .action(id), let .document(id),
            let .collectionResult(id), let .crmObject(id): id
        }
    }

    /// As lanes and `NotFound` spell it.
    var word: String {
        switch self {
        case .prospect: "prospect"
        case .application: "application"
        case .coApplicant: "co_applicant"
        case .action: "action"
        case .document: "document"
        case .collectionResult: "collection_result"
        case .crmObject: "crm_object"
        }
    }

    var verb: String {
        switch self {
        case .prospect, .application, .crmObject: "create"
        case .coApplicant: "update"
        case .action: "answer"
        case .document: "upload"
        case .collectionResult: "result"
        }
    }

    var remote: String {
        switch self {
        case .prospect: FakeBook.remote
        case .application, .coApplicant, .action, .document: FakeDesk.remote
        case .collectionResult: FakeRounds.remote
        case .crmObject: "vbot"
        }
    }

    var subject: FeedSubject {
        switch self {
        case let .prospect(id): .prospect(id: id)
        case let .application(id): .application(id: id)
        case let .coApplicant(id): .coApplicant(id: id)
        case let .action(id): .action(id: id)
        case let .document(id): .document(id: id)
        case let .collectionResult(id): .collectionResult(id: id)
        case let .crmObject(id): .crmObject(id: id)
        }
    }

    /// In what order a fake sends.
    var turn: Int {
        switch self {
        case .prospect, .application, .collectionResult, .crmObject: 0
        case .coApplicant: 1
        case .document: 2
        case .action: 3
        }
    }
}
