import Satchel

/// The verbs of the sandbox's onboarding service: what others do there, and what it holds.
extension Player {
    /// Does what the step says, once; nothing for a verb that is not one of these.
    func atBank(_ step: Step) async throws -> JSON? {
        let onboarding = Onboarding(book: book)
        switch step.verb {
        case "elsewhere_ask":
            let code = try await onboarding.application(id: try application(step)).applicationId
            try await order("create_action", ["application": .optional(code), "members": .object(step.with)])
        case "elsewhere_withdraw", "elsewhere_answer":
            let identifier = JSON.text(try await onboarding.action(id: try action(step)).identifier)
            if step.verb == "elsewhere_withdraw" {
                try await order("withdraw_action", ["identifier": identifier])
            } else {
                try await order("answer", ["identifier": identifier, "response": .text(try step.text("response"))])
            }
        case "bank": return try await bank(step)
        default: return nil
        }
        return [:]
    }

    /// The number of the oldest application there.
    func applicationAtBank() async throws -> String? { try await list("/_applications").first?["id"].string }

    private func bank(_ step: Step) async throws -> JSON {
        let documents = try await list("/_documents")
        var copies = JSON.null
        if let of = step.of {
            let hash = try await Onboarding(book: book).document(id: try paper(of)).sha256
            copies = .count(Int64(documents.count { $0["sha256"] == .text(hash) }))
        }
        let answered = try await list("/_actions").filter { $0["shown"]["UserActionStatus"] == "Submitted" }
        let answers = answered.map { ($0["shown"]["UserActionName"].string ?? "", $0["response"]) }
        let own = try await list("/_ledger").filter { $0["remote"] == "onboarding" && $0["request"] != 0 }
        return [
            "applications": .list(try await list("/_applications").map(people)),
            "documents": .list(documents.map { $0["name"] }),
            "copies": copies,
            "answers": .object(Dictionary(answers, uniquingKeysWith: { $1 })),
            "order": .list(own.map(told)),
        ]
    }

    private func people(_ application: JSON) -> JSON {
        let names = (application["people"].items ?? []).map { JSON.text(fullName($0["fields"])) }
        return ["applicant": names.first ?? .null, "co_applicants": .list(Array(names.dropFirst()))]
    }

    private func fullName(_ fields: JSON) -> String {
        ["FirstName", "LastName"].compactMap { fields[$0].string }.joined(separator: " ")
    }

    /// `upload slip.pdf`, `answer StayingSince`, `create Dara Sok`.
    private func told(_ effect: JSON) -> JSON {
        let fields = effect["fields"]
        let action = (effect["code"].string ?? "").split(separator: "_").first.map(String.init) ?? ""
        let names = [fullName(fields), fields["UserActionName"].string ?? "", fields["fileName"].string ?? "", action]
        return .text("\(effect["kind"].string ?? "?") \(names.first { !$0.isEmpty } ?? "?")")
    }

    private func list(_ route: String) async throws -> [JSON] { try await sandbox.get(route).items ?? [] }

    private func order(_ action: String, _ members: [String: JSON]) async throws {
        _ = try await sandbox.post("/_control/onboarding", .object(members.merging(["action": .text(action)]) { $1 }))
    }
}
