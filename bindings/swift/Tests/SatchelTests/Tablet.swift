import Foundation
import Satchel

/// The longest that anything that must come is waited for. Far more than needed, for a busy machine.
let patience: Duration = .seconds(30)

/// A vault in memory: it lives as long as the test.
final class MemoryVault: KeyVault, @unchecked Sendable {
    private let lock = NSLock()
    private var secrets: [String: Data] = [:]

    func load(name: String) throws -> Data? { lock.withLock { secrets[name] } }

    func store(name: String, secret: Data) throws -> VaultReceipt {
        lock.withLock { secrets[name] = secret }
        return .kept
    }
}

/// A folder that goes with this object.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("satchel-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A profile with the short times of a test, for that service; `changes` are settings of the prospect service.
/// With `onboarding`, the address of that service, there is that remote too, with settings of its own; with `collection`, its
/// addresses, likewise.
func profile(
    _ base: String, _ changes: [String: JSON] = [:], organisation: String? = nil, onboarding: String? = nil,
    onboardingChanges: [String: JSON] = [:], collection: [String: JSON]? = nil, collectionChanges: [String: JSON] = [:]
) -> String {
    let prospect: [String: JSON] = [
        "base_url": .text(base), "lateness_ms": 400, "transit_ms": 300, "connect_ms": 3000, "total_ms": 3000,
        "download_ms": 10000, "idle_ms": 2000, "backoff": ["first_ms": 20, "most_ms": 400],
    ]
    var whole: [String: JSON] = [
        "name": "test", "reserve_bytes": 0, "organisation_key": .optional(organisation),
        "prospect": .object(prospect.merging(changes) { $1 }),
    ]
    whole["onboarding"] = onboarding.map { base in
        let usual: [String: JSON] = [
            "base_url": .text(base), "lateness_ms": 400, "transit_ms": 300, "connect_ms": 3000, "total_ms": 3000,
            "upload_ms": 10000, "idle_ms": 2000, "backoff": ["first_ms": 20, "most_ms": 400],
        ]
        return .object(usual.merging(onboardingChanges) { $1 })
    }
    whole["collection"] = collection.map { places in
        let usual: [String: JSON] = [
            "lateness_ms": 400, "transit_ms": 300, "connect_ms": 3000, "total_ms": 3000, "download_ms": 3000, "idle_ms": 2000,
            "backoff": ["first_ms": 20, "most_ms": 400],
        ]
        return .object(usual.merging(places) { $1 }.merging(collectionChanges) { $1 })
    }
    return JSON.object(whole).description
}

/// Where nobody answers.
let nowhere = "http://127.0.0.1:9/api/"

/// The secrets of the sandbox's officer, in that session.
func secrets(_ session: String = "S-1", user: String = "dara", password: String = "secret") -> ProspectSecrets {
    ProspectSecrets(
        user: user, password: password, session: session,
        key: Data(repeating: 7, count: 32), iv: Data(repeating: 9, count: 16))
}

/// The officer's headers for the onboarding service, in that session.
func headers(_ session: String = "S-1") -> OnboardingSecrets {
    OnboardingSecrets(authenticated: ["x-session": session], anonymous: ["x-session": session])
}

/// The officer's secrets for the collection service.
func collector(_ hashKey: String = "sandbox-hash-key", user: String = "dara") -> CollectionSecrets {
    CollectionSecrets(user: user, password: "secret", hashKey: hashKey)
}

/// A tablet with one open book, not sending. Its folder goes with it.
struct Tablet {
    let book: Satchel
    let folder: Folder
    private let profile: String
    private let vault = MemoryVault()

    /// Without a server: what is saved here stays here.
    static func alone() async throws -> Tablet { try await Tablet(nowhere, nil) }

    /// Likewise, with onboarding.
    static func aloneOnboarding() async throws -> Tablet { try await Tablet(nowhere, nowhere) }

    /// Signed in at the sandbox, with a link.
    static func at(_ sandbox: Sandbox) async throws -> Tablet {
        let tablet = try await Tablet(sandbox.base.absoluteString, nil)
        try await tablet.book.signIn(secrets: secrets())
        try await tablet.book.linkChanged(link: .unmetered)
        return tablet
    }

    /// Signed in at both services of the sandbox, with a link.
    static func onboarding(_ sandbox: Sandbox) async throws -> Tablet {
        let tablet = try await Tablet(sandbox.base.absoluteString, sandbox.settings["onboarding"].string)
        try await tablet.book.signIn(secrets: secrets())
        try await tablet.onboarding.signIn(secrets: headers())
        try await tablet.book.linkChanged(link: .unmetered)
        return tablet
    }

    /// Without a server, with collection.
    static func aloneCollection() async throws -> Tablet {
        try await Tablet(nowhere, nil, ["tasks_url": .text(nowhere), "result_url": .text(nowhere)])
    }

    /// Signed in at the sandbox's prospects and collection, with a link.
    static func collection(_ sandbox: Sandbox, _ changes: [String: JSON] = [:]) async throws -> Tablet {
        let tablet = try await Tablet(sandbox.base.absoluteString, nil, sandbox.collection.merging(changes) { $1 })
        try await tablet.book.signIn(secrets: secrets())
        try await tablet.collection.signIn(secrets: collector(sandbox.hashKey))
        try await tablet.book.linkChanged(link: .unmetered)
        return tablet
    }

    private init(_ base: String, _ onboarding: String?, _ collection: [String: JSON]? = nil) async throws {
        (profile, folder) = (SatchelTests.profile(base, onboarding: onboarding, collection: collection), try Folder())
        book = try await Satchel.open(root: folder.path, officer: "dara", profile: profile, vault: vault)
    }

    /// The onboarding of its book.
    var onboarding: Onboarding { Onboarding(book: book) }

    /// The collection of its book.
    var collection: CollectionDesk { CollectionDesk(book: book) }

    /// Another handle of its book.
    func again() async throws -> Satchel {
        try await Satchel.open(root: folder.path, officer: "dara", profile: profile, vault: vault)
    }

    /// Saves a prospect and gives its number.
    func add(_ name: String, _ phone: String = "012 345 678") async throws -> Int64 {
        try await book.add(fields: person(name, phone)).id
    }
}

/// A name and a phone, the least that the sandbox takes.
func person(_ name: String, _ phone: String = "012 345 678") -> [FieldChange] {
    [.text(field: .nameEn, text: name), .text(field: .phone, text: phone)]
}

/// The error of a call that must fail, if it is one of the library's.
func failure<T>(_ call: () async throws -> T) async -> SatchelError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? SatchelError
    }
}

/// How the task ended; nothing when it does not end in time: a wait that nothing ends must not hold up all tests.
func ended<T: Sendable>(_ task: Task<T, any Error>, within limit: Duration = .seconds(10)) async -> Result<T, any Error>? {
    await withCheckedContinuation { continuation in
        let answer = Once(continuation)
        Task { answer.give(await task.result) }
        Task {
            try? await Task.sleep(for: limit)
            answer.give(nil)
        }
    }
}

/// An answer of which the first counts.
private final class Once<T: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var waiting: CheckedContinuation<T, Never>?

    init(_ continuation: CheckedContinuation<T, Never>) { waiting = continuation }

    func give(_ answer: T) {
        let first = lock.withLock {
            defer { waiting = nil }
            return waiting
        }
        first?.resume(returning: answer)
    }
}

/// Waits out the first second of a minute, and the last ones: what is added right after takes the next second. A creation
/// time on the full minute proves nothing about seconds.
func offTheMinute() async throws {
    while true {
        let second = Int(Date().timeIntervalSince1970) % 60
        if second != 0 && second < 57 { return }
        try await Task.sleep(for: .milliseconds(50))
    }
}
