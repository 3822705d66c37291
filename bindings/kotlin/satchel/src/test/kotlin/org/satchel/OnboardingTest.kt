package org.satchel

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.guide.handIn
import org.satchel.guide.startFrom
import java.awt.image.BufferedImage
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.File
import java.time.LocalDate
import javax.imageio.ImageIO

/** Onboarding through the library before the real sandbox: applications, what the bank asks, papers. */
class OnboardingTest {
    private val pdf = File("../../../crates/photo/tests/data/seed.pdf")

    /** A photo with sharp edges, as JPEG. */
    private val photo: ByteArray by lazy {
        val image = BufferedImage(1200, 900, BufferedImage.TYPE_INT_RGB)
        for (x in 0 until 1200) for (y in 0 until 900) image.setRGB(x, y, if ((x / 16 + y / 16) % 2 == 0) 0xE0C090 else 0x204060)
        ByteArrayOutputStream().also { ImageIO.write(image, "jpg", it) }.toByteArray()
    }

    private class Desk(
        val sandbox: Sandbox,
        val folder: File,
        val book: OpenBook,
        val onboarding: OpenOnboarding,
    ) {
        suspend fun until(
            record: BookRecord,
            place: Place,
        ) {
            withTimeoutOrNull(PATIENCE) { book.standings(record).first { it.place == place } }
                ?: throw AssertionError("waited for $place, it is ${book.standingOf(record)}")
        }

        /** An application that the bank has, and its questions. */
        suspend fun applied(): Long {
            val id = onboarding.startApplication(Sandbox.sok)
            book.resume()
            until(BookRecord.Application(id), Place.AT_BANK)
            onboarding.downloadActions()
            return id
        }

        suspend fun question(name: String): Asking = onboarding.actions(ActionFilter(includeClosed = true)).first { it.name == name }

        fun atBank(name: String): JsonObject =
            sandbox
                .get("/_actions")
                .jsonArray
                .map { it.jsonObject }
                .first { "$it".contains(name) }

        fun papers(): List<JsonObject> = sandbox.get("/_documents").jsonArray.map { it.jsonObject }
    }

    private fun atDesk(test: suspend Desk.() -> Unit) =
        runBlocking {
            Sandbox().use { sandbox ->
                Folder().use { folder ->
                    val profile = Sandbox.profile(sandbox.baseUrl, onboarding = sandbox.onboardingUrl)
                    val book = openSatchel(File(folder.file, "books"), "dara", profile, MemoryVault())
                    val onboarding = book.onboarding()
                    val headers = mapOf("x-session" to "S-1")
                    onboarding.signIn(headers, headers)
                    book.signIn("dara", "secret", "S-1", ByteArray(32) { 7 }, ByteArray(16) { 9 })
                    book.linkChanged(Link.UNMETERED)
                    try {
                        Desk(sandbox, folder.file, book, onboarding).test()
                    } finally {
                        book.shutdown()
                    }
                }
            }
        }

    @Test
    fun aProspectBecomesAnApplicationWithoutALink() =
        atDesk {
            book.linkChanged(Link.NONE)
            val prospect = book.add(person("Sok Dara", "012 345 678")).id
            val form = onboarding.personOf(prospect)
            assertEquals(
                listOf("Dara", "Sok", "+855", "12345678"),
                form.run { listOf(firstName, lastName, mobileCountryCode, mobileNumber) },
            )
            val missing = thrownBy<SatchelException.InvalidInput> { onboarding.startApplication(form, prospect) }
            assertEquals("date_of_birth" to FieldProblem.MISSING, missing.`field` to missing.problem)
            val id = onboarding.startApplication(form.copy(dateOfBirth = LocalDate.of(1985, 10, 10), consent = true), prospect)
            val with = onboarding.addCoApplicant(id, Sandbox.sok.copy(firstName = "Thida"))
            assertEquals(id, onboarding.applicationOf(prospect))
            val twice = thrownBy<SatchelException.NotPossible> { onboarding.startApplication(Sandbox.sok, prospect) }
            assertEquals("has_application", twice.why)
            assertEquals(Place.ON_TABLET, book.standingOf(BookRecord.Application(id)).place)
            book.linkChanged(Link.UNMETERED)
            book.resume()
            until(BookRecord.CoApplicant(with), Place.AT_BANK)
            val shown = onboarding.applications(0, 10).single()
            assertNotNull(shown.applicationId)
            assertEquals(listOf("Thida"), shown.coApplicants.map { it.person.firstName })
            assertFalse(shown.unsent)
            assertEquals(LocalDate.of(1985, 10, 10), shown.person.dateOfBirth)
            assertTrue(book.historyOf(BookRecord.Application(id)).all { it.state == State.DONE })
        }

    @Test
    fun questionsAreAnsweredWithoutALinkAndArrive() =
        atDesk {
            applied()
            book.linkChanged(Link.NONE)
            val before = onboarding.overview(ActionFilter(), ActionGrouping.GROUP)
            val since = question("StayingSince")
            assertEquals(ActionKind.Text to DateForm.MONTH, since.kind to since.dateForm)
            val marital = question("MaritalStatus")
            val wrong = thrownBy<SatchelException.InvalidInput> { onboarding.answer(marital.id, Answer.Choice(listOf("no option"))) }
            assertEquals("answer" to FieldProblem.NOT_IN_LIST, wrong.`field` to wrong.problem)
            onboarding.answer(marital.id, Answer.Choice(listOf(marital.options.first().value)))
            onboarding.answer(since.id, Answer.Date(LocalDate.of(2019, 3, 1)))
            val after = onboarding.overview(ActionFilter(), ActionGrouping.GROUP)
            assertEquals(before.progress.answered + 2, after.progress.answered)
            assertEquals(onboarding.actions(ActionFilter()).map { it.id }.toSet(), after.sections.flatMap { it.actions }.toSet())
            assertEquals(Answer.Date(LocalDate.of(2019, 3, 1)), onboarding.action(since.id).answer)
            book.linkChanged(Link.UNMETERED)
            until(BookRecord.Action(since.id), Place.AT_BANK)
            until(BookRecord.Action(marital.id), Place.AT_BANK)
            assertTrue("03/2019" in "${atBank("StayingSince")}")
            assertEquals(ActionStage.ANSWERED, onboarding.action(since.id).stage)
        }

    /** By path, from a stream, by the camera's slot; all whole at the bank, and before the answer that speaks of them. */
    @Test
    fun papersArriveWhole() =
        atDesk {
            applied()
            book.linkChanged(Link.NONE)
            val income = question("ProofOfIncomeEmployed").id
            val first = onboarding.attach(income, pdf, "income.pdf").document
            assertEquals(listOf("application/pdf", 1L, pdf.length()), listOf(first.mime, first.pages, first.after.bytes))
            val again = onboarding.attach(income, ByteArrayInputStream(pdf.readBytes()), "again.pdf", "the same")
            assertEquals(listOf(first.id), again.same)
            val slot = onboarding.captureSlot()
            File(slot.path).writeBytes(photo)
            assertEquals(listOf(slot.slot), onboarding.recovered())
            val taken = onboarding.attach(income, PaperSource.Captured(slot.slot), "house.jpg", "").document
            assertFalse(File(slot.path).exists())
            assertEquals(1200L to 900L, taken.before.width to taken.before.height)
            val small = checkNotNull(onboarding.thumbnails(listOf(taken.id)).single())
            assertTrue(ImageIO.read(ByteArrayInputStream(small)).width <= 160)
            assertNull(onboarding.thumbnails(listOf(taken.id, first.id)).last())
            assertArrayEquals(pdf.readBytes(), onboarding.preview(first.id))
            onboarding.withdrawDocument(again.document.id)
            onboarding.answer(income, Answer.Papers(listOf(first.id, taken.id)))
            book.linkChanged(Link.UNMETERED)
            until(BookRecord.Action(income), Place.AT_BANK)
            val there = papers().map { it.getValue("sha256").jsonPrimitive.content }
            assertEquals(listOf(first.sha256, taken.sha256).sorted(), there.sorted())
            assertEquals(PaperStage.DELIVERED, onboarding.document(taken.id).stage)
            assertEquals(PaperStage.WITHDRAWN, onboarding.documents(income).single { it.id == again.document.id }.stage)
        }

    @Test
    fun aBadPaperIsRefusedAtTheDesk() =
        atDesk {
            applied()
            val income = question("ProofOfIncomeEmployed").id
            val empty = File(folder, "empty.pdf").apply { writeBytes(ByteArray(0)) }

            suspend fun refused(
                field: String,
                call: suspend () -> Unit,
            ) = assertEquals(field, thrownBy<SatchelException.InvalidInput> { call() }.`field`)
            refused("name") { onboarding.attach(income, pdf, "a/b.pdf") }
            refused("source") { onboarding.attach(income, File(folder, "nothing.pdf")) }
            refused("source") { onboarding.attach(income, folder, "folder.pdf") }
            refused("source") { onboarding.attach(income, PaperSource.Descriptor(-1), "a.pdf", "") }
            refused("source") { onboarding.attach(income, PaperSource.Descriptor(9_999), "a.pdf", "") }
            refused("slot") { onboarding.attach(income, PaperSource.Captured("../../vault"), "a.jpg", "") }
            refused("paper") { onboarding.attach(income, empty) }
            refused("name") { onboarding.attach(income, ByteArrayInputStream(photo), "photo.pdf") }
            refused("paper") { onboarding.attach(income, ByteArrayInputStream(photo.copyOf(photo.size / 2)), "cut.jpg") }
            val twice = onboarding.writePaper()
            twice.write(pdf.readBytes())
            twice.attach(income, "once.pdf", "")
            assertEquals("attached", thrownBy<SatchelException.NotPossible> { twice.attach(income, "twice.pdf", "") }.why)
            assertEquals(1, onboarding.documents(income).size)
            assertTrue(pdf.exists() && empty.exists())
        }

    @Test
    fun anAnswerToWhatTheBankHasWithdrawnIsKept() =
        atDesk {
            applied()
            book.linkChanged(Link.NONE)
            val since = question("StayingSince")
            onboarding.answer(since.id, Answer.Date(LocalDate.of(2019, 3, 1)))
            sandbox.post(
                "/_control/onboarding",
                Json.parseToJsonElement("""{"action":"withdraw_action","identifier":"${since.identifier}"}"""),
            )
            book.linkChanged(Link.UNMETERED)
            until(BookRecord.Action(since.id), Place.GONE_ELSEWHERE)
            val kept = onboarding.action(since.id)
            assertEquals(ActionStage.GONE to Answer.Date(LocalDate.of(2019, 3, 1)), kept.stage to kept.answer)
            assertEquals("gone", thrownBy<SatchelException.NotPossible> { onboarding.answer(since.id, checkNotNull(kept.answer)) }.why)
        }

    /** The guide's words, run. */
    @Test
    fun theGuideHandsPapersIn() =
        atDesk {
            val id = startFrom(onboarding, book.add(person("Sok Dara")).id, LocalDate.of(1985, 10, 10), consent = true)
            book.resume()
            until(BookRecord.Application(id), Place.AT_BANK)
            onboarding.downloadActions()
            val before = onboarding.overview(ActionFilter(), ActionGrouping.GROUP).progress.percent
            assertTrue(handIn(onboarding, File(folder, "paper.jpg").apply { writeBytes(photo) }) > before)
            until("the papers are at the bank") { book.summary().unsent == 0L && papers().isNotEmpty() }
        }

    /** A screen that goes away while a paper is taken in does not undo it. */
    @Test
    fun aCancelledCallerLosesNoPaper() =
        atDesk {
            applied()
            val income = question("ProofOfIncomeEmployed").id
            val camera = File(folder, "camera.jpg").apply { writeBytes(photo) }
            coroutineScope {
                launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { onboarding.attach(income, camera) }.cancelAndJoin()
                launch(Dispatchers.Default) { onboarding.attach(income, camera) }.let {
                    until("the call is on its way") { book.progress().isNotEmpty() || onboarding.documents(income).isNotEmpty() }
                    it.cancelAndJoin()
                }
            }
            until("the paper is there") { onboarding.documents(income).isNotEmpty() }
        }
}
