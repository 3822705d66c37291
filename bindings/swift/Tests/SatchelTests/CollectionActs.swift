import Foundation
import Satchel

/// The verbs of the tablet for late payers, and of the sandbox's collection service.
extension Player {
    var collection: CollectionDesk { CollectionDesk(book: book) }

    /// Does what the step says, once; nothing for a verb that is not one of these.
    func actCollection(_ step: Step) async throws -> JSON? {
        switch step.verb {
        case "download_tasks": return try await collection.downloadTasks().json
        case "tasks":
            let page = try await collection.tasks(query: try latePayers(step))
            return [
                "contracts": .list(page.items.map { .text($0.task.contract) }), "count": .count(page.count),
                "total": amount(page.total, in: step),
            ]
        case "task": return shown(try await latePayer(step), in: step)
        case "record":
            let id = try await collection.record(task: try await latePayer(step).id, fields: try recorded(step))
            names[try step.given()] = .collectionResult(id: id)
        case "elsewhere_task": try await order(["action": "put_task", "members": .object(step.with)])
        case "elsewhere_paid":
            try await order(["action": "remove_task", "contract_no": .text(try step.text("contract"))])
        case "results": return try await results()
        default: return nil
        }
        return [:]
    }

    /// What was recorded, as the step says it: all of it.
    func recorded(_ step: Step) throws -> ResultFields {
        try step.with.filter { $0.key != "contract" }.reduce(ResultFields(result: "", action: "")) { fields, said in
            let (value, text) = (said.value, said.value.string ?? "")
            switch said.key {
            case "result": return fields.with(result: text)
            case "action": return fields.with(action: text)
            case "remark": return fields.with(remark: text)
            case "collected":
                guard let at = CivilDateTime(text) else { throw Wrong("\(value) is no time") }
                return fields.with(collected: at)
            case "promised": return fields.with(promised: try day(value))
            case "period": return fields.with(period: try step.number("period"))
            case let other: throw Wrong("no result has a `\(other)`")
            }
        }
    }

    func shown(_ result: CollectionResult) -> JSON {
        let fields = result.fields
        return [
            "stage": .text(word(result.stage)), "result": .text(fields.result), "action": .text(fields.action),
            "remark": .text(fields.remark), "promised": .optional(fields.promised?.description),
            "period": .count(fields.period), "unsent": .bool(result.unsent),
        ]
    }

    private func shown(_ listed: TaskListed, in step: Step) -> JSON {
        let task = listed.task
        return [
            "name": .text(task.name), "gone": .bool(listed.gone), "today": .bool(listed.today), "unsent": .count(listed.unsent),
            "total": amount(task.total, in: step), "overdue": .optional(task.overdue),
            "due": .optional(task.due?.description), "unread": .list(task.unread.map(JSON.text)),
            "last": .optional(listed.last?.result), "promised": .optional(listed.last?.promised?.description),
        ]
    }

    /// Of the step's `total`. A `Decimal` has the exact number without the zeros behind it: written as the file expects it, if
    /// that is the same number.
    private func amount(_ value: Decimal?, in step: Step) -> JSON {
        guard let value else { return .null }
        let expected = step.expect?["total"].string
        return .text(expected.flatMap { (try? $0.toDecimal()) == value ? $0 : nil } ?? value.description)
    }

    /// Whom the step's `contract` is of.
    private func latePayer(_ step: Step) async throws -> TaskListed {
        let contract = try step.text("contract")
        let all = try await collection.tasks(query: TaskQuery(includeGone: true, limit: 500)).items
        guard let one = all.first(where: { $0.task.contract == contract }) else {
            throw Wrong("the tablet knows no contract `\(contract)`")
        }
        return one
    }

    private func latePayers(_ step: Step) throws -> TaskQuery {
        let known: Set = ["text", "overdue_from", "total_from", "promised", "branch", "unsent", "include_gone"]
        if let stranger = step.with.keys.sorted().first(where: { !known.contains($0) }) {
            throw Wrong("there is no filter `\(stranger)`")
        }
        return TaskQuery(
            text: step.with["text"]?.string, overdueFrom: step.with["overdue_from"]?.int,
            totalFrom: try step.with["total_from"].map { try ($0.string ?? "").toDecimal() },
            promised: step.with["promised"]?.flag, branch: step.with["branch"]?.string, unsent: step.with["unsent"]?.flag,
            includeGone: step.with["include_gone"]?.flag ?? false, limit: 500)
    }

    /// What the service holds.
    private func results() async throws -> JSON {
        let fields = (try await sandbox.get("/_results").items ?? []).map { $0["fields"] }
        let alike = fields.map { one in Int64(fields.count { $0 == one }) }
        return [
            "contracts": .list(fields.map { $0["account_no"] }), "last": fields.last ?? .null,
            "most_of_one": .count(alike.max() ?? 0),
        ]
    }

    private func order(_ order: JSON) async throws { _ = try await sandbox.post("/_control/collection", order) }
}
