import Foundation

/// A scenario as its file says it. `tests/scenarios/README.md` is the format's document.
struct Scenario: Sendable {
    let name: String
    let profile: [String: JSON]
    let service: JSON?
    let onboarding: [String: JSON]?
    let onboardingService: JSON?
    let collection: [String: JSON]?
    let collectionService: JSON?
    let steps: [Step]

    static func read(_ text: String) throws -> Scenario {
        let known: Set = [
            "name", "about", "profile", "service", "onboarding", "onboarding_service", "collection", "collection_service", "steps",
        ]
        let file = try Members(try JSON.read(text), "file", known)
        _ = try file.text("about")
        guard let steps = file["steps"]?.items else { throw Wrong("missing field `steps`") }
        return Scenario(
            name: try file.text("name"), profile: try file.object("profile"), service: file["service"],
            onboarding: file["onboarding"] == nil ? nil : try file.object("onboarding"),
            onboardingService: file["onboarding_service"],
            collection: file["collection"] == nil ? nil : try file.object("collection"),
            collectionService: file["collection_service"], steps: try steps.map(Step.init))
    }
}

/// One step.
struct Step: Sendable {
    let verb: String
    let of: String?
    let name: String?
    let with: [String: JSON]
    let expect: JSON?
    let eventually: Duration

    init(_ json: JSON) throws {
        let step = try Members(json, "step", ["do", "of", "as", "with", "expect", "eventually_ms", "why"])
        verb = try step.text("do")
        of = try step.optionalText("of")
        name = try step.optionalText("as")
        with = try step.object("with")
        expect = step["expect"]
        guard let wait = step["eventually_ms"] ?? .some(0), let ms = wait.int else {
            throw Wrong("`eventually_ms` is no number")
        }
        eventually = .milliseconds(ms)
        _ = try step.optionalText("why")
    }

    func text(_ name: String) throws -> String {
        guard let text = with[name]?.string else { throw Wrong("it needs a text `\(name)`") }
        return text
    }

    func number(_ name: String) throws -> Int64 {
        guard let n = with[name]?.int else { throw Wrong("it needs a number `\(name)`") }
        return n
    }

    /// The name that it gives.
    func given() throws -> String {
        guard let name else { throw Wrong("it needs `as`") }
        return name
    }

    /// The name of what it is about.
    func about() throws -> String {
        guard let of else { throw Wrong("it needs `of`") }
        return of
    }
}

/// An object of a file, whose members are all known.
private struct Members {
    private let all: [String: JSON]

    init(_ json: JSON, _ what: String, _ known: Set<String>) throws {
        guard let members = json.members else { throw Wrong("the \(what) is no object") }
        if let stranger = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw Wrong("unknown field `\(stranger)`")
        }
        all = members
    }

    subscript(name: String) -> JSON? { all[name] }

    func text(_ name: String) throws -> String {
        guard let text = try optionalText(name) else { throw Wrong("missing field `\(name)`") }
        return text
    }

    func optionalText(_ name: String) throws -> String? {
        guard let value = all[name] else { return nil }
        guard let text = value.string else { throw Wrong("`\(name)` is no text") }
        return text
    }

    func object(_ name: String) throws -> [String: JSON] {
        guard let value = all[name] else { return [:] }
        guard let members = value.members else { throw Wrong("`\(name)` is no object") }
        return members
    }
}
