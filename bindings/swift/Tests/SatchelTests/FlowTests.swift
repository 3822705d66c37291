import Foundation
import Satchel
import Testing

@Suite(.timeLimit(.minutes(1))) struct FlowTests {
    @Test func aChangeWakesItsReaderAtOnce() async throws {
        let tablet = try await Tablet.alone()
        var iterator = tablet.book.changes(after: 0).makeAsyncIterator()
        // The feed also looks by itself every 2 seconds: on the average of ten, waking must be far quicker.
        var waited = Duration.zero
        for n in 0..<10 {
            let saved = Task {
                try await Task.sleep(for: .milliseconds(50))
                _ = try await tablet.book.saveDraft(about: .new(form: "f\(n)"), form: "{}")
                return ContinuousClock.now
            }
            let batch = try #require(try await iterator.next())
            waited += try await saved.value.duration(to: .now)
            #expect(batch.items.count == 1 && batch.snapshot == (n == 0))
        }
        #expect(waited < .seconds(5), "\(waited)")
    }

    @Test func whatIsMoreThanABatchComesInSeveral() async throws {
        let tablet = try await Tablet.alone()
        for n in 0..<501 { _ = try await tablet.book.saveDraft(about: .new(form: "f\(n)"), form: "{}") }
        var sizes: [Int] = []
        for try await batch in tablet.book.changes(after: 0) {
            sizes.append(batch.items.count)
            if sizes.reduce(0, +) == 501 { break }
        }
        #expect(sizes == [500, 1])
    }

    @Test func cancellingEndsEachOfThemAtOnce() async throws {
        let tablet = try await Tablet.alone()
        let book = tablet.book
        let id = try await tablet.add("Sok")
        let readers: [@Sendable () async throws -> Int] = [
            { try await count(book.changes(after: 0)) }, { try await count(book.standings(of: id)) },
            { try await count(book.progressUpdates()) },
        ]
        for reader in readers {
            let reading = Task { try await reader() }
            try await Task.sleep(for: .milliseconds(300))
            let start = ContinuousClock.now
            reading.cancel()
            let seen = try #require(try await ended(reading)?.get())
            let took = start.duration(to: .now)
            #expect(seen == 1 && took < .seconds(5), "what is so at first, and the end: \(seen), \(took)")
            // One that is cancelled before it begins ends too.
            let early = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await reader()
            }
            #expect(try #require(try await ended(early)?.get()) <= 1)
        }
    }

    @Test @MainActor func aStandingIsFollowedToTheBankFromTheMainActor() async throws {
        let sandbox = try Sandbox()
        let tablet = try await Tablet.at(sandbox)
        let id = try await tablet.add("Sok")
        var places: [Place] = []
        for try await standing in tablet.book.standings(of: id) {
            MainActor.assertIsolated()
            if places.isEmpty { try await tablet.book.resume() }
            if places.last != standing.place { places.append(standing.place) }
            if standing.place == .atBank { break }
        }
        #expect(places.first == .onTablet && places.last == .atBank && places.count >= 2)
        try await tablet.book.shutdown()
    }

    @Test func aCallUnderWayIsSeenAndItsEndToo() async throws {
        let sandbox = try Sandbox()
        let tablet = try await Tablet.at(sandbox)
        _ = try await tablet.add("Sok")
        _ = try await sandbox.put("/_faults", [["kind": "delay", "endpoint": "ProspectAddV2", "ms": 500, "times": 1]])
        var seen: [[CallProgress]] = []
        var sent: [CallProgress] = []
        for try await calls in tablet.book.progressUpdates() {
            if seen.isEmpty { try await tablet.book.resume() }
            #expect(calls != seen.last, "only what differs")
            seen.append(calls)
            sent += calls.filter { $0.what == "send" }
            if !sent.isEmpty && calls.isEmpty { break }
        }
        #expect(seen.first == [] && sent.allSatisfy { $0.remote == "prospect" && $0.items == 1 })
        #expect(sent.contains { $0.bytes > 0 && $0.bytes <= $0.totalBytes }, "\(sent)")
        try await tablet.book.shutdown()
    }

    @Test func lockingEndsThemWithItsError() async throws {
        let tablet = try await Tablet.alone()
        let (book, id) = (tablet.book, try await tablet.add("Sok"))
        let readers: [@Sendable () async throws -> Int] = [
            { try await count(book.changes(after: 0)) }, { try await count(book.standings(of: id)) },
            { try await count(book.progressUpdates()) },
        ]
        let reading = readers.map { reader in Task { try await reader() } }
        try await Task.sleep(for: .milliseconds(200))
        try await book.lock()
        let late = readers.map { reader in Task { try await reader() } }
        for one in reading + late {
            let end = try #require(await ended(one))
            #expect(throws: SatchelError.Locked) { try end.get() }
        }
    }

    @Test func whoIsNotThereCannotBeFollowed() async throws {
        let tablet = try await Tablet.alone()
        #expect(await failure { try await count(tablet.book.standings(of: 7)) } == .NotFound(what: "prospect"))
    }
}

private func count<S: AsyncSequence & Sendable>(_ sequence: S) async throws -> Int {
    var n = 0
    for try await _ in sequence { n += 1 }
    return n
}
