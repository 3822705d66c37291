import Foundation
import Satchel

/// What a fake book holds: values only. `FakeSatchel` locks it and wakes who waits.
struct FakeBook {
    static let remote = "prospect"
    var records: [Int64: FakeRecord] = [:]
    var drafts: [Draft] = []
    var changes: [FeedItem] = []
    var revision: Int64 = 0
    /// By the call, of this protocol or the other.
    var script: [AnyHashable: [SatchelError]] = [:]
    var desk = FakeDesk()
    var rounds = FakeRounds()
    var isClosed = false
    var diskIsFull = false
    var session = FakeSession.open
    var link = NetworkLink.unmetered
    var paused: String?

    var inOrder: [FakeRecord] { records.values.sorted { $0.id < $1.id } }
    var unsent: [FakeRecord] { inOrder.filter { !$0.state.isSettled } }

    mutating func touch(_ subject: FeedSubject) {
        revision += 1
        changes.removeAll { $0.subject == subject }
        changes.append(FeedItem(revision: revision, subject: subject))
    }

    mutating func session(_ new: FakeSession) {
        session = new
        touch(.session(remote: Self.remote))
    }

    /// Something of the remote's own.
    mutating func change(_ work: (inout FakeBook) -> Void) {
        work(&self)
        touch(.remote(remote: Self.remote))
    }

    /// The changes after a cursor; nothing where there is none yet.
    func batch(after: Int64, max: Int32) -> FeedBatch? {
        let start = after > revision || after < 0 ? 0 : after
        let items = changes.filter { $0.revision > start }.prefix(Int(min(Swift.max(max, 1), 500)))
        guard let last = items.last else { return after > 0 && start == 0 ? FeedBatch(items: [], revision: 0, snapshot: true) : nil }
        return FeedBatch(items: Array(items), revision: last.revision, snapshot: start == 0)
    }

    func record(_ id: Int64) throws -> FakeRecord {
        guard let record = records[id] else { throw SatchelError.NotFound(what: "prospect") }
        return record
    }

    func record(code: String) throws -> FakeRecord {
        guard let record = inOrder.first(where: { $0.code == code }) else { throw SatchelError.NotFound(what: "prospect") }
        return record
    }

    mutating func save(_ record: FakeRecord) {
        records[record.id] = record
        touch(.prospect(id: record.id))
    }

    mutating func add(_ changed: [FieldChange], as state: FakeState) -> Int64 {
        let id = Int64(records.count + 1)
        save(FakeRecord(id: id, code: state.shown.hasCode ? "F-\(id)" : nil, fields: merged([:], changed), state: state))
        return id
    }

    /// A record that may still change, or why it may not.
    func live(_ id: Int64) throws -> FakeRecord {
        let record = try record(id)
        switch (record.state, record.intent) {
        case (.rejected, _): throw SatchelError.NotPossible(why: "rejected")
        case (.withdrawn, _): throw SatchelError.NotPossible(why: "withdrawn")
        case (.gone, _): throw SatchelError.NotPossible(why: "gone")
        case (_, .reject): throw SatchelError.NotPossible(why: "reject_pending")
        case (_, .withdraw): throw SatchelError.NotPossible(why: "taken_back")
        default: return record
        }
    }

    mutating func edit(_ id: Int64, _ changed: [FieldChange]) throws {
        var record = try live(id)
        let fields = merged(record.fields, changed)
        guard fields != record.fields else { return }
        record.fields = fields
        record.revision += 1
        if record.state.isSettled || record.state.shown.entry == .refused {
            record.state = .waiting
        } else if record.state != .waiting {
            record.newerEdit = true
        }
        drafts.removeAll { $0.about == .prospect(id: id) }
        save(record)
    }

    mutating func takeBack(_ id: Int64, _ intent: Intent) throws -> TakenBack {
        var record = try live(id)
        if record.code != nil {
            guard intent == .reject else { throw SatchelError.NotPossible(why: "at_bank") }
            record.state = .waiting
            record.intent = .reject
        } else if record.state == .waiting || record.state.shown.entry == .refused {
            record.state = .withdrawn
        } else {
            record.intent = intent
        }
        save(record)
        return record.state == .withdrawn ? .now : .whenKnown
    }

    /// Sends what waits: it arrives.
    mutating func drain() -> DrainReport {
        let waits = waitsFor?.what
        var sent: Int64 = 0
        if waits == nil {
            for record in unsent where record.state == .waiting { sent += arrive(record) }
            sent += drainDesk()
        }
        let left = unsent.map(\.state) + desk.unsent.map(\.state)
        let why = waits ?? (left.contains { $0 == .doubtful || $0 == .onTheWay } ? "time" : "officer")
        return DrainReport(
            sent: sent, left: Int64(left.count), whyStopped: left.isEmpty ? .done : .waits(whatFor: why), nextDue: nil)
    }

    private mutating func arrive(_ record: FakeRecord) -> Int64 {
        var record = record
        record.code = record.code ?? "F-\(record.id)"
        record.state = record.intent == .reject ? .rejected : .atBank
        save(record)
        return 1
    }

    /// Records with the same question and nothing to show are asked about together.
    func asks() -> [Ask] {
        var (alone, together): ([Ask], [String: [AskedAbout]]) = ([], [:])
        for record in inOrder {
            guard case let .asks(code, rows) = record.state else { continue }
            let about = AskedAbout(
                question: record.question, record: .prospect(id: record.id), since: record.since, sent: record.since, rows: rows)
            if rows.isEmpty { together[code, default: []].append(about) } else { alone.append(Ask(code: code, about: [about])) }
        }
        for part in desk.unsent { if case let .asks(code, _) = part.state { together[code, default: []].append(part.askedAbout) } }
        return alone + together.sorted { $0.key < $1.key }.map { Ask(code: $0.key, about: $0.value) }
    }

    mutating func decide(_ questions: [Question], _ decision: Decision) throws {
        var (answered, parts): ([FakeRecord], [FakePart]) = ([], [])
        for question in questions {
            if let part = desk.parts.values.first(where: { $0.entry == question.entry }) {
                parts.append(try decided(part, question, decision))
                continue
            }
            guard var record = records[question.entry] else { throw SatchelError.NotFound(what: "entry") }
            try answerable(record.state, record.question == question, decision)
            record.state = decided(record, decision)
            if case let .arrived(code) = decision { record.code = code }
            answered.append(record)
        }
        answered.forEach { save($0) }
        parts.forEach { settle($0, decision) }
    }

    /// Throws why a decision about what is there cannot be taken.
    func answerable(_ state: FakeState, _ isAsked: Bool, _ decision: Decision) throws {
        let no = { SatchelError.NotPossible(why: $0) }
        switch state {
        case .conflict: throw no("conflict")
        case .onTheWay, .doubtful: throw no("under_way")
        case let state where state.isSettled: throw no("settled_meanwhile")
        default: break
        }
        guard isAsked else { throw no("asked_anew") }
        guard case .arrived = decision else { return }
        guard case .asks = state else { throw no("not_asked") }
    }

    private func decided(_ record: FakeRecord, _ decision: Decision) -> FakeState {
        switch decision {
        case .sendAgain: .waiting
        case .drop: record.code == nil ? .withdrawn : .atBank
        case .arrived: .atBank
        }
    }

    mutating func resolve(_ id: Int64, _ asked: Int64, _ choices: [Field: Choice]) throws {
        var record = try record(id)
        guard let conflict = record.conflict else { throw SatchelError.NotPossible(why: "no_conflict") }
        guard conflict.asked == asked else { throw SatchelError.NotPossible(why: "asked_anew") }
        for field in choices.keys where !conflict.fields.contains(where: { $0.field == field }) {
            throw SatchelError.InvalidInput(field: fieldName(of: field), problem: .form, expected: "a field in conflict")
        }
        for one in conflict.fields where choices[one.field] == .theirs { record.fields[one.field] = one.theirs }
        let left = conflict.fields.filter { choices[$0.field] == nil }
        let mine = conflict.fields.contains { choices[$0.field] == .mine }
        record.state = left.isEmpty ? (mine ? .waiting : .atBank) : .conflict(fields: left)
        save(record)
    }
}

/// What the book knows of the officer's session.
enum FakeSession { case open, refused, none }

/// A name as the library spells it, without asking the library: `nameEn` is `name_en`.
private func fieldName(of field: Field) -> String {
    "\(field)".reduce(into: "") { $0 += $1.isUppercase || $1.isNumber ? "_" + $1.lowercased() : String($1) }
}

private func merged(_ fields: [Field: String], _ changed: [FieldChange]) -> [Field: String] {
    changed.reduce(into: fields) { fields, change in
        let (field, text): (Field, String) =
            switch change {
            case let .text(field, text): (field, text)
            case let .number(field, number): (field, String(number))
            case let .flag(field, yes): (field, yes ? "1" : "0")
            case let .at(field, at): (field, at.description.replacing("T", with: " ") + ".000")
            case let .day(field, day): (field, day.description + " 00:00:00.000")
            case let .clear(field): (field, "")
            }
        fields[field] = text.isEmpty ? nil : text
    }
}
