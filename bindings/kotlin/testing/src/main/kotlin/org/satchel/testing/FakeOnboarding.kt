package org.satchel.testing

import org.satchel.ActionFilter
import org.satchel.ActionGrouping
import org.satchel.ActionKind
import org.satchel.ActionOverview
import org.satchel.ActionStage
import org.satchel.Answer
import org.satchel.Application
import org.satchel.Asking
import org.satchel.Attached
import org.satchel.BookRecord
import org.satchel.CaptureSlot
import org.satchel.CoApplicant
import org.satchel.Document
import org.satchel.Downloaded
import org.satchel.FieldProblem
import org.satchel.Measure
import org.satchel.NoHandle
import org.satchel.OnboardingSecrets
import org.satchel.PaperSource
import org.satchel.PaperStage
import org.satchel.PaperWriter
import org.satchel.Person
import org.satchel.Place
import org.satchel.SatchelException
import org.satchel.Stage
import org.satchel.Standing
import org.satchel.State
import org.satchel.Subject
import org.satchel.Waiting
import org.satchel.text
import java.time.Instant
import kotlin.reflect.KFunction

/**
 * The onboarding of a [FakeSatchel], for previews and for tests of screens: applications, what the bank asks, papers, all in
 * memory. It shares the book's feed, standings, waiting list and scripted failures; [FakeSatchel.drain] brings to the bank what
 * waits, papers before the answers that speak of them. `OpenOnboarding(fake)` is what an app holds.
 *
 * Of a paper only its name and its first bytes' length are looked at; what is wrong with it is said by [fails].
 */
public class FakeOnboarding(
    book: FakeSatchel,
) : FakeApplicants(book) {
    private val asked = sortedMapOf<Long, Asking>()
    private val papers = sortedMapOf<Long, Document>()

    init {
        book.onboarding = this
    }

    /** What [recovered] offers: photos that were taken before the app was killed. */
    public var captured: List<String> = emptyList()

    /** The next call of [method] throws [what], once; said twice, the next two. */
    public fun fails(
        method: KFunction<*>,
        what: Throwable,
    ) {
        script.fails("onboarding.${method.name}", what)
    }

    /** The bank asks for this: see [Askings]. Returns its number. */
    public fun bring(asking: Asking): Long =
        synchronized(script) {
            val id = asked.size + 1L
            put(asking.copy(id = id), Standings.open)
            id
        }

    /** The record goes there, and whoever looks is told. */
    public fun move(
        record: BookRecord,
        to: Standing,
    ) {
        synchronized(script) {
            if (to.place == Place.AT_BANK) arrived(record)
            stands(record, to)
        }
    }

    /** The bank no longer asks. An answer that waits goes nowhere (`withdrawn_elsewhere`), and is kept. */
    public fun withdrawnByBank(action: Long): Unit = closed(action, ActionStage.GONE, "withdrawn_elsewhere")

    /** Somebody else answers. An answer that waits goes nowhere (`answered_elsewhere`), and is kept. */
    public fun answeredElsewhere(action: Long): Unit = closed(action, ActionStage.ANSWERED_ELSEWHERE, "answered_elsewhere")

    private fun closed(
        action: Long,
        stage: ActionStage,
        why: String,
    ) {
        synchronized(script) {
            val asking = asking(action)
            put(asking.copy(stage = stage), if (asking.unsent) Standings.notWanted.copy(why = why) else Standings.goneElsewhere)
        }
    }

    private fun put(
        asking: Asking,
        where: Standing,
    ) {
        asked[asking.id] = asking
        stands(BookRecord.Action(asking.id), where)
    }

    private fun asking(id: Long) = asked[id] ?: missing("action")

    private fun paper(id: Long) = papers[id] ?: missing("document")

    internal fun places(): List<Place> = standings.values.map { it.place }

    internal fun waiting(): List<Waiting> = standings.entries.mapNotNull { (record, where) -> record.waiting(where) }

    /** All that waits arrives. Returns how many. */
    internal fun drained(): Long {
        val ready = standings.filterValues { it.unsettled == State.READY }.keys.sortedBy { it is BookRecord.Action }
        ready.forEach { move(it, Standings.atBank) }
        return ready.size.toLong()
    }

    private fun arrived(record: BookRecord) {
        when (record) {
            is BookRecord.Application -> {
                applied(record.id).let { applications[it.id] = it.copy(applicationId = "APP-${it.id}") }
            }

            is BookRecord.Action -> {
                asking(record.id).let {
                    val stage = if (it.answer == null) it.stage else ActionStage.ANSWERED
                    asked[it.id] = it.copy(stage = stage, unsent = false)
                }
            }

            is BookRecord.Document -> {
                paper(record.id).let { papers[it.id] = it.copy(stage = PaperStage.DELIVERED, documentId = "D-${it.id}") }
            }

            else -> {}
        }
    }

    /** What [secrets] hold does not matter: `OnboardingSecrets(NoHandle)` makes some without the library. */
    override suspend fun signIn(
        secrets: OnboardingSecrets,
        expires: Instant?,
    ): Unit = called("signIn") { script.touch(Subject.Session(ONBOARDING)) }

    override suspend fun downloadActions(): Downloaded =
        called("downloadActions") {
            if (book.sessionExpired) throw SatchelException.NeedsSignIn(ONBOARDING)
            Downloaded(asked.size.toLong(), 0, 0, 0, 0, 0, 0, 0, 0)
        }

    override suspend fun actions(filter: ActionFilter): List<Asking> = called("actions") { asked.values.filter { it.fits(filter) } }

    override suspend fun overview(
        filter: ActionFilter,
        by: ActionGrouping,
    ): ActionOverview = called("overview") { asked.values.filter { it.fits(filter) }.overview(by) }

    override suspend fun action(id: Long): Asking = called("action") { asking(id) }

    override suspend fun answer(
        id: Long,
        answer: Answer,
    ): Unit =
        called("answer", writes = true) {
            val asking = takesAnswers(id)
            asking.check(answer)
            put(asking.copy(answer = answer, unsent = true), unsent)
        }

    private fun takesAnswers(id: Long): Asking {
        val asking = asking(id)
        if (asking.stage == ActionStage.GONE) throw SatchelException.NotPossible("gone")
        if (asking.stage == ActionStage.ANSWERED_ELSEWHERE) throw SatchelException.NotPossible("answered")
        return asking
    }

    override suspend fun withdrawAnswer(id: Long): Unit =
        called("withdrawAnswer", writes = true) {
            val asking = asking(id)
            if (!asking.unsent) throw SatchelException.NotPossible("at_bank")
            never(BookRecord.Action(id))
            put(asking.copy(answer = null, unsent = false), Standings.open)
        }

    override suspend fun attach(
        action: Long,
        source: PaperSource,
        name: String,
        info: String,
    ): Attached = called("attach", writes = true) { attached(action, name, info, SOME_BYTES) }

    private fun attached(
        action: Long,
        name: String,
        info: String,
        bytes: Long,
    ): Attached {
        val asking = takesAnswers(action)
        if (asking.kind != ActionKind.DocumentUpload) missing("action")
        if ('.' !in name) throw SatchelException.InvalidInput("name", FieldProblem.FORM, "a name with an extension")
        val pdf = name.endsWith(".pdf")
        val before = Measure(bytes, if (pdf) 0 else 4_000, if (pdf) 0 else 3_000)
        val after = if (pdf) before else Measure(minOf(bytes, 900_000), 2_000, 1_500)
        val id = papers.size + 1L
        val mime = if (pdf) "application/pdf" else "image/jpeg"
        val pages = if (pdf) 1L else 0L
        val paper =
            Document(
                id,
                action,
                name,
                info,
                mime,
                "0".repeat(64),
                before,
                after,
                pages,
                emptyList(),
                PaperStage.LIVE,
                null,
                false,
                FAKE_NOW,
            )
        papers[id] = paper
        asked[action] = asking.copy(documents = asking.documents + id)
        stands(BookRecord.Document(id), unsent)
        return Attached(paper, emptyList())
    }

    override fun writePaper(): PaperWriter =
        object : PaperWriter(NoHandle) {
            private var length: Long? = 0

            override suspend fun write(bytes: ByteArray): Unit =
                called("write", writes = true) {
                    length = bytes.size + (length ?: throw SatchelException.NotPossible("attached"))
                }

            override suspend fun attach(
                action: Long,
                name: String,
                info: String,
            ): Attached =
                called("attach", writes = true) {
                    val bytes = length ?: throw SatchelException.NotPossible("attached")
                    length = null
                    attached(action, name, info, bytes)
                }
        }

    /** Nothing is written there: a fake takes any paper for whole. */
    override suspend fun captureSlot(): CaptureSlot = called("captureSlot") { CaptureSlot("1.jpg", "captures/1.jpg") }

    override suspend fun recovered(): List<String> = called("recovered") { captured }

    override suspend fun discardCaptured(slot: String): Unit = called("discardCaptured") { captured = captured - slot }

    override suspend fun document(id: Long): Document = called("document") { paper(id) }

    override suspend fun documents(action: Long): List<Document> = called("documents") { papers.values.filter { it.action == action } }

    /** The smallest picture there is; nothing of a PDF. */
    override suspend fun thumbnails(documents: List<Long>): List<ByteArray?> =
        called("thumbnails") { documents.map { if (paper(it).pages > 0) null else ONE_PIXEL.copyOf() } }

    override suspend fun preview(document: Long): ByteArray =
        called("preview") { if (paper(document).pruned) throw SatchelException.NotPossible("pruned") else ONE_PIXEL.copyOf() }

    override suspend fun withdrawDocument(id: Long): Unit =
        called("withdrawDocument", writes = true) {
            val paper = paper(id)
            never(BookRecord.Document(id))
            papers[id] = paper.copy(stage = PaperStage.WITHDRAWN)
            asked[paper.action] = asking(paper.action).let { it.copy(documents = it.documents - id) }
            stands(BookRecord.Document(id), Standings.withdrawn)
        }

    /** Onboardings in one state each, of a book with the prospect `Sok Dara`: an application at the bank, whose number is 1. */
    public companion object {
        private fun of(asks: List<Asking>): FakeOnboarding =
            FakeOnboarding(FakeSatchel.atBank()).apply {
                val person = Person("Dara", "Sok", java.time.LocalDate.of(1985, 10, 10), "12 345 678", consent = true)
                applications[1] = Application(1, null, null, 1, person, emptyList(), FAKE_CIVIL, Stage.LIVE, true)
                move(BookRecord.Application(1), Standings.atBank)
                asks.forEach(::bring)
            }

        /** The bank asks for a paper (1), a text (2), a date (3) and a choice (4); nothing is answered yet. */
        public fun asking(): FakeOnboarding = of(listOf(Askings.paper, Askings.text, Askings.date, Askings.choice))

        /** A paper waits for a link. */
        public fun paperWaiting(): FakeOnboarding = of(listOf(Askings.paper)).apply { attached(1, "income.jpg", "", SOME_BYTES) }

        /** The bank said no to a paper. */
        public fun paperRefused(): FakeOnboarding =
            paperWaiting().apply { move(BookRecord.Document(1), Standings.refused.copy(words = "The picture cannot be read")) }

        /** A text is answered, and the bank does not ask for it any more. */
        public fun withdrawn(): FakeOnboarding =
            of(listOf(Askings.text)).apply {
                put(asking(1).copy(answer = Answer.Text("A pump"), unsent = true), Standings.waiting)
                withdrawnByBank(1)
            }
    }
}
