package org.satchel.testing

import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.ActionFilter
import org.satchel.ActionGrouping
import org.satchel.ActionProgress
import org.satchel.ActionStage
import org.satchel.Answer
import org.satchel.BookRecord
import org.satchel.FieldProblem
import org.satchel.OnboardingInterface
import org.satchel.OpenBook
import org.satchel.OpenOnboarding
import org.satchel.PaperSource
import org.satchel.PaperStage
import org.satchel.Place
import org.satchel.SatchelException
import org.satchel.Subject
import org.satchel.standings
import java.time.LocalDate
import kotlin.time.Duration.Companion.seconds

/** The fake onboarding behind what an app holds: one story in lists, standings, waiting list, feed and numbers. */
class FakeOnboardingTest {
    private fun on(
        fake: FakeOnboarding,
        test: suspend (OpenOnboarding, OpenBook) -> Unit,
    ) = runBlocking { withTimeout(20.seconds) { test(OpenOnboarding(fake), OpenBook(fake.book)) } }

    private suspend inline fun <reified E : Throwable> thrownBy(crossinline call: suspend () -> Unit): E =
        checkNotNull(runCatching { call() }.exceptionOrNull() as? E) { "not thrown" }

    @Test
    fun whatIsSavedWaitsAndDrainBringsItToTheBank() =
        on(FakeOnboarding(FakeSatchel.atBank())) { onboarding, book ->
            val form = onboarding.personOf(1)
            assertEquals("Dara" to "Sok", form.firstName to form.lastName)
            val missing = thrownBy<SatchelException.InvalidInput> { onboarding.startApplication(form, 1) }
            assertEquals("date_of_birth" to FieldProblem.MISSING, missing.`field` to missing.problem)
            val whole = form.copy(dateOfBirth = LocalDate.of(1985, 10, 10), consent = true)
            val id = onboarding.startApplication(whole, 1)
            val with = onboarding.addCoApplicant(id, whole.copy(firstName = "Thida"))
            assertEquals(id, onboarding.applicationOf(1))
            assertEquals(listOf("application:$id", "co_applicant:$with"), book.waiting(0, 10).map { it.lane })
            assertEquals(2, book.summary().byPlace[Place.ON_TABLET])
            assertEquals(2, book.drain(1_000).sent)
            assertNotNull(onboarding.application(id).applicationId)
            assertEquals(Place.AT_BANK, book.standingOf(BookRecord.CoApplicant(with)).place)
            assertEquals("at_bank", thrownBy<SatchelException.NotPossible> { onboarding.withdrawApplication(id) }.why)
        }

    @Test
    fun answersAreCheckedAndCounted() =
        on(FakeOnboarding.asking()) { onboarding, book ->
            val (paper, text, date, choice) = onboarding.actions(ActionFilter()).map { it.id }
            for (wrong in listOf(Answer.Text(" "), Answer.Date(LocalDate.EPOCH), Answer.Choice(listOf("1")))) {
                assertEquals("answer", thrownBy<SatchelException.InvalidInput> { onboarding.answer(text, wrong) }.`field`)
            }
            thrownBy<SatchelException.InvalidInput> { onboarding.answer(choice, Answer.Choice(listOf("maybe"))) }
            thrownBy<SatchelException.InvalidInput> { onboarding.answer(paper, Answer.Papers(listOf(1))) }
            assertEquals(0, onboarding.overview(ActionFilter(), ActionGrouping.GROUP).progress.percent)
            onboarding.answer(text, Answer.Text("A pump"))
            onboarding.answer(date, Answer.Date(LocalDate.of(2019, 3, 1)))
            val progress = onboarding.overview(ActionFilter(), ActionGrouping.GROUP).progress
            assertEquals(ActionProgress(answered = 2, left = 1, skippable = 1, percent = 66), progress)
            assertEquals(listOf(paper, choice), onboarding.actions(ActionFilter(toDo = true)).map { it.id })
            onboarding.withdrawAnswer(date)
            book.drain(1_000)
            assertEquals(ActionStage.ANSWERED, onboarding.action(text).stage)
            assertNull(onboarding.action(date).answer)
        }

    @Test
    fun aPaperGoesBeforeTheAnswerThatSpeaksOfIt() =
        on(FakeOnboarding.asking()) { onboarding, book ->
            val paper = onboarding.attach(1, PaperSource.Path("income.jpg"), "income.jpg", "").document
            val written = onboarding.attach(1, ByteArray(700_000).inputStream(), "contract.pdf").document
            assertEquals(700_000L to 1L, written.before.bytes to written.pages)
            assertNotNull(onboarding.thumbnails(listOf(paper.id)).single())
            assertNull(onboarding.thumbnails(listOf(written.id)).single())
            onboarding.withdrawDocument(written.id)
            onboarding.answer(1, Answer.Papers(listOf(paper.id)))
            coroutineScope {
                val seen = async { book.standings(BookRecord.Document(paper.id)).first { it.place == Place.AT_BANK } }
                assertEquals(2, book.drain(1_000).sent)
                seen.await()
            }
            assertEquals(PaperStage.DELIVERED, onboarding.document(paper.id).stage)
            val told = book.feed(0, 500, null).items.map { it.subject }
            assertTrue(Subject.Document(paper.id) in told && Subject.Action(1) in told, "$told")
            assertTrue(told.indexOf(Subject.Document(paper.id)) < told.indexOf(Subject.Action(1)))
        }

    @Test
    fun whatTheBankNoLongerWantsKeepsTheAnswer() =
        on(FakeOnboarding.withdrawn()) { onboarding, book ->
            val asking = onboarding.actions(ActionFilter()).single()
            assertEquals(ActionStage.GONE to Answer.Text("A pump"), asking.stage to asking.answer)
            assertEquals("withdrawn_elsewhere", book.waiting(0, 10).single().why)
            assertEquals("gone", thrownBy<SatchelException.NotPossible> { onboarding.answer(1, Answer.Text("x")) }.why)
        }

    @Test
    fun itFailsAsToldAndSharesTheBooksRoomAndEnd() =
        on(FakeOnboarding.paperRefused()) { onboarding, book ->
            assertEquals(Place.REFUSED, book.standingOf(BookRecord.Document(1)).place)
            val fake = FakeOnboarding.paperWaiting()
            fake.fails(OnboardingInterface::attach, SatchelException.InvalidInput("paper", FieldProblem.FORM, "a whole picture"))
            val told = OpenOnboarding(fake)
            val first = thrownBy<SatchelException.InvalidInput> { told.attach(1, PaperSource.Path("a.jpg"), "a.jpg", "") }
            assertEquals("paper", first.`field`)
            fake.book.diskFull = true
            thrownBy<SatchelException.DiskFull> { told.attach(1, PaperSource.Path("a.jpg"), "a.jpg", "") }
            OpenBook(fake.book).shutdown()
            thrownBy<SatchelException.Locked> { told.actions(ActionFilter()) }
            assertEquals("fake", thrownBy<SatchelException.NotPossible> { book.onboarding() }.why)
        }
}
