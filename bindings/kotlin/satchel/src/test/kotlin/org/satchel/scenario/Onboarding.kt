package org.satchel.scenario

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonPrimitive
import org.satchel.ActionFilter
import org.satchel.ActionGrouping
import org.satchel.Answer
import org.satchel.BookRecord
import org.satchel.OpenOnboarding
import org.satchel.Person
import java.io.File
import java.time.LocalDate

/** The verbs of the tablet for applications, what the bank asks, and papers. */
class Onboarding(
    private val player: Player,
    private val bank: AtBank,
) {
    private val here: OpenOnboarding get() = player.desk

    suspend fun act(step: Step): JsonElement {
        when (step.verb) {
            "apply" -> apply(step)
            "co_apply" -> named(step, BookRecord.CoApplicant(here.addCoApplicant(player.application(step), person(step, dara))))
            "ask_requirements" -> here.askRequirements(player.application(step))
            "download_actions" -> return Say.downloaded(here.downloadActions())
            "actions" -> return actions(step)
            "answer" -> here.answer(player.action(step), answer(step))
            "attach" -> return attach(step)
            else -> return bank.act(step)
        }
        return Say.nothing
    }

    /** With `from`, the prospect's form is filled first. */
    private suspend fun apply(step: Step) {
        val prospect = step.with["from"]?.let { player.prospect(it.jsonPrimitive.content) }
        val form = prospect?.let { here.personOf(it).copy(dateOfBirth = dara.dateOfBirth, consent = true) } ?: dara
        named(step, BookRecord.Application(here.startApplication(person(step, form), prospect)))
    }

    suspend fun edit(
        step: Step,
        who: BookRecord,
    ) {
        when (who) {
            is BookRecord.Application -> here.editApplication(who.id, person(step, here.application(who.id).person))
            is BookRecord.CoApplicant -> here.editCoApplicant(who.id, person(step, dara))
            else -> throw IllegalArgumentException("it is nobody")
        }
    }

    suspend fun withdraw(what: BookRecord) {
        when (what) {
            is BookRecord.Application -> here.withdrawApplication(what.id)
            is BookRecord.CoApplicant -> here.withdrawCoApplicant(what.id)
            is BookRecord.Action -> here.withdrawAnswer(what.id)
            is BookRecord.Document -> here.withdrawDocument(what.id)
            else -> throw IllegalArgumentException("it is withdrawn by its own verb")
        }
    }

    suspend fun get(what: BookRecord): JsonElement =
        when (what) {
            is BookRecord.Application -> Say.application(here.application(what.id), player::nameOf)
            is BookRecord.Action -> Say.action(here.action(what.id), player::nameOf)
            is BookRecord.Document -> Say.json(Say.paper(here.document(what.id)))
            else -> throw IllegalArgumentException("`get` of its application shows it")
        }

    private suspend fun actions(step: Step): JsonElement {
        fun flag(name: String) = step.with[name]?.jsonPrimitive?.booleanOrNull ?: false
        val filter =
            ActionFilter(
                group = step.with["group"]?.jsonPrimitive?.contentOrNull,
                toDo = flag("to_do"),
                includeClosed = flag("include_closed"),
            )
        val progress = here.overview(filter, ActionGrouping.GROUP).progress
        val names = here.actions(filter).map { it.name }
        return Say.json(mapOf("names" to names, "answered" to progress.answered, "left" to progress.left))
    }

    private suspend fun attach(step: Step): JsonElement {
        val file = File(player.project, step.text("file"))
        val info =
            step.with["info"]
                ?.jsonPrimitive
                ?.content
                .orEmpty()
        val attached = here.attach(player.action(step), file, step.text("name"), info)
        val same = attached.same.map { player.nameOf(BookRecord.Document(it)) }
        if (step.name != null) named(step, BookRecord.Document(attached.document.id))
        return Say.json(Say.paper(attached.document) + ("same" to same))
    }

    /** Gives a name to what the bank asks under the name `action`; with `of`, of that application. */
    suspend fun name(step: Step) {
        val asked = step.text("action")
        val application = step.of?.let { here.application(player.application(step)).applicationId }
        val all = here.actions(ActionFilter(includeClosed = true))
        val found = all.find { it.name == asked && (application == null || it.application == application) }
        named(step, BookRecord.Action(requireNotNull(found) { "the bank does not ask `$asked`" }.id))
    }

    private fun named(
        step: Step,
        record: BookRecord,
    ) {
        player.names[step.needsName()] = record
    }

    private fun answer(step: Step): Answer {
        val (kind, value) = requireNotNull(step.with.entries.firstOrNull()) { "it needs an answer" }

        fun texts() = value.jsonArray.map { it.jsonPrimitive.content }
        return when (kind) {
            "text" -> Answer.Text(value.jsonPrimitive.content)
            "date" -> Answer.Date(LocalDate.parse(value.jsonPrimitive.content))
            "choice" -> Answer.Choice(texts())
            "papers" -> Answer.Papers(texts().map(player::document))
            else -> throw IllegalArgumentException("there is no answer by `$kind`")
        }
    }

    private companion object {
        /** Who applies where the file does not say. */
        val dara = Person("Dara", "Sok", LocalDate.of(1985, 10, 10), "12345678", consent = true)

        /** That person, with what the step says of her. */
        fun person(
            step: Step,
            person: Person,
        ): Person =
            step.with.entries.filter { it.key != "from" }.fold(person) { p, (name, value) ->
                val text = value.jsonPrimitive.contentOrNull.orEmpty()
                when (name) {
                    "first_name" -> p.copy(firstName = text)
                    "last_name" -> p.copy(lastName = text)
                    "date_of_birth" -> p.copy(dateOfBirth = if (value is JsonNull) null else LocalDate.parse(text))
                    "email" -> p.copy(email = text)
                    "mobile_country_code" -> p.copy(mobileCountryCode = text)
                    "mobile_number" -> p.copy(mobileNumber = text)
                    "branch" -> p.copy(branch = text)
                    "existing" -> p.copy(existing = value.jsonPrimitive.boolean)
                    "consent" -> p.copy(consent = value.jsonPrimitive.boolean)
                    else -> throw IllegalArgumentException("nobody has a `$name`")
                }
            }
    }
}
