package org.satchel.scenario

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.satchel.Sandbox

/** The verbs of the sandbox's onboarding service: what others do there, and what it holds. */
class AtBank(
    private val sandbox: Sandbox,
    private val player: Player,
    private val server: AtServer,
) {
    suspend fun act(step: Step): JsonElement {
        when (step.verb) {
            "elsewhere_ask" -> {
                val application = player.desk.application(player.application(step)).applicationId
                order("create_action", "application" to application, "members" to step.with)
            }

            "elsewhere_withdraw" -> {
                order("withdraw_action", "identifier" to identifier(step))
            }

            "elsewhere_answer" -> {
                order("answer", "identifier" to identifier(step), "response" to step.text("response"))
            }

            "bank" -> {
                return bank(step)
            }

            else -> {
                return server.act(step)
            }
        }
        return Say.nothing
    }

    /** The number of the oldest application there. */
    fun application(): String? = list("_applications").firstOrNull()?.text("id")

    private suspend fun bank(step: Step): JsonElement {
        val documents = list("_documents")
        val hash = step.of?.let { player.desk.document(player.document(it)).sha256 }
        val answered = list("_actions").filter { it.getValue("shown").jsonObject.text("UserActionStatus") == "Submitted" }
        val own = list("_ledger?after=0").filter { it.text("remote") == "onboarding" && it.text("request") != "0" }
        return Say.json(
            mapOf(
                "applications" to list("_applications").map { people(it) },
                "documents" to documents.map { it.text("name") },
                "copies" to hash?.let { same -> documents.count { it.text("sha256") == same } },
                "answers" to answered.associate { it.getValue("shown").jsonObject.text("UserActionName") to it.text("response") },
                "order" to own.map(::told),
            ),
        )
    }

    private fun people(application: JsonObject): Map<String, Any?> {
        val names =
            application.getValue("people").jsonArray.map { person ->
                val fields = person.jsonObject.getValue("fields").jsonObject
                "${fields.text("FirstName")} ${fields.text("LastName")}"
            }
        return mapOf("applicant" to names.firstOrNull(), "co_applicants" to names.drop(1))
    }

    /** `upload slip.pdf`, `answer StayingSince`, `create Dara Sok`. */
    private fun told(effect: JsonObject): String {
        val fields = effect.getValue("fields").jsonObject
        val person = "${fields.text("FirstName")} ${fields.text("LastName")}".trim()
        val action = effect.text("code").substringBefore('_')
        val name = listOf(person, fields.text("UserActionName"), fields.text("fileName"), action).first { it.isNotEmpty() }
        return "${effect.text("kind")} $name"
    }

    private suspend fun identifier(step: Step) = player.desk.action(player.action(step)).identifier

    private fun list(route: String) = sandbox.get("/$route").jsonArray.map { it.jsonObject }

    private fun order(
        action: String,
        vararg members: Pair<String, Any?>,
    ) {
        sandbox.post("/_control/onboarding", Say.json(mapOf("action" to action) + members))
    }

    private fun JsonObject.text(name: String) = (this[name] as? JsonPrimitive)?.contentOrNull.orEmpty()
}
