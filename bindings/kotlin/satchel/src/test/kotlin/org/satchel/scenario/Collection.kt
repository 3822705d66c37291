package org.satchel.scenario

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import org.satchel.BookRecord
import org.satchel.ResultFields
import org.satchel.Sandbox
import org.satchel.TaskQuery
import java.time.LocalDate
import java.time.LocalDateTime

/** The verbs of the tablet for late payers, and of the sandbox's collection service. */
class Collection(
    private val sandbox: Sandbox,
    private val player: Player,
    private val onboarding: Onboarding,
) {
    suspend fun act(step: Step): JsonElement {
        when (step.verb) {
            "download_tasks" -> {
                return Say.downloaded(player.rounds.downloadTasks())
            }

            "tasks" -> {
                val page = player.rounds.tasks(query(step))
                val contracts = page.items.map { it.task.contract }
                return Say.json(mapOf("contracts" to contracts, "count" to page.count, "total" to page.total?.toPlainString()))
            }

            "task" -> {
                return task(step)
            }

            "record" -> {
                val id = player.rounds.record(latePayer(step), fields(step))
                player.names[step.needsName()] = BookRecord.CollectionResult(id)
            }

            "elsewhere_task" -> {
                order("put_task", "members" to step.with)
            }

            "elsewhere_paid" -> {
                order("remove_task", "contract_no" to JsonPrimitive(step.text("contract")))
            }

            "results" -> {
                return results()
            }

            else -> {
                return onboarding.act(step)
            }
        }
        return Say.nothing
    }

    suspend fun get(id: Long): JsonElement {
        val result = player.rounds.result(id)
        val fields = result.fields
        return Say.json(
            mapOf(
                "stage" to result.stage,
                "result" to fields.result,
                "action" to fields.action,
                "remark" to fields.remark,
                "promised" to fields.promised?.toString(),
                "period" to fields.period,
                "unsent" to result.unsent,
            ),
        )
    }

    fun fields(step: Step): ResultFields {
        var fields = ResultFields("", "")
        for ((name, value) in step.with - "contract") {
            val text = value.jsonPrimitive.contentOrNull.orEmpty()
            fields =
                when (name) {
                    "result" -> fields.copy(result = text)
                    "action" -> fields.copy(action = text)
                    "remark" -> fields.copy(remark = text)
                    "collected" -> fields.copy(collected = LocalDateTime.parse(text))
                    "promised" -> fields.copy(promised = LocalDate.parse(text))
                    "period" -> fields.copy(period = value.jsonPrimitive.long)
                    else -> throw IllegalArgumentException("no result has a `$name`")
                }
        }
        return fields
    }

    private fun query(step: Step): TaskQuery {
        var query = TaskQuery(limit = 500)
        for ((name, json) in step.with) {
            val value = json.jsonPrimitive
            query =
                when (name) {
                    "text" -> query.copy(text = value.content)
                    "overdue_from" -> query.copy(overdueFrom = value.long)
                    "total_from" -> query.copy(totalFrom = value.content.toBigDecimal())
                    "promised" -> query.copy(promised = value.boolean)
                    "branch" -> query.copy(branch = value.content)
                    "unsent" -> query.copy(unsent = value.boolean)
                    "include_gone" -> query.copy(includeGone = value.boolean)
                    else -> throw IllegalArgumentException("there is no filter `$name`")
                }
        }
        return query
    }

    private suspend fun task(step: Step): JsonElement {
        val listed = player.rounds.task(latePayer(step))
        return Say.json(
            mapOf(
                "name" to listed.task.name,
                "gone" to listed.gone,
                "today" to listed.today,
                "unsent" to listed.unsent,
                "total" to listed.task.total?.toPlainString(),
                "overdue" to listed.task.overdue,
                "due" to listed.task.due?.toString(),
                "unread" to listed.task.unread,
                "last" to listed.last?.result,
                "promised" to listed.last?.promised?.toString(),
            ),
        )
    }

    /** Whom the step's `contract` is of. */
    private suspend fun latePayer(step: Step): Long {
        val contract = step.text("contract")
        val all = player.rounds.tasks(TaskQuery(includeGone = true, limit = 500)).items
        return requireNotNull(all.find { it.task.contract == contract }) { "the tablet knows no contract `$contract`" }.id
    }

    private fun results(): JsonElement {
        val results = sandbox.get("/_results").jsonArray.map { it.jsonObject.getValue("fields").jsonObject }
        return Say.json(
            mapOf(
                "contracts" to results.map { it.getValue("account_no").jsonPrimitive.content },
                "last" to results.lastOrNull(),
                "most_of_one" to (results.groupingBy { it }.eachCount().maxOfOrNull { it.value } ?: 0),
            ),
        )
    }

    private fun order(
        action: String,
        vararg with: Pair<String, JsonElement>,
    ) {
        sandbox.post("/_control/collection", JsonObject(mapOf("action" to JsonPrimitive(action)) + with))
    }
}
