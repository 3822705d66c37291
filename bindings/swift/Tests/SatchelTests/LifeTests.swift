import Foundation
import Satchel
import Testing

@Suite(.timeLimit(.minutes(1))) struct LifeTests {
    @Test func sixtyFourTasksAtOnce() async throws {
        let tablet = try await Tablet.alone()
        let ids = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for task in 0..<64 {
                group.addTask {
                    let id = try await tablet.add("Officer \(task)", "012 \(100_000 + task)")
                    try await tablet.book.edit(id: id, changed: [.text(field: .village, text: "0101")])
                    async let standing = tablet.book.standing(id: id)
                    async let page = tablet.book.list(query: ProspectQuery(text: "Officer \(task)"))
                    async let summary = tablet.book.summary()
                    let found = try await page.items.map(\.id)
                    let (place, unsent) = try await (standing.place, summary.unsent)
                    #expect(found.contains(id) && place == .onTablet && unsent >= 1)
                    return [id]
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 64)
        #expect(try await tablet.book.summary().unsent == 64)
        for id in ids { #expect(try await tablet.book.get(id: id).text(.village) == "0101") }
    }

    /// What an app may still call on a book that is gone: `linkChanged`, `resume`, `progress` and `watch` only tell or look,
    /// and do nothing.
    private let others = ["linkChanged", "resume", "progress", "watch", "shutdown", "lock"]

    @Test func afterShutdownEveryCallSaysLocked() async throws {
        let (folder, vault) = (try Folder(), MemoryVault())
        func open() async throws -> Satchel {
            let key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
            return try await Satchel.open(
                root: folder.path, officer: "dara", profile: profile(nowhere, organisation: key), vault: vault)
        }
        let (book, again) = (try await open(), try await open())
        let id = try await book.add(fields: person("Sok")).id
        let other = try await Tablet.alone()
        let export = try await other.book.handOver()
        try await book.shutdown()
        let calls = everyCall(id, export)
        for (name, call) in calls {
            for handle in [book, again] {
                let error = await failure { try await call(handle) }
                #expect(error == .Locked, "\(name)")
            }
        }
        try await book.linkChanged(link: .unmetered)
        try await book.resume()
        #expect(try await book.progress().isEmpty)
        let (watch, stop) = (try book.watch(), Stop())
        let watching = Task { try await watch.changed(stop: stop) }
        stop.press()
        #expect(await ended(watching) != nil)
        let called = Set(calls.map(\.0) + others)
        #expect(try methods() == called, "each method is called here")
        try await book.shutdown()
        try await again.lock()
    }

    @Test func twoOpensOfOneStoreAreOneBook() async throws {
        let tablet = try await Tablet.alone()
        let handles = try await withThrowingTaskGroup(of: Satchel.self) { group in
            for _ in 0..<16 { group.addTask { try await tablet.again() } }
            return try await group.reduce(into: [tablet.book]) { $0.append($1) }
        }
        var reader = handles[0].changes(after: 0).makeAsyncIterator()
        for (n, handle) in handles.enumerated() {
            let id = try await handle.add(fields: person("Sok \(n)", "012 \(100_000 + n)")).id
            let batch = try #require(try await reader.next())
            #expect(batch.items.map(\.subject) == [.prospect(id: id)], "what one saves another sees")
        }
        #expect(try await handles[16].summary().unsent == 17)
        try await handles[7].lock()
        for handle in handles { #expect(await failure { try await handle.summary() } == .Locked) }
    }

    /// A handle lives as long as its calls: the worker's own goes with its drain.
    @Test func aWorkerThatEndsInTheMiddleOfADrainLeavesTheScreenAlone() async throws {
        let sandbox = try Sandbox()
        let tablet = try await Tablet.at(sandbox)
        let screen = tablet.book
        _ = try await sandbox.put("/_faults", [["kind": "delay", "endpoint": "ProspectAddV2", "ms": 700, "times": 1]])
        let id = try await tablet.add("Sok")
        var worker: Satchel? = try await tablet.again()
        weak var handle = worker
        let draining = Task { [worker] in try await worker?.drain(deadlineMs: 20_000).sent }
        for try await calls in screen.progressUpdates() where calls.contains(where: { $0.what == "send" }) { break }
        worker = nil
        draining.cancel()
        let other = try await tablet.add("Dara", "012 999 999")
        for try await standing in screen.standings(of: id) where standing.place == .atBank { break }
        #expect(try #require(try await ended(draining)?.get()) >= 1)
        #expect(handle == nil, "nothing keeps it")
        _ = try await screen.drain(deadlineMs: 20_000)
        #expect(try await screen.standing(id: other).place == .atBank)
        let creates = try await sandbox.get("/_ledger").items?.count { $0["kind"] == "create" }
        #expect(creates == 2, "each once")
        try await screen.shutdown()
    }

    @Test func aDeadlineThatHasPassedIsNone() async throws {
        let tablet = try await Tablet.alone()
        for ms in [-1, Int64.min] {
            #expect(try await tablet.book.drain(deadlineMs: ms).sent == 0)
            _ = try await tablet.book.pause(graceMs: ms)
        }
        for date in [Date.distantPast, .distantFuture, Date(timeIntervalSince1970: 9e18)] {
            try await tablet.book.signIn(secrets: secrets(), expires: date)
            _ = try await tablet.book.health()
        }
        try await tablet.book.shutdown()
    }

    @Test func whatWaitsKeepsWhatItNeeds() async throws {
        // Nobody holds the book, its secrets or the vault but the calls themselves.
        let folder = try Folder()
        let signing = Task {
            try await Satchel.open(root: folder.path, officer: "dara", profile: profile(nowhere), vault: MemoryVault())
                .signIn(secrets: secrets())
        }
        try await signing.value
        weak var gone: Stop?
        let tablet = try await Tablet.alone()
        do {
            let stop = Stop()
            gone = stop
            let waiting = Task { try await tablet.book.feed(after: 0, max: 9, stop: stop).items.count }
            try await Task.sleep(for: .milliseconds(50))
            stop.press()
            #expect(try await ended(waiting)?.get() == 0)
        }
        #expect(gone == nil, "nothing keeps a stop that was used")
    }
}
