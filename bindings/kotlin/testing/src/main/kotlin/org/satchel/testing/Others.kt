package org.satchel.testing

import org.satchel.BookRecord
import org.satchel.FieldProblem
import org.satchel.Person
import org.satchel.SatchelException
import org.satchel.Standing
import org.satchel.State
import org.satchel.Subject
import org.satchel.Waiting

/** How long a paper is that is not written piece by piece. */
internal const val SOME_BYTES: Long = 3_400_000

/** Entries of applications, of what the bank asks, of papers and of results are told from a prospect's by this. */
private const val KIND = 1_000_000L

private data class Kind(
    val number: Long,
    val word: String,
    val verb: String,
    val remote: String = ONBOARDING,
)

private val BookRecord.kind: Pair<Kind, Long>
    get() =
        when (this) {
            is BookRecord.Prospect -> Kind(0, "prospect", "create") to id
            is BookRecord.Application -> Kind(1, "application", "create") to id
            is BookRecord.CoApplicant -> Kind(2, "co_applicant", "update") to id
            is BookRecord.Action -> Kind(3, "action", "answer") to id
            is BookRecord.Document -> Kind(4, "document", "upload") to id
            is BookRecord.CrmObject -> Kind(6, "crm_object", "create", "vbot") to id
            is BookRecord.CollectionResult -> Kind(5, "collection_result", "result", COLLECTION) to id
        }

internal val BookRecord.subject: Subject
    get() =
        when (this) {
            is BookRecord.Prospect -> Subject.Prospect(id)
            is BookRecord.Application -> Subject.Application(id)
            is BookRecord.CoApplicant -> Subject.CoApplicant(id)
            is BookRecord.Action -> Subject.Action(id)
            is BookRecord.Document -> Subject.Document(id)
            is BookRecord.CollectionResult -> Subject.CollectionResult(id)
            is BookRecord.CrmObject -> Subject.CrmObject(id)
        }

/** Its entry while it stands there; nothing where all is settled. */
internal fun BookRecord.waiting(where: Standing): Waiting? =
    where.unsettled?.let { state ->
        val (kind, id) = kind
        val attempt = if (state == State.READY) 0L else 1L
        val doubts = if (state == State.DOUBTFUL || state == State.ASKS) 1L else 0L
        Waiting(
            entry = kind.number * KIND + id,
            question = null,
            remote = kind.remote,
            lane = "${kind.word}:$id",
            verb = kind.verb,
            state = state,
            why = where.why,
            words = where.words,
            attempt = attempt,
            doubts = doubts,
            made = FAKE_NOW,
            sent = FAKE_NOW.takeIf { attempt > 0 },
            since = FAKE_NOW,
        )
    }

/** Throws what the library throws for the first required field that is missing. */
internal fun Person.check() {
    val missing =
        when {
            firstName.isBlank() -> "first_name"
            lastName.isBlank() -> "last_name"
            dateOfBirth == null -> "date_of_birth"
            mobileNumber.isBlank() -> "mobile_number"
            !consent -> "consent"
            else -> return
        }
    throw SatchelException.InvalidInput(missing, FieldProblem.MISSING, "")
}

/** A picture of one grey pixel. */
internal val ONE_PIXEL: ByteArray =
    java.util.Base64.getDecoder().decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
    )
