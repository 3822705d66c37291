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
        let calls: [(String, @Sendable (Satchel) async throws -> Void)] = [
            ("add", { _ = try await $0.add(fields: person("X")) }),
            ("edit", { try await $0.edit(id: id, changed: [.clear(field: .village)]) }),
            ("editByCode", { _ = try await $0.editByCode(code: "1-1", changed: [.clear(field: .village)]) }),
            ("reject", { _ = try await $0.reject(id: id) }),
            ("withdraw", { _ = try await $0.withdraw(id: id) }),
            ("get", { _ = try await $0.get(id: id) }),
            ("getByCode", { _ = try await $0.getByCode(code: "1-1") }),
            ("list", { _ = try await $0.list(query: ProspectQuery()) }),
            ("saveDraft", { _ = try await $0.saveDraft(about: .new(form: "f"), form: "{}") }),
            ("draft", { _ = try await $0.draft(about: .new(form: "f")) }),
            ("drafts", { _ = try await $0.drafts(limit: 9) }),
            ("removeDraft", { try await $0.removeDraft(about: .new(form: "f")) }),
            ("standing", { _ = try await $0.standing(id: id) }),
            ("history", { _ = try await $0.history(id: id) }),
            ("asks", { _ = try await $0.asks() }),
            ("decide", { try await $0.decide(questions: [Question(entry: 1, asked: 0)], decision: .drop) }),
            ("resolve", { try await $0.resolve(id: id, asked: 0, choices: [.phone: .mine]) }),
            ("handedOver", { try await $0.handedOver(entries: [1], to: "sok") }),
            ("handOver", { _ = try await $0.handOver() }),
            ("takeOver", { _ = try await $0.takeOver(export: export) }),
            ("origin", { _ = try await $0.origin(id: id) }),
            ("signIn", { try await $0.signIn(secrets: secrets()) }),
            ("signOut", { try await $0.signOut() }),
            ("drain", { _ = try await $0.drain(deadlineMs: 1_000) }),
            ("download", { _ = try await $0.download() }),
            ("pauseRemote", { try await $0.pauseRemote(remote: "prospect", reason: "x") }),
            ("resumeRemote", { try await $0.resumeRemote(remote: "prospect") }),
            ("feed", { _ = try await $0.feed(after: 0, max: 9) }),
            ("summary", { _ = try await $0.summary() }),
            ("waiting", { _ = try await $0.waiting(after: 0, limit: 9) }),
            ("health", { _ = try await $0.health() }),
            ("receipt", { _ = try await $0.receipt() }),
            ("exportUnsent", { _ = try await $0.exportUnsent() }),
            ("diagnostics", { _ = try await $0.diagnostics() }),
            ("pause", { _ = try await $0.pause(graceMs: 1_000) }),
        ]
        for (name, call) in calls {
            for handle in [book, again] {
                let error = await failure { try await call(handle) }
                #expect(error == .Locked, "\(name)")
            }
        }
        try await book.linkChanged(link: .unmetered)
        try await book.resume()
        #expect(try await book.progress().isEmpty)
        try await book.shutdown()
        try await again.lock()
    }

    @Test func aSaveOutlivesTheTaskThatAskedForIt() async throws {
        let tablet = try await Tablet.alone()
        let saving = (0..<20).map { n in
            Task { try await tablet.add("Sok \(n)") }
        }
        saving.forEach { $0.cancel() }
        for one in saving { #expect(try await tablet.book.get(id: one.value).life == .live) }
    }

    @Test func objectsMayBeDroppedInAnyOrder() async throws {
        let folder = try Folder()
        let vault = MemoryVault()
        func open() async throws -> Satchel {
            try await Satchel.open(root: folder.path, officer: "dara", profile: profile(nowhere), vault: vault)
        }
        let first = try await open()
        _ = try await first.saveDraft(about: .new(form: "kept"), form: "{}")
        for round in 0..<40 {
            let book = try await open()
            let (watch, stop) = (try book.watch(), Stop())
            let watching = Task { [watch] in try await watch.changed(stop: stop) }
            let reading = Task { try await book.feed(after: 1_000, max: 9, stop: stop).items.count }
            var held: [AnyObject?] = [book, watch, stop, secrets(), try await book.handOver(), try await open()]
            for n in held.indices.shuffled() {
                held[n] = nil
                if n % 2 == round % 2 { await Task.yield() }
            }
            stop.press()
            let ends = (await ended(watching), await ended(reading))
            #expect(ends.0 != nil && ends.1 != nil, "a stop ends its waits")
        }
        #expect(try await first.draft(about: .new(form: "kept"))?.form == "{}")
        try await first.shutdown()
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
