package org.satchel.scenario

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.satchel.Answer
import org.satchel.Application
import org.satchel.Ask
import org.satchel.Asking
import org.satchel.BookRecord
import org.satchel.Document
import org.satchel.Downloaded
import org.satchel.DrainReport
import org.satchel.Health
import org.satchel.Next
import org.satchel.Prospect
import org.satchel.SatchelException
import org.satchel.Standing
import org.satchel.Subject
import org.satchel.Summary
import org.satchel.WhyStopped
import org.satchel.fieldName

/** What the library gives, as the format spells it. */
object Say {
    val nothing = JsonObject(emptyMap())

    fun json(value: Any?): JsonElement =
        when (value) {
            null -> JsonNull
            is JsonElement -> value
            is String -> JsonPrimitive(value)
            is Number -> JsonPrimitive(value)
            is Boolean -> JsonPrimitive(value)
            is Enum<*> -> JsonPrimitive(value.name.lowercase())
            is Map<*, *> -> JsonObject(value.entries.associate { (name, part) -> word(name) to json(part) })
            is List<*> -> JsonArray(value.map(::json))
            else -> error("cannot say a ${value::class}")
        }

    private fun word(name: Any?) = if (name is Enum<*>) name.name.lowercase() else name.toString()

    /** `SentIn` as `sent_in`. */
    private fun snake(value: Any) =
        value::class
            .simpleName
            .orEmpty()
            .replace(Regex("(?<=[a-z])(?=[A-Z])"), "_")
            .lowercase()

    fun error(e: SatchelException): JsonElement {
        val arguments =
            when (e) {
                is SatchelException.InvalidInput -> mapOf("field" to e.field, "problem" to e.problem)
                is SatchelException.NotFound -> mapOf("what" to e.what)
                is SatchelException.NotPossible -> mapOf("why" to e.why)
                is SatchelException.StoreDamaged -> mapOf("place" to e.place)
                is SatchelException.Internal -> mapOf("place" to e.place)
                is SatchelException.NeedsSignIn -> mapOf("remote" to e.remote, "trouble" to "sign_in")
                is SatchelException.Remote -> mapOf("remote" to e.remote, "trouble" to e.code)
                else -> emptyMap()
            }
        val code = if (e is SatchelException.NeedsSignIn) "remote" else snake(e)
        return json(mapOf("error" to code) + arguments)
    }

    fun prospect(p: Prospect) =
        json(
            mapOf(
                "has_code" to (p.code != null),
                "fields" to p.fields.mapKeys { fieldName(it.key) },
                "conflict" to
                    p.conflict?.fields.orEmpty().associate {
                        fieldName(it.field) to mapOf("base" to it.base, "mine" to it.mine, "theirs" to it.theirs)
                    },
                "life" to p.life,
                "unsent" to p.unsent,
                "revision" to p.revision,
            ),
        )

    fun standing(s: Standing): JsonElement {
        val after =
            when (val next = s.next) {
                is Next.SentIn -> next.after
                is Next.ReadBackIn -> next.after
                else -> null
            }
        val all =
            mapOf(
                "place" to s.place,
                "why" to s.why,
                "words" to s.words,
                "next" to snake(s.next),
                "seconds" to after?.seconds,
                "can" to s.can,
                "intent" to s.intent,
                "newer_edit" to s.newerEdit,
            )
        return json(all)
    }

    fun summary(s: Summary) =
        json(
            mapOf(
                "by_place" to s.byPlace,
                "by_state" to s.byState,
                "unsent" to s.unsent,
                "resent_on_absence" to s.resentOnAbsence,
            ),
        )

    fun health(h: Health) =
        json(
            mapOf(
                "concerns" to h.concerns.map { snake(it.about) },
                "natural_key" to h.naturalKey,
                "clock_skew_s" to h.clockSkewS,
                "unsent" to h.unsent,
            ),
        )

    fun ask(
        ask: Ask,
        name: (BookRecord) -> String,
    ) = json(
        mapOf("code" to ask.code, "about" to ask.about.map { mapOf("of" to name(it.record), "rows" to it.rows.size) }),
    )

    fun application(
        a: Application,
        name: (BookRecord) -> String,
    ) = json(
        mapOf(
            "has_id" to (a.applicationId != null),
            "first_name" to a.person.firstName,
            "last_name" to a.person.lastName,
            "mobile_number" to a.person.mobileNumber,
            "prospect" to a.prospect?.let { name(BookRecord.Prospect(it)) },
            "co_applicants" to a.coApplicants.map { name(BookRecord.CoApplicant(it.id)) },
            "unsent" to a.unsent,
        ),
    )

    fun action(
        a: Asking,
        name: (BookRecord) -> String,
    ): JsonElement {
        fun papers(ids: List<Long>) = ids.map { name(BookRecord.Document(it)) }
        val answer =
            when (val given = a.answer) {
                null -> null
                is Answer.Text -> mapOf("text" to given.text)
                is Answer.Date -> mapOf("date" to given.day.toString())
                is Answer.Choice -> mapOf("choice" to given.values)
                is Answer.Papers -> mapOf("papers" to papers(given.documents))
            }
        return json(
            mapOf(
                "stage" to a.stage,
                "title" to a.title,
                "information" to a.informationText,
                "answer" to answer,
                "papers" to papers(a.documents),
                "unsent" to a.unsent,
            ),
        )
    }

    fun paper(d: Document): Map<String, Any?> =
        mapOf(
            "name" to d.name,
            "stage" to d.stage,
            "mime" to d.mime,
            "pages" to d.pages,
            "bytes" to d.after.bytes,
            "has_id" to (d.documentId != null),
        )

    fun drained(report: DrainReport): JsonElement {
        val why =
            when (val why = report.whyStopped) {
                is WhyStopped.Waits -> why.whatFor
                else -> snake(why)
            }
        return json(mapOf("sent" to report.sent, "left" to report.left, "why_stopped" to why))
    }

    fun downloaded(d: Downloaded) =
        json(
            mapOf(
                "rows" to d.rows,
                "new" to d.new,
                "changed" to d.changed,
                "skipped" to d.skipped,
                "conflicts" to d.conflicts,
                "gone" to d.gone,
                "settled" to d.settled,
            ),
        )

    fun subject(
        subject: Subject,
        name: (BookRecord) -> String,
    ) = when (subject) {
        is Subject.Prospect -> name(BookRecord.Prospect(subject.id))
        is Subject.Application -> name(BookRecord.Application(subject.id))
        is Subject.CoApplicant -> name(BookRecord.CoApplicant(subject.id))
        is Subject.Action -> name(BookRecord.Action(subject.id))
        is Subject.Document -> name(BookRecord.Document(subject.id))
        else -> snake(subject)
    }
}
