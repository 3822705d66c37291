package org.satchel.testing

import org.satchel.Ask
import org.satchel.AskedAbout
import org.satchel.BookRecord
import org.satchel.Conflict
import org.satchel.Field
import org.satchel.FieldChange
import org.satchel.FieldConflict
import org.satchel.Life
import org.satchel.Listed
import org.satchel.NearRow
import org.satchel.Place
import org.satchel.Prospect
import org.satchel.Question
import org.satchel.Standing
import org.satchel.State
import org.satchel.Waiting
import java.time.LocalDateTime

/** One record of a fake: what is kept, and everything that follows from it. */
internal data class Record(
    val id: Long,
    val fields: Map<Field, String>,
    val standing: Standing,
    val code: String? = null,
    val revision: Long = 1,
    val rejecting: Boolean = false,
) {
    val state: State? get() = standing.unsettled
    val question: Question get() = Question(id, revision)

    fun changed(changes: List<FieldChange>): Record {
        val after = fields.toMutableMap()
        changes.forEach { change -> change.said().let { (field, text) -> if (text.isEmpty()) after -= field else after[field] = text } }
        return copy(fields = after)
    }

    private val life: Life
        get() =
            when (standing.place) {
                Place.REJECTED -> Life.REJECTED
                Place.WITHDRAWN -> Life.WITHDRAWN
                Place.GONE_ELSEWHERE -> Life.GONE
                else -> Life.LIVE
            }

    /** About the phone number: the bank's ends in 9. */
    private val conflict: Conflict?
        get() {
            if (standing.place != Place.CONFLICT) return null
            val mine = text(Field.PHONE)
            return Conflict(revision, listOf(FieldConflict(Field.PHONE, mine.dropLast(1) + "0", mine, mine.dropLast(1) + "9")))
        }

    val prospect: Prospect
        get() = Prospect(id, code, fields, revision, life, conflict, state != null, LocalDateTime.of(2026, 1, 5, 9, 30), "", "")

    val listed: Listed
        get() =
            Listed(
                id,
                code,
                text(Field.NAME_EN),
                text(Field.NAME_KH),
                text(Field.PHONE),
                text(Field.STATUS),
                text(Field.VILLAGE),
                state != null,
                standing.place == Place.CONFLICT,
                life,
            )

    val waiting: Waiting?
        get() =
            state?.let { state ->
                val answerable = question.takeIf { state == State.REFUSED || state == State.DOUBTFUL }
                val attempt = if (state == State.READY) 0L else 1L
                val doubts = if (state == State.DOUBTFUL || state == State.ASKS) 1L else 0L
                val sent = FAKE_NOW.takeIf { attempt > 0 }
                val verb =
                    if (rejecting) {
                        "reject"
                    } else if (code == null) {
                        "create"
                    } else {
                        "update"
                    }
                val (why, words) = standing.why to standing.words
                Waiting(id, answerable, "prospect", "prospect:$id", verb, state, why, words, attempt, doubts, FAKE_NOW, sent, FAKE_NOW)
            }

    /** With a row of the bank that is like it. */
    val ask: Ask?
        get() {
            if (state != State.ASKS) return null
            val row = NearRow("2947-$id", fields)
            return Ask(standing.why ?: "near", listOf(AskedAbout(question, BookRecord.Prospect(id), FAKE_NOW, FAKE_NOW, listOf(row))))
        }

    fun text(field: Field): String = fields[field].orEmpty()
}

private fun FieldChange.said(): Pair<Field, String> =
    when (this) {
        is FieldChange.Text -> field to text
        is FieldChange.Number -> field to "$number"
        is FieldChange.Flag -> field to if (yes) "1" else "0"
        is FieldChange.At -> field to "${at.toLocalDate()} ${at.toLocalTime().withNano(0)}.000"
        is FieldChange.Day -> field to "$day 00:00:00.000"
        is FieldChange.Clear -> field to ""
    }
