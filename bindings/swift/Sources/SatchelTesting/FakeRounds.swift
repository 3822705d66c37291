import Foundation
import Satchel

/// What a fake book holds of late payers, and of what was recorded of them: values only.
struct FakeRounds {
    static let remote = "collection"
    /// Somebody shows it.
    var isUsed = false
    var tasks: [Int64: FakeLatePayer] = [:]
    var results: [Int64: FakeResult] = [:]

    func task(_ id: Int64) throws -> FakeLatePayer {
        guard let one = tasks[id] else { throw SatchelError.NotFound(what: "task") }
        return one
    }

    func result(_ id: Int64) throws -> FakeResult {
        guard let one = results[id] else { throw SatchelError.NotFound(what: "collection_result") }
        return one
    }

    /// What was recorded of her, oldest first.
    func results(of task: Int64) -> [FakeResult] {
        results.values.filter { $0.task == task }.sorted { $0.id < $1.id }
    }
}

/// A late payer as a fake bank lists her.
struct FakeLatePayer {
    let id: Int64
    var task: FakeTask
    /// The bank no longer lists her.
    var gone = false
}

/// What was recorded of a late payer.
struct FakeResult {
    let id: Int64
    let task: Int64
    var fields: ResultFields
    let made = Date()

    var record: BookRecord { .collectionResult(id: id) }
}

/// How late payers are seen and what is recorded of them is changed. Each change comes in the feed.
extension FakeBook {
    mutating func bring(_ task: FakeTask) -> Int64 {
        let known = rounds.tasks.values.first { $0.task.contract == task.contract }?.id
        let id = known ?? Int64(rounds.tasks.count + 1)
        rounds.tasks[id] = FakeLatePayer(id: id, task: task)
        touch(.task(id: id))
        return id
    }

    mutating func paid(_ id: Int64) {
        guard rounds.tasks[id] != nil else { return }
        rounds.tasks[id]?.gone = true
        touch(.task(id: id))
    }

    mutating func record(_ task: Int64, _ fields: ResultFields) throws -> Int64 {
        let checked = try checked(fields)
        if try rounds.task(task).task.contract.count > 25 {
            throw SatchelError.InvalidInput(field: "contract", problem: .tooLong, expected: "at most 25 characters")
        }
        let one = FakeResult(id: Int64(rounds.results.count + 1), task: task, fields: checked)
        rounds.results[one.id] = one
        enter(one.record)
        return one.id
    }

    mutating func editResult(_ id: Int64, _ fields: ResultFields) throws {
        let checked = try checked(fields)
        let part = try recorded(id)
        rounds.results[id]?.fields = checked
        change(part)
    }

    mutating func withdrawResult(_ id: Int64) throws { try takeBack(try recorded(id)) }

    /// What can still be changed: one that is sent again by the officer's word may have arrived the first time.
    private func recorded(_ id: Int64) throws -> FakePart {
        let part = try desk.part(try rounds.result(id).record)
        if part.state == .waiting && part.wasInDoubt { throw SatchelError.NotPossible(why: "under_way") }
        try changeable(part)
        return part
    }

    /// With the time of the visit. Throws as the library does; a fake bank's lists hold any code.
    private func checked(_ fields: ResultFields) throws -> ResultFields {
        func wrong(_ field: String, _ problem: FieldProblem, _ expected: String = "") -> SatchelError {
            .InvalidInput(field: field, problem: problem, expected: expected)
        }
        for (field, code) in [("result", fields.result), ("action", fields.action)] {
            if code.isEmpty { throw wrong(field, .missing) }
            if code.unicodeScalars.count > 10 { throw wrong(field, .tooLong, "at most 10 characters") }
        }
        if fields.remark.unicodeScalars.count > 255 { throw wrong("remark", .tooLong, "at most 255 characters") }
        let collected = fields.collected ?? civilTime(Date())
        guard collected.year >= 2000, collected <= civilTime(Date() + 60) else {
            throw wrong("collected", .form, "a time from the year 2000 until now")
        }
        if let promised = fields.promised, promised < collected.date {
            throw wrong("promised", .form, "a day from the visit on, as far ahead as the profile allows")
        }
        guard (0...999).contains(fields.period) else { throw wrong("period", .form, "a whole number from 0 to 999") }
        return fields.with(collected: collected)
    }

    func shown(_ one: FakeResult) -> CollectionResult {
        let state = desk.parts[one.record]?.state ?? .waiting
        let stage: ResultStage = state == .atBank ? .delivered : state == .withdrawn ? .withdrawn : .live
        return CollectionResult(
            id: one.id, task: one.task, fields: one.fields, stage: stage, madeAt: one.made, unsent: desk.isUnsent(one.record))
    }

    func listed(_ one: FakeLatePayer) -> TaskListed {
        let results = rounds.results(of: one.id).map(shown)
        let kept = results.filter { $0.stage != .withdrawn }
        let dated = kept.compactMap { result in result.fields.collected.map { (at: $0, result: result) } }
        let last = dated.max { ($0.at, $0.result.id) < ($1.at, $1.result.id) }.map {
            Recorded(
                id: $0.result.id, result: $0.result.fields.result, collected: $0.at, promised: $0.result.fields.promised)
        }
        let today = civilTime(Date()).date
        return one.task.listed(
            id: one.id, gone: one.gone, last: last, today: dated.contains { $0.at.date == today },
            unsent: Int64(results.count(where: \.unsent)))
    }

    func page(_ query: TaskQuery) throws -> TaskPage {
        let today = civilTime(Date()).date
        let found = rounds.tasks.values.map(listed).filter { $0.fits(query) }.sorted { $0.isBefore($1, on: today) }
        var start = 0
        if let after = query.after {
            guard let id = after.split(separator: "-").last.flatMap({ Int64($0) }), after == "after-\(id)" else {
                throw SatchelError.InvalidInput(field: "after", problem: .form, expected: "the cursor of a page")
            }
            start = found.firstIndex { $0.id == id }.map { $0 + 1 } ?? 0
        }
        let items = Array(found[start...].prefix(Int(min(max(query.limit, 1), 500))))
        let next = start + items.count < found.count ? items.last.map { "after-\($0.id)" } : nil
        let total = found.compactMap(\.task.total).reduce(0, +)
        return TaskPage(items: items, next: next, count: Int64(found.count), total: total, damaged: [])
    }
}

extension TaskListed {
    fileprivate func fits(_ query: TaskQuery) -> Bool {
        let texts = [task.name, task.contact, task.address, task.contract, task.customer]
        func holds(_ text: String) -> Bool {
            let joined = text.filter { !$0.isWhitespace }
            let phone = task.phones.contains { $0.filter(\.isNumber).contains(joined) }
            return joined.isEmpty || phone || texts.contains { $0.localizedCaseInsensitiveContains(text) }
        }
        return (query.includeGone || !gone) && (query.text.map(holds) ?? true)
            && (query.overdueFrom.map { from in task.overdue.map { $0 >= from } ?? false } ?? true)
            && (query.totalFrom.map { from in task.total.map { $0 >= from } ?? false } ?? true)
            && (query.promised.map { $0 == (last?.promised != nil) } ?? true)
            && (query.branch.map { $0 == task.branch } ?? true)
            && (query.unsent.map { $0 == (unsent > 0) } ?? true)
    }

    /// Whether an officer would visit her first.
    fileprivate func isBefore(_ other: TaskListed, on day: CivilDate) -> Bool {
        let (a, b) = (rank(on: day), other.rank(on: day))
        if a != b { return a < b }
        let (overdue, others) = (task.overdue ?? .min, other.task.overdue ?? .min)
        if overdue != others { return overdue > others }
        let least = -Decimal.greatestFiniteMagnitude
        let (total, another) = (task.total ?? least, other.task.total ?? least)
        if total != another { return total > another }
        return (task.name, id) < (other.task.name, other.id)
    }

    private func rank(on day: CivilDate) -> Int {
        let own = today ? 3 : last?.promised.map { $0 <= day ? 0 : 2 } ?? 1
        return gone ? own + 4 : own
    }
}

/// As a clock on the tablet's wall shows it.
func civilTime(_ at: Date) -> CivilDateTime {
    let parts: Set<Calendar.Component> = [.year, .month, .day, .hour, .minute, .second]
    let shown = Calendar(identifier: .gregorian).dateComponents(parts, from: at)
    // A clock far out of any civil time is none to show.
    return CivilDateTime(shown) ?? CivilDateTime(year: 2000, month: 1, day: 1)!
}
