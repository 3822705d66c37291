import Foundation
import Satchel

/// How a fake book is seen.
extension FakeBook {
    /// For what all that is unsent waits, and what the officer can do about it.
    var waitsFor: (what: String, next: Next, can: [Can])? {
        if session != .open { return ("sign_in", .waitsForSignIn, [.signIn]) }
        if paused != nil { return ("paused", .waitsForResume, [.resumeRemote]) }
        return link == .none ? ("link", .sentWithLink, []) : nil
    }

    func standing(_ id: Int64) throws -> Standing { try record(id).standing(waitsFor?.next, waitsFor?.can ?? []) }

    func standing(of record: BookRecord) throws -> Standing {
        if case let .prospect(id) = record { return try standing(id) }
        return desk.standing(try desk.part(record), waitsFor?.next, waitsFor?.can ?? [])
    }

    func history(of record: BookRecord) throws -> [Waiting] {
        if case let .prospect(id) = record { return [try self.record(id).waiting] }
        return [desk.waiting(try desk.part(record))].compactMap(\.self)
    }

    /// What waits of all remotes, oldest first.
    var waiting: [Waiting] { unsent.map(\.waiting) + desk.unsent.compactMap(desk.waiting) }

    func page(_ query: ProspectQuery) -> Page {
        let found = inOrder.map(\.listed).filter { one in
            let words = [one.nameEn, one.nameKh, one.phone, one.code ?? ""]
            return (query.text.map { text in words.contains { $0.localizedCaseInsensitiveContains(text) } } ?? true)
                && (query.status.map { $0 == one.status } ?? true)
                && one.village.hasPrefix(query.villagePrefix ?? "")
                && (query.unsent.map { $0 == one.unsent } ?? true)
                && (query.conflict.map { $0 == one.conflict } ?? true)
                && (query.includeClosed || one.life == .live)
        }
        let sorted = found.sorted { ($0.nameEn, $0.id) < ($1.nameEn, $1.id) }
        let start = query.after.flatMap { after in sorted.firstIndex { String($0.id) == after } }.map { $0 + 1 } ?? 0
        let items = sorted[start...].prefix(Int(min(max(query.limit, 1), 500)))
        let next = start + items.count < sorted.count ? items.last.map { String($0.id) } : nil
        return Page(items: Array(items), next: next, damaged: [])
    }

    var summary: Summary {
        // Of the other remotes' records those count that are not settled, as in a book.
        let places = inOrder.map(\.place) + desk.unsent.map(desk.place)
        let states = inOrder.map(\.state.shown.counted) + desk.entries.map(desk.counted)
        return Summary(
            byPlace: counted(places), unsent: Int64(waiting.count), oldestUnsent: waiting.map(\.made).min(),
            byState: counted(states), resentOnAbsence: 0)
    }

    var health: Health {
        let questions = Int64(waiting.count { $0.state == .asks })
        let refusals = Int64(waiting.count { $0.state == .refused })
        let remotes = [Self.remote] + (desk.isUsed ? [FakeDesk.remote] : []) + (rounds.isUsed ? [FakeRounds.remote] : [])
        let signIns: [(Bool, Worry, WhatNow)] = remotes.map {
            (session != .open, .needsSignIn(remote: $0, refused: session == .refused), .signIn)
        }
        let disk: (Bool, Worry, WhatNow) = (diskIsFull, .diskFilling(freeBytes: 0, reserveUsed: true), .freeSpace)
        let worries: [(Bool, Worry, WhatNow)] = [disk] + signIns + [
            (paused != nil, .paused(remote: Self.remote, reason: paused ?? ""), .lookAtStanding),
            (questions > 0, .questions(records: questions), .lookAtStanding),
            (refusals > 0, .refusals(entries: refusals), .lookAtStanding),
        ]
        return Health(
            concerns: worries.filter(\.0).map { Concern(about: $0.1, whatNow: $0.2) }, clockSkewS: 0,
            freeBytes: diskIsFull ? 0 : nil, usedBytes: 0, unsent: Int64(waiting.count),
            oldestUnsent: waiting.map(\.made).min(), sessionEnds: nil, naturalKey: .verified)
    }

    var progress: [CallProgress] {
        let others = desk.unsent.filter { $0.state == .onTheWay }.map(\.record.remote)
        let calls = [(Self.remote, unsent.count { $0.state == .onTheWay })]
            + [FakeDesk.remote, FakeRounds.remote].map { remote in (remote, others.count { $0 == remote }) }
        return calls.filter { $0.1 > 0 }.map {
            CallProgress(remote: $0.0, what: "send", items: Int64($0.1), bytes: 0, totalBytes: 0)
        }
    }

    /// Throws why that remote cannot be asked.
    func reachable(_ remote: String) throws {
        if session != .open { throw SatchelError.NeedsSignIn(remote: remote) }
        if link == .none { throw SatchelError.Remote(remote: remote, code: "offline", whatNow: .findLink) }
    }

    /// The bank has what it has, and nothing else.
    func download() throws -> Downloaded {
        try reachable(Self.remote)
        return Downloaded(
            rows: Int64(inOrder.count { $0.code != nil }), new: 0, changed: 0, skipped: 0, apart: 0, unreadable: 0,
            conflicts: 0, gone: 0, settled: 0)
    }

    func receipt() throws -> Receipt {
        let (rows, agreed) = (try download().rows, Int64(inOrder.count { $0.state == .atBank }))
        return Receipt(
            asked: Date(), unreadable: 0, serverRows: rows, tabletRows: agreed, agreed: agreed, serverSha256: "of a fake",
            tabletSha256: "of a fake", same: unsent.isEmpty, unsent: Int64(waiting.count), json: "{}", text: "of a fake")
    }

    mutating func saveDraft(_ about: DraftAbout, _ form: String) -> Int64 {
        let id = drafts.first { $0.about == about }?.id ?? (drafts.map(\.id).max() ?? 0) + 1
        drafts.removeAll { $0.about == about }
        drafts.append(Draft(id: id, about: about, form: form, saved: Date()))
        touch(.draft(id: id))
        return id
    }
}

private func counted<T: Hashable>(_ all: [T]) -> [T: Int64] {
    Dictionary(grouping: all) { $0 }.mapValues { Int64($0.count) }
}
