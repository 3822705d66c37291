import Foundation
import Satchel

/// The verbs of the sandbox: what goes wrong, what others do, and what the server saw.
extension Player {
    func atServer(_ step: Step) async throws -> JSON {
        switch step.verb {
        case "faults":
            guard let faults = step.with["faults"], faults.items != nil else { throw Wrong("it needs a list `faults`") }
            _ = try await sandbox.put("/_faults", faults)
        case "clear_faults": _ = try await sandbox.delete("/_faults")
        case "fired": return try await sandbox.get("/_faults")["fired"]
        case "expire_session": try await control(["action": "expire", "user": "dara"])
        case "expire_session_after":
            try await control(["action": "expire_after", "user": "dara", "calls": .count(try step.number("calls"))])
        case "renew_session":
            guard let new = try await control(["action": "renew", "user": "dara"])["session"].string else {
                throw Wrong("the sandbox gave no session")
            }
            session = new
        case "elsewhere_insert":
            let order: JSON = ["action": "insert", "officer": "dara", "fields": try wireFields(step)]
            codes[try step.given()] = try await elsewhere(order)
        case "elsewhere_edit":
            try await elsewhere(["action": "edit", "code": .text(try await code(step)), "fields": try wireFields(step)])
        case "elsewhere_reject": try await elsewhere(["action": "reject", "code": .text(try await code(step))])
        case "calls":
            let status = try await sandbox.get("/_status")
            return ["seen": status["requests"], "in_flight": status["in_flight"]]
        case "ledger": return try await ledger()
        case "server": return try await server(step)
        case let other: throw Wrong("there is no verb `\(other)`")
        }
        return [:]
    }

    /// The code under which the server has a prospect of the file, known to the tablet or not; of an application, the number
    /// of the oldest there.
    func codeAtServer(_ name: String) async throws -> String {
        if case .application = names[name], let number = try await applicationAtBank() { return number }
        guard let code = try await serverCode(name) else { throw Wrong("the server has no `\(name)`") }
        return code
    }

    @discardableResult
    private func control(_ order: JSON) async throws -> JSON { try await sandbox.post("/_control/session", order) }

    @discardableResult
    private func elsewhere(_ order: JSON) async throws -> String {
        guard let code = try await sandbox.post("/_control/prospect", order)["code"].string else {
            throw Wrong("the sandbox gave no code")
        }
        return code
    }

    /// What clients did to prospects: what was done at the server itself (request 0) is not counted.
    private func effects() async throws -> [JSON] {
        (try await sandbox.get("/_ledger").items ?? []).filter { $0["remote"] == "prospect" && $0["request"] != 0 }
    }

    /// What this tablet's calls did, by the names of the file, and in what order.
    private func ledger() async throws -> JSON {
        let effects = try await effects()
        var counts: [String: [String: Int64]] = [:]
        var order: [JSON] = []
        for effect in effects {
            let kind = effect["kind"].string ?? "?"
            let name = nameInLedger(effects, effect)
            counts[kind, default: [:]][name, default: 0] += 1
            order.append(.text("\(kind) \(name)"))
        }
        let creates = counts["create"] ?? [:]
        return [
            "creates": .object(creates.mapValues(JSON.count)),
            "updates": .object((counts["update"] ?? [:]).mapValues(JSON.count)),
            "rejects": .object((counts["reject"] ?? [:]).mapValues(JSON.count)),
            "created": .count(creates.values.reduce(0, +)),
            "most_creates_of_one": .count(creates.values.max() ?? 0),
            "order": .list(order),
        ]
    }

    /// A create carries the tablet's own number; everything else the code that a create got.
    private func nameInLedger(_ effects: [JSON], _ effect: JSON) -> String {
        if let (name, _) = codes.first(where: { .text($0.value) == effect["code"] }) { return name }
        let create = effects.first { $0["kind"] == "create" && $0["code"] == effect["code"] }
        return create?["client_ref"].string.flatMap { Int64($0) }.map { name(of: .prospect(id: $0)) } ?? "?"
    }

    /// The server's rows that are not rejected: how many, and with `of` that prospect's.
    private func server(_ step: Step) async throws -> JSON {
        let rows = try await sandbox.get("/_prospects").items ?? []
        var row = JSON.null
        if let name = step.of, let code = try await serverCode(name) {
            row = rows.first { $0["code"] == .text(code) }.map(shown) ?? .null
        }
        return ["rows": .count(Int64(rows.count { $0["rejected"] == false })), "row": row]
    }

    /// The code that the server gave to a prospect of the file.
    private func serverCode(_ name: String) async throws -> String? {
        if let code = codes[name] { return code }
        guard case let .prospect(id) = names[name] else { return nil }
        let create = try await effects().first { $0["kind"] == "create" && $0["client_ref"] == .text(String(id)) }
        return create?["code"].string
    }

    private func shown(_ row: JSON) -> JSON {
        let given = wire.map { ($0.key, row["fields"][$0.value]) }.filter { $0.1 != .null && $0.1 != "" }
        return ["rejected": row["rejected"], "fields": .object(Dictionary(uniqueKeysWithValues: given))]
    }

    private func wireFields(_ step: Step) throws -> JSON {
        let pairs = try step.with.map { name, value -> (String, JSON) in
            guard let spelt = wire[name] else { throw Wrong("there is no field `\(name)`") }
            return (spelt, .text(value.string ?? ""))
        }
        return .object(Dictionary(uniqueKeysWithValues: pairs))
    }
}

/// The fields by their names in the API, as the service spells them.
let wire: [String: String] = [
    "age": "Age", "business_status": "BizStatusID", "collateral_status": "CollateralStatusID",
    "created_at": "CreateDateClient", "comment": "CustComment", "expect_on_board": "ExpectOnBoardDate",
    "gender": "GenderID", "loan_eligible": "LoanEligibleID", "name_en": "NameEn", "name_kh": "NameKh",
    "phone": "Phone", "promotion_1": "PromotionDate1", "promotion_2": "PromotionDate2", "promotion_3": "PromotionDate3",
    "status": "ProspectStatusID", "refer_by": "ReferByID", "refer_name": "ReferName", "registered_at": "RegisterDate",
    "village": "VillageID", "old_customer": "IsOldCust", "occupation": "OccupationType", "officer_comment": "COCommends",
]
