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

    @Test func anErrorThatIsNotTheVaultsIsUnavailable() async throws {
        for ways in [Ways(load: { throw Odd() }), Ways(store: { throw Odd() })] {
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
        let slow = try await opening(Ways(load: { Thread.sleep(forTimeInterval: 1) }))
        #expect(slow.error == nil)
        let start = ContinuousClock.now
        let hung = try await opening(Ways(load: { Thread.sleep(forTimeInterval: 15) }))
        let took = start.duration(to: .now)
        #expect(hung.error == .KeyUnavailable(why: .unavailable) && hung.files.isEmpty)
        #expect(took > .seconds(9) && took < .seconds(14), "\(took)")
    }

    final class Judge: ServerTrust {
        private let say: @Sendable (String) throws -> TrustVerdict
        init(_ say: @escaping @Sendable (String) throws -> TrustVerdict) { self.say = say }
        func check(chain: [Data], host: String) throws -> TrustVerdict {
            guard !chain.isEmpty else { return .refused }
            return try say(host)
        }
    }

    @Test func whomTheAppTrustsIsAskedAndNobodyElse() async throws {
        let sandbox = try Sandbox("--tls")
        func download(_ judge: Judge) async throws -> SatchelError? {
            let folder = try Folder()
            let book = try await Satchel.open(
                root: folder.path, officer: "dara", profile: profile(sandbox.base.absoluteString), vault: MemoryVault(),
                trust: judge)
            try await book.signIn(secrets: secrets())
            try await book.linkChanged(link: .unmetered)
            let error = await failure { try await book.download() }
            try await book.shutdown()
            return error
        }
        let host = sandbox.base.host
        #expect(try await download(Judge { $0 == host ? .trusted : .refused }) == nil)
        for judge in [Judge { _ in .refused }, Judge { _ in throw Odd() }, Judge { _ in throw VaultError.Denied }] {
            guard case let .Remote(_, code, _) = try await download(judge) else {
                Issue.record("it was let through")
                continue
            }
            #expect(code.hasPrefix("untrusted"), "\(code)")
        }
    }
}
