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
        let places = Dictionary(grouping: inOrder, by: \.place).mapValues { Int64($0.count) }
        let states = Dictionary(grouping: inOrder, by: \.state.shown.counted).mapValues { Int64($0.count) }
        return Summary(
            byPlace: places, unsent: Int64(unsent.count), oldestUnsent: unsent.first?.made, byState: states,
            resentOnAbsence: 0)
    }

    var health: Health {
        let questions = Int64(unsent.count { $0.state.shown.entry == .asks })
        let refusals = Int64(unsent.count { $0.state.shown.entry == .refused })
        let worries: [(Bool, Worry, WhatNow)] = [
            (diskIsFull, .diskFilling(freeBytes: 0, reserveUsed: true), .freeSpace),
            (session != .open, .needsSignIn(refused: session == .refused), .signIn),
            (paused != nil, .paused(remote: Self.remote, reason: paused ?? ""), .lookAtStanding),
            (questions > 0, .questions(records: questions), .lookAtStanding),
            (refusals > 0, .refusals(entries: refusals), .lookAtStanding),
        ]
        return Health(
            concerns: worries.filter(\.0).map { Concern(about: $0.1, whatNow: $0.2) }, clockSkewS: 0,
            freeBytes: diskIsFull ? 0 : nil, usedBytes: 0, unsent: Int64(unsent.count), oldestUnsent: unsent.first?.made,
            sessionEnds: nil, naturalKey: .verified)
    }

    var progress: [CallProgress] {
        let calls = Int64(inOrder.count { $0.state == .onTheWay })
        return calls == 0 ? [] : [CallProgress(remote: Self.remote, what: "send", items: calls, bytes: 0, totalBytes: 0)]
    }

    /// The bank has what it has, and nothing else.
    func download() throws -> Downloaded {
        if session != .open { throw SatchelError.NeedsSignIn(remote: Self.remote) }
        if link == .none { throw SatchelError.Remote(remote: Self.remote, code: "offline", whatNow: .findLink) }
        return Downloaded(
            rows: Int64(inOrder.count { $0.code != nil }), new: 0, changed: 0, skipped: 0, apart: 0, unreadable: 0,
            conflicts: 0, gone: 0, settled: 0)
    }

    func receipt() throws -> Receipt {
        let (rows, agreed) = (try download().rows, Int64(inOrder.count { $0.state == .atBank }))
        return Receipt(
            asked: Date(), unreadable: 0, serverRows: rows, tabletRows: agreed, agreed: agreed, serverSha256: "of a fake",
            tabletSha256: "of a fake", same: unsent.isEmpty, unsent: Int64(unsent.count), json: "{}", text: "of a fake")
    }

    mutating func saveDraft(_ about: DraftAbout, _ form: String) -> Int64 {
        let id = drafts.first { $0.about == about }?.id ?? (drafts.map(\.id).max() ?? 0) + 1
        drafts.removeAll { $0.about == about }
        drafts.append(Draft(id: id, about: about, form: form, saved: Date()))
        touch(.draft(id: id))
        return id
    }
}
