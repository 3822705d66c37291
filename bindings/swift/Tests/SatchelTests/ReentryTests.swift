import Foundation
import Satchel
import Testing

/// A host that calls the library from inside its own method, as none should: there is an end, and it is an answer or an
/// error of the library.
@Suite(.timeLimit(.minutes(2))) struct ReentryTests {
    typealias Call = @Sendable (Satchel) async throws -> Void

    /// What a method of a host does once, while it is called.
    final class Hook: @unchecked Sendable {
        private let lock = NSLock()
        private var armed: (@Sendable () async throws -> Void)?
        private var outcomes: [Result<Void, any Error>] = []

        func arm(_ call: @escaping @Sendable () async throws -> Void) { lock.withLock { armed = call } }

        /// How the calls ended so far.
        var ended: [Result<Void, any Error>] { lock.withLock { outcomes } }

        /// Waits for the call's end on the thread that the library lent.
        func fire() {
            let call = lock.withLock {
                defer { armed = nil }
                return armed
            }
            guard let call else { return }
            let done = DispatchSemaphore(value: 0)
            Task {
                let outcome: Result<Void, any Error>
                do { outcome = .success(try await call()) } catch { outcome = .failure(error) }
                lock.withLock { outcomes.append(outcome) }
                done.signal()
            }
            done.wait()
        }
    }

    final class Hooked: KeyVault, ServerTrust {
        let (loading, storing, checking) = (Hook(), Hook(), Hook())
        private let inner = MemoryVault()

        func load(name: String) throws -> Data? {
            loading.fire()
            return try inner.load(name: name)
        }

        func store(name: String, secret: Data) throws -> VaultReceipt {
            storing.fire()
            return try inner.store(name: name, secret: secret)
        }

        func check(chain: [Data], host: String) throws -> TrustVerdict {
            checking.fire()
            return .trusted
        }
    }

    static let calls: [(String, Call)] = [
        ("summary", { _ = try await $0.summary() }),
        ("add", { _ = try await $0.add(fields: person("Inside")) }),
        ("drain", { _ = try await $0.drain(deadlineMs: 2_000) }),
        ("download", { _ = try await $0.download() }),
        ("pause", { _ = try await $0.pause(graceMs: 1_000) }),
        ("signOut", { try await $0.signOut() }),
        ("lock", { try await $0.lock() }),
        ("shutdown", { try await $0.shutdown() }),
    ]

    @Test func theVaultCallsTheBookThatAsksIt() async throws {
        try await each { call in
            let (sandbox, hooked) = (try Sandbox(), Hooked())
            try await through(hooked.storing, call, at: sandbox, with: hooked) { _ = try await $0.drain(deadlineMs: 5_000) }
        }
    }

    @Test func theJudgeOfServersCallsTheBookThatAsksIt() async throws {
        try await each { call in
            let (sandbox, hooked) = (try Sandbox("--tls"), Hooked())
            try await through(hooked.checking, call, at: sandbox, with: hooked) { _ = try await $0.download() }
        }
    }

    /// All of them at once: some wait out the library's patience.
    private func each(_ act: @escaping @Sendable ((String, Call)) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for call in Self.calls { group.addTask { try await act(call) } }
            try await group.waitForAll()
        }
    }

    private func through(
        _ hook: Hook, _ call: (String, Call), at sandbox: Sandbox, with hooked: Hooked, outer: @escaping Call
    ) async throws {
        let folder = try Folder()
        @Sendable func open() async throws -> Satchel {
            let here = profile(sandbox.base.absoluteString)
            return try await Satchel.open(root: folder.path, officer: "dara", profile: here, vault: hooked, trust: hooked)
        }
        let book = try await open()
        try await book.signIn(secrets: secrets())
        try await book.linkChanged(link: .unmetered)
        _ = try await book.add(fields: person("Outside", "012 999 999"))
        hook.arm { try await call.1(book) }
        let outside = try #require(await ended(Task { try await outer(book) }, within: .seconds(30)), "\(call.0) hangs")
        expectTyped(outside, call.0)
        // What is inside may outlive the library's patience with its host, and ends too.
        let end = Task { while hook.ended.isEmpty { try await Task.sleep(for: .milliseconds(20)) } }
        _ = try #require(await ended(end, within: .seconds(30)), "\(call.0) inside hangs, or the host was not asked")
        hook.ended.forEach { expectTyped($0, call.0) }
        try await book.shutdown()
        let names = try await open().list(query: ProspectQuery()).items.map(\.nameEn)
        #expect(names.contains("Outside"), "the book lives on")
    }

    private func expectTyped(_ outcome: Result<Void, any Error>, _ what: String) {
        if case let .failure(error) = outcome { #expect(error is SatchelError, "\(what): \(error)") }
    }

    @Test func theVaultOpensTheBookThatIsBeingOpened() async throws {
        let (folder, hooked) = (try Folder(), Hooked())
        @Sendable func open() async throws -> Satchel {
            try await Satchel.open(root: folder.path, officer: "dara", profile: profile(nowhere), vault: hooked)
        }
        hooked.loading.arm { _ = try await open() }
        let outside = Task { _ = try await open() }
        expectTyped(try #require(await ended(outside, within: .seconds(30))), "open")
        let end = Task { while hooked.loading.ended.isEmpty { try await Task.sleep(for: .milliseconds(20)) } }
        _ = try #require(await ended(end, within: .seconds(30)))
        hooked.loading.ended.forEach { expectTyped($0, "open inside") }
        #expect(try await open().summary().unsent == 0)
    }

    @Test func theVaultCallsAnotherBook() async throws {
        let (folder, hooked, other) = (try Folder(), Hooked(), try await Tablet.alone())
        hooked.loading.arm { _ = try await other.add("Inside") }
        _ = try await Satchel.open(root: folder.path, officer: "dara", profile: profile(nowhere), vault: hooked)
        #expect(try await other.book.summary().unsent == 1)
    }
}
