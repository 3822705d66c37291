import Foundation
import Satchel
import Testing

/// Callers and objects that come and go by the thousand.
@Suite(.timeLimit(.minutes(3))) struct StressTests {
    /// 2,000 saves and 8,000 reads. Cancelling does not reach the library: a save is kept and answered all the same, a
    /// reader ends and goes on from its cursor.
    @Test func tenThousandCallersCancelledAtAnyMomentLoseNothing() async throws {
        let tablet = try await Tablet.alone()
        let book = tablet.book
        let saving = Task {
            try await withThrowingTaskGroup(of: Saved.self) { group in
                for lane in 0..<4 { group.addTask { try await cancelledSaves(500, lane, in: book) } }
                return try await group.reduce(into: Saved([], 0)) { $0 = ($0.ids + $1.ids, $0.early + $1.early) }
            }
        }
        let reading = Task { try await cancelledReads(8_000, in: book) }
        let saved = try #require(try await ended(saving, within: .seconds(120))?.get())
        let read = try #require(try await ended(reading, within: .seconds(120))?.get())
        #expect(saved.early > 0 && read.early > 0 && read.early < 8_000, "some were cut, some were not")
        var (seen, cursor) = (read.items, read.cursor)
        while seen.count < 2_000 {
            let batch = try await book.feed(after: cursor, max: 500)
            (seen, cursor) = (seen + batch.items, batch.revision)
        }
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.revision < $1.revision }, "every revision once, in order")
        #expect(Set(seen.map(\.subject)) == Set(saved.ids.map { .prospect(id: $0) }) && seen.count == 2_000)
        #expect(try await book.summary().unsent == 2_000)
        try await book.shutdown()
    }

    private typealias Saved = (ids: [Int64], early: Int)

    private func cancelledSaves(_ count: Int, _ lane: Int, in book: Satchel) async throws -> Saved {
        var (ids, early): ([Int64], Int) = ([], 0)
        for n in 0..<count {
            let saving = Task {
                let id = try await book.add(fields: person("Sok \(lane) \(n)", "01\(lane) \(100_000 + n)")).id
                return (id, Task.isCancelled)
            }
            await anyMoment()
            saving.cancel()
            let (id, cut) = try await saving.value
            ids.append(id)
            early += cut ? 1 : 0
        }
        return (ids, early)
    }

    private func cancelledReads(_ count: Int, in book: Satchel) async throws
        -> (items: [FeedItem], cursor: Int64, early: Int)
    {
        var (items, cursor, early): ([FeedItem], Int64, Int) = ([], 0, 0)
        for _ in 0..<count {
            let after = cursor
            let reading = Task {
                var iterator = book.changes(after: after).makeAsyncIterator()
                return try await iterator.next()
            }
            await anyMoment()
            reading.cancel()
            guard let batch = try await reading.value else {
                early += 1
                continue
            }
            (items, cursor) = (items + batch.items, batch.revision)
        }
        return (items, cursor, early)
    }

    private func anyMoment() async {
        for _ in 0..<Int.random(in: 0...30) { await Task.yield() }
        if Int.random(in: 0..<10) == 0 { try? await Task.sleep(for: .microseconds(Int.random(in: 0...4_000))) }
    }

    #if os(Linux)
        /// 100,000 of all kinds; each of the opaque ones is big enough to be missed if it stayed.
        @Test func objectsDroppedInAnyOrderLeaveNothing() async throws {
            let tablet = try await Tablet.alone()
            let big = String(repeating: "x", count: 2_000)
            var settled = 0
            for round in 0..<20 {
                var held: [AnyObject] = []
                for n in 0..<1_245 {
                    held += [Stop(), try tablet.book.watch(), HandOver.fromBytes(bytes: Data(big.utf8))]
                    held.append(ProspectSecrets(user: big, password: big, session: "\(n)", key: Data(), iv: Data()))
                    if n % 40 == 0 { held.append(try await tablet.again()) }
                }
                #expect(held.count >= 5_000)
                held.shuffle()
                while !held.isEmpty { held.removeLast() }
                if round == 4 { settled = try resident() }
            }
            let grown = try resident() - settled
            #expect(grown < 8 << 20, "\(grown) bytes more than after a quarter")
            _ = try await tablet.add("Sok")
            try await tablet.book.shutdown()
        }

        /// The bytes of this process that are in memory.
        private func resident() throws -> Int {
            let statm = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            return (Int(statm[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
        }
    #endif

    /// With callers still waiting on some of them.
    @Test func whatIsWaitedOnMayBeDroppedToo() async throws {
        let tablet = try await Tablet.alone()
        _ = try await tablet.book.saveDraft(about: .new(form: "kept"), form: "{}")
        for round in 0..<40 {
            let book = try await tablet.again()
            let (watch, stop) = (try book.watch(), Stop())
            let watching = Task { [watch] in try await watch.changed(stop: stop) }
            let reading = Task { try await book.feed(after: 1_000, max: 9, stop: stop).items.count }
            var held: [AnyObject?] = [book, watch, stop, secrets(), try await book.handOver(), try await tablet.again()]
            for n in held.indices.shuffled() {
                held[n] = nil
                if n % 2 == round % 2 { await Task.yield() }
            }
            stop.press()
            let ends = (await ended(watching), await ended(reading))
            #expect(ends.0 != nil && ends.1 != nil, "a stop ends its waits")
        }
        #expect(try await tablet.book.draft(about: .new(form: "kept"))?.form == "{}")
        try await tablet.book.shutdown()
    }
}
