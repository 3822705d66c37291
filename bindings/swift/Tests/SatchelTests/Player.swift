import Foundation
import Satchel

/// A running scenario: a sandbox and a book of its own.
final class Player {
    let sandbox: Sandbox
    private let folder: Folder
    private let profile: String
    private let vault = MemoryVault()
    /// Which remotes the tablet has besides the prospects'.
    let hasOnboarding: Bool
    let hasCollection: Bool
    var book: Satchel
    /// The session that the next `sign_in` uses.
    var session = "S-1"
    var names: [String: BookRecord] = [:]
    /// Codes of prospects that another device made.
    var codes: [String: String] = [:]
    /// Where the feed was read to.
    var cursor: Int64 = 0

    /// Plays a scenario from its text; throws what is wrong with the file, or which step did not give what it should.
    static func play(_ text: String) async throws {
        let scenario = try Scenario.read(text)
        let player = try await Player(scenario)
        for (n, step) in scenario.steps.enumerated() {
            do {
                try await player.play(step)
            } catch {
                throw Wrong("\(scenario.name), step \(n + 1) (\(step.verb)): \(error)")
            }
        }
        try? await player.book.shutdown()  // a scenario may have locked it
    }

    private init(_ scenario: Scenario) async throws {
        sandbox = try Sandbox()
        if let service = scenario.service { _ = try await sandbox.put("/_control/settings", service) }
        folder = try Folder()
        if let service = scenario.onboardingService {
            _ = try await sandbox.put("/_control/onboarding/settings", service)
        }
        if let service = scenario.collectionService {
            _ = try await sandbox.put("/_control/collection/settings", service)
        }
        (hasOnboarding, hasCollection) = (scenario.onboarding != nil, scenario.collection != nil)
        profile = SatchelTests.profile(
            sandbox.base.absoluteString, scenario.profile, onboarding: hasOnboarding ? sandbox.settings["onboarding"].string : nil,
            onboardingChanges: scenario.onboarding ?? [:], collection: hasCollection ? sandbox.collection : nil,
            collectionChanges: scenario.collection ?? [:])
        book = try await Player.open(folder, profile, vault)
    }

    private static func open(_ folder: Folder, _ profile: String, _ vault: MemoryVault) async throws -> Satchel {
        try await Satchel.open(root: folder.path, officer: "dara", profile: profile, vault: vault)
    }

    private func play(_ step: Step) async throws {
        let end = ContinuousClock.now + step.eventually
        while true {
            let value = try await outcome(step)
            guard let why = wrong(step, value) else { return }
            if ContinuousClock.now >= end { throw Wrong("\(why)\n  it gave \(value)") }
            try await Task.sleep(for: .milliseconds(15))
        }
    }

    /// What the expectation misses. A step that expects nothing must not fail.
    private func wrong(_ step: Step, _ value: JSON) -> String? {
        if let expected = step.expect { return misses(expected, value) }
        return value["error"] == .null ? nil : "it failed with \(value["error"])"
    }

    /// The step's value; of a call that the library refuses, its error.
    private func outcome(_ step: Step) async throws -> JSON {
        do {
            if let value = try await act(step) { return value }
            if let value = try await actOnboarding(step) { return value }
            if let value = try await actCollection(step) { return value }
            if let value = try await atBank(step) { return value }
            return try await atServer(step)
        } catch let error as SatchelError {
            return error.json
        }
    }

    /// Closes the book and opens it again, as after the end of the process.
    func restart() async throws {
        do { try await book.shutdown() } catch SatchelError.Locked {}  // a locked book is closed already
        book = try await Player.open(folder, profile, vault)
    }

    /// The record that a step is about.
    func record(_ step: Step) throws -> BookRecord { try record(try step.about()) }

    func record(_ name: String) throws -> BookRecord {
        guard let record = names[name] else { throw Wrong("nobody is called `\(name)`") }
        return record
    }

    func prospect(_ step: Step) throws -> Int64 { try prospect(try step.about()) }

    func prospect(_ name: String) throws -> Int64 {
        guard case let .prospect(id) = try record(name) else { throw Wrong("`\(name)` is no prospect") }
        return id
    }

    /// The name that the file gave a record.
    func name(of record: BookRecord) -> String { names.first { $0.value == record }?.key ?? "?" }

    /// The bank's code of the step's prospect: this tablet's, or another device's.
    func code(_ step: Step) async throws -> String {
        if let code = codes[try step.about()] { return code }
        guard let code = try await book.get(id: try prospect(step)).code else {
            throw Wrong("`\(try step.about())` has no code")
        }
        return code
    }
}
