package org.satchel.scenario

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import org.satchel.BookRecord
import org.satchel.Field
import org.satchel.Sandbox
import org.satchel.fieldName
import org.satchel.wireName

/** The verbs of the sandbox: what goes wrong, what others do, and what the server saw. */
class AtServer(
    private val sandbox: Sandbox,
    private val player: Player,
) {
    /** The session that the next `sign_in` uses. */
    var session = "S-1"

    /** Codes of prospects that another device made. */
    private val codes = mutableMapOf<String, String>()

    suspend fun act(step: Step): JsonElement {
        when (step.verb) {
            "faults" -> {
                sandbox.put("/_faults", requireNotNull(step.with["faults"]) { "it needs a list `faults`" })
            }

            "clear_faults" -> {
                sandbox.delete("/_faults")
            }

            "expire_session" -> {
                order("session", "action" to "expire", "user" to "dara")
            }

            "expire_session_after" -> {
                order("session", "action" to "expire_after", "user" to "dara", "calls" to step.number("calls"))
            }

            "renew_session" -> {
                session = order("session", "action" to "renew", "user" to "dara").getValue("session").jsonPrimitive.content
            }

            "elsewhere_insert" -> {
                codes[step.needsName()] =
                    order("prospect", "action" to "insert", "fields" to wire(step)).getValue("code").jsonPrimitive.content
            }

            "elsewhere_edit" -> {
                order("prospect", "action" to "edit", "code" to codeOf(step), "fields" to wire(step))
            }

            "elsewhere_reject" -> {
                order("prospect", "action" to "reject", "code" to codeOf(step))
            }

            "fired" -> {
                return sandbox.get("/_faults").jsonObject.getValue("fired")
            }

            "calls" -> {
                return calls()
            }

            "ledger" -> {
                return ledger()
            }

            "server" -> {
                return server(step)
            }

            else -> {
                throw IllegalArgumentException("there is no verb `${step.verb}`")
            }
        }
        return Say.nothing
    }

    /** The bank's code of the step's prospect: this tablet's, or another device's. */
    suspend fun codeOf(step: Step): String {
        val name = requireNotNull(step.of) { "it needs `of`" }
        return codes[name] ?: requireNotNull(player.book.get(player.id(step)).code) { "`$name` has no code" }
    }

    /** The code under which the server has a prospect of the file, known to the tablet or not. */
    fun codeAtServer(name: String): String = requireNotNull(codesOf(name).firstOrNull()) { "the server has no `$name`" }

    private fun order(
        what: String,
        vararg members: Pair<String, Any>,
    ): JsonObject = sandbox.post("/_control/$what", Say.json(members.toMap())).jsonObject

    private fun wire(step: Step) =
        step.with.entries.associate { (name, value) -> wireName(field(name)) to value.jsonPrimitive.contentOrNull.orEmpty() }

    private fun calls(): JsonElement {
        val status = sandbox.get("/_status").jsonObject
        return Say.json(mapOf("seen" to status["requests"], "in_flight" to status["in_flight"]))
    }

    private class Effect(
        json: JsonObject,
    ) {
        val remote = json.getValue("remote").jsonPrimitive.content
        val kind = json.getValue("kind").jsonPrimitive.content
        val code = json.getValue("code").jsonPrimitive.content
        val clientRef = json.getValue("client_ref").jsonPrimitive.content
        val request = json.getValue("request").jsonPrimitive.long
    }

    private fun effects() = sandbox.get("/_ledger?after=0").jsonArray.map { Effect(it.jsonObject) }

    /** What this tablet's calls did, by the names of the file, and in what order. */
    private fun ledger(): JsonElement {
        val all = effects()
        val mine = all.filter { it.remote == "prospect" && it.request != 0L }.map { it.kind to nameIn(all, it) }

        fun of(kind: String) =
            mine
                .filter { it.first == kind }
                .groupingBy { it.second }
                .eachCount()
        val creates = of("create")
        return Say.json(
            mapOf(
                "creates" to creates,
                "updates" to of("update"),
                "rejects" to of("reject"),
                "created" to creates.values.sum(),
                "most_creates_of_one" to (creates.values.maxOrNull() ?: 0),
                "order" to mine.map { (kind, name) -> "$kind $name" },
            ),
        )
    }

    /** A create carries the tablet's own number; everything else the code that a create got. */
    private fun nameIn(
        all: List<Effect>,
        effect: Effect,
    ): String {
        val elsewhere = codes.entries.firstOrNull { it.value == effect.code }?.key
        val create = all.firstOrNull { it.kind == "create" && it.code == effect.code }
        return elsewhere ?: player.nameOf(create?.clientRef?.toLongOrNull()?.let { BookRecord.Prospect(it) })
    }

    private fun codesOf(name: String): List<String> {
        codes[name]?.let { return listOf(it) }
        val id = (player.names[name] as? BookRecord.Prospect)?.id ?: return emptyList()
        return effects().filter { it.request != 0L && it.kind == "create" && it.clientRef == "$id" }.map { it.code }
    }

    /** The server's rows that are not rejected: how many, and with `of` that prospect's. */
    private fun server(step: Step): JsonElement {
        val rows = sandbox.get("/_prospects").jsonArray.map { it.jsonObject }
        val code = step.of?.let { codesOf(it).firstOrNull() }
        val row = rows.firstOrNull { it.getValue("code").jsonPrimitive.content == code }
        val live = rows.count { !it.getValue("rejected").jsonPrimitive.boolean }
        return Say.json(mapOf("rows" to live, "row" to row?.let(::shown)))
    }

    private fun shown(row: JsonObject): Map<String, Any> {
        val held = row.getValue("fields").jsonObject
        val fields = Field.entries.associate { fieldName(it) to held[wireName(it)]?.jsonPrimitive?.content.orEmpty() }
        return mapOf("rejected" to row.getValue("rejected"), "fields" to fields.filterValues { it.isNotEmpty() })
    }
}
