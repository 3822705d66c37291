package org.satchel.scenario

import kotlinx.coroutines.delay
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import org.satchel.BookRecord
import org.satchel.Choice
import org.satchel.Decision
import org.satchel.DraftAbout
import org.satchel.Field
import org.satchel.FieldChange
import org.satchel.Folder
import org.satchel.Link
import org.satchel.MemoryVault
import org.satchel.OpenBook
import org.satchel.OpenCollectionDesk
import org.satchel.OpenOnboarding
import org.satchel.Query
import org.satchel.Question
import org.satchel.Sandbox
import org.satchel.SatchelException
import org.satchel.fieldByName
import org.satchel.openSatchel
import java.io.File
import java.time.Instant
import kotlin.time.Duration.Companion.milliseconds

/** One step of a file. Unknown members are errors of the file. */
class Step(
    json: JsonObject,
) {
    init {
        val unknown = json.keys - setOf("do", "of", "as", "with", "expect", "eventually_ms", "why")
        require(unknown.isEmpty()) { "unknown members $unknown" }
    }

    val verb = json.getValue("do").jsonPrimitive.content
    val of = json["of"]?.jsonPrimitive?.content
    val name = json["as"]?.jsonPrimitive?.content
    val with: JsonObject = json["with"]?.jsonObject ?: JsonObject(emptyMap())
    val expect = json["expect"]
    val eventually = (json["eventually_ms"]?.jsonPrimitive?.long ?: 0).milliseconds

    fun needsName() = requireNotNull(name) { "it needs `as`" }

    fun text(what: String) = requireNotNull(with[what]?.jsonPrimitive?.contentOrNull) { "it needs a text `$what`" }

    fun number(what: String) = requireNotNull(with[what]) { "it needs a number `$what`" }.jsonPrimitive.long
}

fun field(name: String): Field = requireNotNull(fieldByName(name)) { "there is no field `$name`" }

private val MEMBERS =
    setOf(
        "name",
        "about",
        "profile",
        "service",
        "onboarding",
        "onboarding_service",
        "collection",
        "collection_service",
        "steps",
    )

/** Plays one scenario: a fresh sandbox, a fresh book, and the steps in order. */
class Player(
    private val scenario: JsonObject,
    internal val project: File,
) : AutoCloseable {
    private val folder = Folder()
    private val vault = MemoryVault()
    private val sandbox = Sandbox()
    private val server = AtServer(sandbox, this)
    private val bank = AtBank(sandbox, this, server)
    private val onboarding = Onboarding(this, bank)
    private val collection = Collection(sandbox, this, onboarding)
    private val profile: String
    internal lateinit var book: OpenBook
    internal lateinit var desk: OpenOnboarding
    internal lateinit var rounds: OpenCollectionDesk
    internal val names = mutableMapOf<String, BookRecord>()
    private var cursor = 0L

    init {
        val unknown = scenario.keys - MEMBERS
        require(unknown.isEmpty()) { "unknown members $unknown" }
        scenario["service"]?.let { sandbox.put("/_control/settings", it) }
        scenario["onboarding_service"]?.let { sandbox.put("/_control/onboarding/settings", it) }
        scenario["collection_service"]?.let { sandbox.put("/_control/collection/settings", it) }
        profile =
            Sandbox.profile(
                sandbox.baseUrl,
                scenario["profile"]?.jsonObject ?: Say.nothing,
                onboarding = scenario["onboarding"]?.let { sandbox.onboardingUrl },
                onboardingChanges = scenario["onboarding"]?.jsonObject ?: Say.nothing,
                collection = scenario["collection"]?.let { sandbox.collectionUrl },
                collectionChanges = scenario["collection"]?.jsonObject ?: Say.nothing,
            )
    }

    suspend fun play() {
        open()
        scenario.getValue("steps").jsonArray.forEachIndexed { n, json ->
            val step = Step(json.jsonObject)
            try {
                play(step)
            } catch (e: IllegalArgumentException) {
                throw AssertionError("${scenario["name"]}, step ${n + 1} (${step.verb}): ${e.message}", e)
            }
        }
        book.shutdown()
    }

    override fun close() {
        sandbox.close()
        folder.close()
    }

    private suspend fun open() {
        book = openSatchel(folder.file, "dara", profile, vault)
        desk = book.onboarding()
        rounds = book.collection()
    }

    private suspend fun play(step: Step) {
        val end = System.nanoTime() + step.eventually.inWholeNanoseconds
        while (true) {
            val value =
                try {
                    act(step)
                } catch (e: SatchelException) {
                    Say.error(e)
                }
            val why =
                step.expect?.let { misses(it, value) }
                    ?: (value as? JsonObject)?.get("error")?.takeIf { step.expect == null }?.let { "it failed with $it" }
                    ?: return
            require(System.nanoTime() < end) { "$why\n  it gave $value" }
            delay(15)
        }
    }

    private suspend fun act(step: Step): JsonElement =
        when (step.verb) {
            "sign_in" -> done { signIn() }
            "sign_out" -> done { book.signOut() }
            "link" -> done { book.linkChanged(Link.valueOf(step.text("link").uppercase())) }
            "resume" -> done { book.resume() }
            "pause" -> Say.json(mapOf("quiet" to book.pause(step.number("grace_ms"))))
            "drain" -> Say.drained(book.drain(step.number("deadline_ms")))
            "pause_remote" -> done { book.pauseRemote("prospect", step.text("reason")) }
            "resume_remote" -> done { book.resumeRemote("prospect") }
            "restart" -> restart()
            "lock" -> done { book.lock() }
            "add" -> add(step)
            "edit" -> done { edit(step) }
            "edit_by_code" -> done { book.editByCode(server.codeOf(step), fields(step)) }
            "reject" -> Say.json(mapOf("taken_back" to book.reject(id(step))))
            "withdraw" -> withdraw(step)
            "save_draft" -> done { book.saveDraft(about(step), step.text("form")) }
            "remove_draft" -> done { book.removeDraft(about(step)) }
            else -> look(step)
        }

    private suspend fun look(step: Step): JsonElement =
        when (step.verb) {
            "draft" -> Say.json(mapOf("form" to book.draft(about(step))?.form))
            "get" -> get(record(step))
            "list" -> list(step)
            "standing" -> Say.standing(book.standingOf(record(step)))
            "summary" -> Say.summary(book.summary())
            "health" -> Say.health(book.health())
            "asks" -> Say.json(mapOf("asks" to book.asks().map { Say.ask(it, ::nameOf) }))
            "decide" -> done { decide(step) }
            "resolve" -> done { resolve(step) }
            "download" -> Say.downloaded(book.download(step.of?.let { server.codeOf(step) }))
            "receipt" -> Json.parseToJsonElement(book.receipt().json)
            "feed" -> feed()
            "name" -> done { if ("action" in step.with) onboarding.name(step) else name(step) }
            else -> collection.act(step)
        }

    private inline fun done(act: () -> Unit): JsonElement {
        act()
        return Say.nothing
    }

    private suspend fun signIn() {
        book.signIn(Sandbox.secrets(server.session))
        if ("onboarding" in scenario) {
            val headers = mapOf("x-session" to server.session)
            desk.signIn(headers, headers)
        }
        if ("collection" in scenario) rounds.signIn("dara", "secret", "sandbox-hash-key")
    }

    private suspend fun edit(step: Step) {
        when (val record = record(step)) {
            is BookRecord.Prospect -> book.edit(record.id, fields(step))
            is BookRecord.CollectionResult -> rounds.edit(record.id, collection.fields(step))
            else -> onboarding.edit(step, record)
        }
    }

    private suspend fun withdraw(step: Step): JsonElement =
        when (val record = record(step)) {
            is BookRecord.Prospect -> Say.json(mapOf("taken_back" to book.withdraw(record.id)))
            is BookRecord.CollectionResult -> done { rounds.withdraw(record.id) }
            else -> done { onboarding.withdraw(record) }
        }

    private suspend fun get(record: BookRecord): JsonElement =
        when (record) {
            is BookRecord.Prospect -> Say.prospect(book.get(record.id))
            is BookRecord.CollectionResult -> collection.get(record.id)
            else -> onboarding.get(record)
        }

    private suspend fun restart(): JsonElement {
        book.shutdown() // a locked book is closed already
        open()
        return Say.nothing
    }

    private suspend fun add(step: Step): JsonElement {
        offTheMinute()
        val draft = step.with["from_draft"]?.let { DraftAbout.New(it.jsonPrimitive.content) }
        val added = book.add(fields(step), draft)
        names[step.needsName()] = BookRecord.Prospect(added.id)
        return Say.json(mapOf("similar" to added.similar.map { nameOf(BookRecord.Prospect(it.id)) }))
    }

    /** A creation time on the full minute proves nothing about seconds. */
    private suspend fun offTheMinute() {
        while (Instant.now().epochSecond % 60 in setOf(0L, 57L, 58L, 59L)) delay(50)
    }

    private suspend fun list(step: Step): JsonElement {
        fun text(name: String) = step.with[name]?.jsonPrimitive?.contentOrNull

        fun flag(name: String) = step.with[name]?.jsonPrimitive?.booleanOrNull
        val query =
            Query(
                text("text"),
                text("status"),
                text("village_prefix"),
                flag("unsent"),
                flag("conflict"),
                flag("include_closed") ?: false,
            )
        val page = book.list(query)
        return Say.json(mapOf("names" to page.items.map { nameOf(BookRecord.Prospect(it.id)) }, "more" to (page.next != null)))
    }

    /** The question about each, as it is shown now, or its oldest entry that can be answered. */
    private suspend fun decide(step: Step) {
        val decision =
            when (val answer = step.text("answer")) {
                "send_again" -> Decision.SendAgain
                "drop" -> Decision.Drop
                "arrived" -> Decision.Arrived(step.with["code_of"]?.let { code(it.jsonPrimitive.content) }.orEmpty())
                else -> throw IllegalArgumentException("there is no answer `$answer`")
            }
        val all = (step.with["all"] as? JsonArray)?.map { it.jsonPrimitive.content } ?: listOfNotNull(step.of)
        val asks = book.asks().flatMap { it.about }
        val questions: List<Question> =
            all.map { name ->
                val record = named(name)
                val asked = asks.find { it.record == record }?.question
                requireNotNull(asked ?: book.historyOf(record).firstNotNullOfOrNull { it.question }) {
                    "nothing is to be answered about `$name`"
                }
            }
        book.decide(questions, decision)
    }

    /** The code under which the server has what the file calls so; of an application, the number of the oldest there. */
    private fun code(name: String) = if (names[name] is BookRecord.Application) bank.application().orEmpty() else server.codeAtServer(name)

    private suspend fun resolve(step: Step) {
        val choices =
            step.with.entries.associate { (name, choice) ->
                field(name) to if (choice == JsonPrimitive("mine")) Choice.MINE else Choice.THEIRS
            }
        book.resolve(id(step), book.get(id(step)).conflict?.asked ?: 0, choices)
    }

    /** What changed since the last time, each once, and whether the revisions only rose. */
    private suspend fun feed(): JsonElement {
        val changed = linkedSetOf<String>()
        var rising = true
        while (true) {
            // The feed waits until there is something: nothing new within a moment is nothing new.
            val batch = withTimeoutOrNull(100.milliseconds) { book.feed(cursor, 500, null) } ?: break
            for (item in batch.items) {
                rising = rising && item.revision > cursor
                cursor = item.revision
                changed += Say.subject(item.subject, ::nameOf)
            }
        }
        return Say.json(mapOf("changed" to changed.toList(), "rising" to rising))
    }

    private suspend fun name(step: Step) {
        val found = book.list(Query(text = step.text("text"))).items
        require(found.size == 1) { "${found.size} are found" }
        names[step.needsName()] = BookRecord.Prospect(found.single().id)
    }

    private fun about(step: Step) = if (step.of == null) DraftAbout.New(step.text("about")) else DraftAbout.Prospect(id(step))

    /** A text sets, `null` clears. */
    private fun fields(step: Step): List<FieldChange> =
        step.with.filterKeys { it != "from_draft" }.map { (name, value) ->
            if (value is JsonNull) FieldChange.Clear(field(name)) else FieldChange.Text(field(name), value.jsonPrimitive.content)
        }

    internal fun record(step: Step) = named(requireNotNull(step.of) { "it needs `of`" })

    internal fun id(step: Step) = prospect(requireNotNull(step.of) { "it needs `of`" })

    internal fun prospect(name: String) = requireNotNull(named(name) as? BookRecord.Prospect) { "`$name` is no prospect" }.id

    internal fun application(step: Step) = requireNotNull(record(step) as? BookRecord.Application) { "it is no application" }.id

    internal fun action(step: Step) = requireNotNull(record(step) as? BookRecord.Action) { "it is nothing that the bank asks" }.id

    internal fun document(name: String) = requireNotNull(named(name) as? BookRecord.Document) { "`$name` is no paper" }.id

    private fun named(name: String) = requireNotNull(names[name]) { "nobody is called `$name`" }

    internal fun nameOf(record: BookRecord?) = names.entries.firstOrNull { it.value == record }?.key ?: "?"
}
