import Foundation
import Testing

@Suite struct ScenarioTests {
    /// Every file of `tests/scenarios`, word for word. `SATCHEL_SCENARIO=answer` plays those with that in their names.
    @Test func everyScenarioHolds() async throws {
        let files = try scenarios()
        #expect(files.count >= 59, "the scenarios are here")
        let part = ProcessInfo.processInfo.environment["SATCHEL_SCENARIO"] ?? ""
        let wanted = part.isEmpty ? files : files.filter { $0.lastPathComponent.contains(part) }
        let outcomes = try await played(wanted, atOnce: 6)
        for outcome in outcomes { if let why = outcome.why { Issue.record("\(outcome.name): \(why)") } }
        let failed = outcomes.count { $0.why != nil }
        print("scenarios: \(outcomes.count) played, \(failed) do not hold")
        #expect(outcomes.count == wanted.count && !wanted.isEmpty, "none is skipped")
    }

    @Test(arguments: [
        ("{}", "missing field"),
        (#"{"name":"n","about":"a","steps":[{"do":"fly"}]}"#, "no verb `fly`"),
        (#"{"name":"n","about":"a","steps":[{"do":"add","as":"x","with":{"fax":"1"}}]}"#, "no field `fax`"),
        (#"{"name":"n","about":"a","steps":[{"do":"get","of":"x"}]}"#, "nobody is called `x`"),
        (#"{"name":"n","about":"a","steps":[{"do":"link","with":{"link":"wet"}}]}"#, "no link `wet`"),
        (#"{"name":"n","about":"a","steps":[{"do":"resume","expects":{}}]}"#, "unknown field"),
        (#"{"name":"n","about":"a","steps":[{"do":"summary","expect":{"unsent":1}}]}"#, "value.unsent"),
        (#"{"name":"n","about":"a","steps":[{"do":"download"}]}"#, "it failed with"),
        (#"{"name":"n","about":"a","collection":{},"steps":[{"do":"tasks","with":{"fax":"1"}}]}"#, "no filter `fax`"),
        (#"{"name":"n","about":"a","collection":{},"steps":[{"do":"task","with":{"contract":"1"}}]}"#, "no contract `1`"),
    ])
    func aWrongFileIsToldAndNotPlayed(text: String, why: String) async {
        do {
            try await Player.play(text)
            Issue.record("it was played")
        } catch {
            #expect("\(error)".contains(why))
        }
    }

    @Test func whatIsNamedMustBeThereAndTheRestMayBe() {
        let came: JSON = ["place": "at_bank", "can": ["edit", "reject"], "n": 3, "none": .null]
        let fits: [JSON] = [
            [:], ["place": "at_bank"], ["can": ["edit", "reject"]], ["can": ["$contains": ["reject"]]],
            ["can": ["$lacks": ["withdraw"]]], ["n": ["$at_least": 3]], ["n": ["$at_most": 3]],
            ["place": ["$one_of": ["x", "at_bank"]]], ["none": .null, "missing": .null],
        ]
        for one in fits { #expect(misses(one, came) == nil, "\(one)") }
        let fitsNot: [JSON] = [
            ["place": "on_tablet"], ["can": ["edit"]], ["can": ["reject", "edit"]], ["can": ["$contains": ["withdraw"]]],
            ["can": ["$lacks": ["edit"]]], ["n": ["$at_least": 4]], ["n": ["$at_most": 2]], ["n": ["$atleast": 1]],
            ["place": ["$one_of": ["x"]]], ["place": ["deeper": 1]], [],
        ]
        for one in fitsNot { #expect(misses(one, came) != nil, "\(one)") }
    }
}

private struct Outcome: Sendable {
    let name: String
    let why: String?
}

private func scenarios() throws -> [URL] {
    let folder = URL(fileURLWithPath: package + "/../../tests/scenarios")
    let all = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return all.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
}

/// Plays the files, so many at once: they mostly wait.
private func played(_ files: [URL], atOnce: Int) async throws -> [Outcome] {
    await withTaskGroup(of: Outcome.self) { group in
        var left = files[...]
        var outcomes: [Outcome] = []
        func begin() {
            guard let file = left.popFirst() else { return }
            group.addTask { await play(file) }
        }
        for _ in 0..<atOnce { begin() }
        while let outcome = await group.next() {
            outcomes.append(outcome)
            begin()
        }
        return outcomes
    }
}

private func play(_ file: URL) async -> Outcome {
    let started = ContinuousClock.now
    do {
        try await Player.play(try String(contentsOf: file, encoding: .utf8))
        print("\(started.duration(to: .now).formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 1)))) \(file.lastPathComponent)")
        return Outcome(name: file.lastPathComponent, why: nil)
    } catch {
        return Outcome(name: file.lastPathComponent, why: "\(error)")
    }
}
