import Foundation
import Satchel
import Testing

@Suite struct HostTests {
    /// An error that no one declared, with something in it that must not be seen again.
    struct Odd: Error {
        let quoted = "012 345 678"
    }

    /// A vault that does what the test says.
    struct Ways: Sendable {
        var load: @Sendable () throws -> Void = {}
        var store: @Sendable () throws -> Void = {}
    }

    final class OddVault: KeyVault {
        private let ways: Ways
        private let inner = MemoryVault()
        init(_ ways: Ways) { self.ways = ways }

        func load(name: String) throws -> Data? {
            try ways.load()
            return try inner.load(name: name)
        }

        func store(name: String, secret: Data) throws -> VaultReceipt {
            try ways.store()
            return try inner.store(name: name, secret: secret)
        }
    }

    private func opening(_ ways: Ways) async throws -> (error: SatchelError?, files: [String]) {
        let folder = try Folder()
        let error = await failure {
            try await Satchel.open(root: folder.path, officer: "dara", profile: profile(nowhere), vault: OddVault(ways))
        }
        let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return (error, files.filter { $0.hasSuffix(".db") })
    }

    /// Whatever Swift lets a method throw. (A trap, a failing `try!` among them, ends the app, and no library can help it.)
    static let odd: [any Error & Sendable] = [
        Odd(), CancellationError(), SatchelError.Locked, VaultReceiptMissing.it,
        NSError(domain: "012 345 678", code: 7, userInfo: [NSLocalizedDescriptionKey: "012 345 678"]),
    ]

    enum VaultReceiptMissing: Error { case it }

    @Test(arguments: odd.indices) func anErrorThatIsNotTheVaultsIsUnavailable(n: Int) async throws {
        for ways in [Ways(load: { throw Self.odd[n] }), Ways(store: { throw Self.odd[n] })] {
            let (error, files) = try await opening(ways)
            #expect(error == .KeyUnavailable(why: .unavailable) && files.isEmpty, "nothing was begun")
        }
    }

    @Test func theVaultsOwnErrorsArriveAsTheyAre() async throws {
        let pairs: [(VaultError, KeyError)] = [(.Unavailable, .unavailable), (.Denied, .denied)]
        for (thrown, arrives) in pairs {
            #expect(try await opening(Ways(load: { throw thrown })).error == .KeyUnavailable(why: arrives))
            #expect(try await opening(Ways(store: { throw thrown })).error == .KeyUnavailable(why: arrives))
        }
    }

    @Test func aKeyThatIsLostSaysWhatIsInTheBook() async throws {
        let tablet = try await Tablet.alone()
        _ = try await tablet.add("Sok")
        try await tablet.book.shutdown()
        let vault = OddVault(Ways(load: { throw VaultError.Lost }))
        let error = await failure {
            try await Satchel.open(root: tablet.folder.path, officer: "dara", profile: profile(nowhere), vault: vault)
        }
        guard case let .KeyLost(unsent, asOfMs) = error else {
            Issue.record("it says \(String(describing: error))")
            return
        }
        #expect(unsent == 1 && asOfMs > 0 && error?.whatNow == .setAside)
    }

    @Test func aSlowVaultIsWaitedForAndOneThatNeverAnswersIsNot() async throws {
        let nap: @Sendable () -> Void = { Thread.sleep(forTimeInterval: 90) }
        #expect(try await opening(Ways(load: { Thread.sleep(forTimeInterval: 1) })).error == nil)
        for ways in [Ways(load: nap), Ways(store: nap)] {
            let start = ContinuousClock.now
            let hung = try await opening(ways)
            let took = start.duration(to: .now)
            #expect(hung.error == .KeyUnavailable(why: .unavailable) && hung.files.isEmpty)
            #expect(took > .seconds(9) && took < .seconds(60), "\(took)")
        }
    }

    @Test func aJudgeThatNeverAnswersLetsNobodyThrough() async throws {
        let sandbox = try Sandbox("--tls")
        let judge = Judge { _ in
            Thread.sleep(forTimeInterval: 90)
            return .trusted
        }
        let start = ContinuousClock.now
        #expect(try await download(from: sandbox, judge)?.code == "remote")
        let took = start.duration(to: .now)
        #expect(took < .seconds(60), "\(took)")
    }

    final class Judge: ServerTrust {
        private let say: @Sendable (String) throws -> TrustVerdict
        init(_ say: @escaping @Sendable (String) throws -> TrustVerdict) { self.say = say }
        func check(chain: [Data], host: String) throws -> TrustVerdict {
            guard !chain.isEmpty else { return .refused }
            return try say(host)
        }
    }

    private func download(from sandbox: Sandbox, _ judge: Judge) async throws -> SatchelError? {
        let folder = try Folder()
        let book = try await Satchel.open(
            root: folder.path, officer: "dara", profile: profile(sandbox.base.absoluteString), vault: MemoryVault(), trust: judge)
        try await book.signIn(secrets: secrets())
        try await book.linkChanged(link: .unmetered)
        let error = await failure { try await book.download() }
        try await book.shutdown()
        return error
    }

    @Test func whomTheAppTrustsIsAskedAndNobodyElse() async throws {
        let sandbox = try Sandbox("--tls")
        let host = sandbox.base.host
        #expect(try await download(from: sandbox, Judge { $0 == host ? .trusted : .refused }) == nil)
        let odd = Self.odd.map { error in Judge { _ in throw error } }
        let own = [VaultError.Unavailable, .Denied, .Lost].map { error in Judge { _ in throw error } }
        for judge in [Judge { _ in .refused }] + odd + own {
            guard case let .Remote(_, code, _) = try await download(from: sandbox, judge) else {
                Issue.record("it was let through")
                continue
            }
            #expect(code.hasPrefix("untrusted"), "\(code)")
        }
    }
}
