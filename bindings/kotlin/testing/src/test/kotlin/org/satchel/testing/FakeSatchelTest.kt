package org.satchel.testing

import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.Choice
import org.satchel.Decision
import org.satchel.DraftAbout
import org.satchel.Field
import org.satchel.Link
import org.satchel.Listed
import org.satchel.NoHandle
import org.satchel.OpenBook
import org.satchel.Place
import org.satchel.Progress
import org.satchel.ProspectSecrets
import org.satchel.Query
import org.satchel.SatchelException
import org.satchel.SatchelInterface
import org.satchel.Subject
import org.satchel.TakenBack
import org.satchel.WhatNow
import org.satchel.WhyStopped
import org.satchel.changes
import org.satchel.fieldName
import org.satchel.set
import org.satchel.standings
import org.satchel.text
import java.io.File
import kotlin.time.Duration.Companion.seconds

/** The fake behind the book that an app holds, on a computer that can load no native library. */
class FakeSatchelTest {
    private val sok = listOf(Field.NAME_EN set "Sok Thida", Field.PHONE set "099 111 222")

    private fun on(
        fake: FakeSatchel,
        test: suspend (OpenBook) -> Unit,
    ) = runBlocking { withTimeout(20.seconds) { test(OpenBook(fake)) } }

    private suspend fun OpenBook.only(): Listed = list(Query()).items.single()

    private suspend inline fun <reified E : Throwable> thrownBy(crossinline call: suspend () -> Unit): E =
        checkNotNull(runCatching { call() }.exceptionOrNull() as? E) { "not thrown" }

    /** So none of the others here loaded it either. */
    @Test
    fun theLibraryCannotBeLoadedHere() {
        assertThrows(LinkageError::class.java) { fieldName(Field.AGE) }
    }

    @Test
    fun theExampleOfItsPageRuns() =
        runBlocking {
            val fake = FakeSatchel.waiting()
            val book = OpenBook(fake)
            val shown = book.list(Query()).items.single()
            fake.move(shown.id, Standings.doubtful) // whoever collects its standings sees it
            fake.fails(SatchelInterface::add, SatchelException.DiskFull()) // and this once

            assertEquals(Place.IN_DOUBT, book.standings(shown.id).first().place)
            thrownBy<SatchelException.DiskFull> { book.add(sok) }
            assertEquals(2, book.add(sok).id)
            val lines = { file: String -> File(file).readText().lines().map { it.trim().removePrefix("* ") } }
            val page = lines("src/main/kotlin/org/satchel/testing/FakeSatchel.kt")
            val example = page.dropWhile { it != "```kotlin" }.drop(1).takeWhile { it != "```" }
            val here = lines("src/test/kotlin/org/satchel/testing/FakeSatchelTest.kt")
            assertTrue(example.size == 5 && here.windowed(5).any { it == example }, "$example")
        }

    @Test
    fun theReadyMadeStatesAreWhatTheySay() {
        val places =
            mapOf(
                FakeSatchel.waiting() to Place.ON_TABLET,
                FakeSatchel.doubtful() to Place.IN_DOUBT,
                FakeSatchel.asks() to Place.ASKS_YOU,
                FakeSatchel.conflict() to Place.CONFLICT,
                FakeSatchel.refused() to Place.REFUSED,
                FakeSatchel.diskFull() to Place.ON_TABLET,
                FakeSatchel.sessionExpired() to Place.ON_TABLET,
            )
        for ((fake, place) in places) {
            on(fake) { book ->
                val id = book.only().id
                assertEquals(place, book.standing(id).place)
                assertEquals(mapOf(place to 1L), book.summary().byPlace)
                assertEquals(listOf(id), book.waiting(0, 10).map { it.entry })
                assertEquals(place == Place.ASKS_YOU, book.asks().isNotEmpty())
                assertEquals(place == Place.CONFLICT, book.get(id).conflict != null && book.only().conflict)
                assertEquals("Sok Dara", book.get(id).text(Field.NAME_EN))
            }
        }
    }

    @Test
    fun whatIsSavedIsThereAndDrainBringsItToTheBank() =
        on(FakeSatchel()) { book ->
            book.saveDraft(DraftAbout.New("form"), "{}")
            val id = book.add(sok, DraftAbout.New("form")).id
            assertEquals(null, book.draft(DraftAbout.New("form")))
            assertEquals(listOf(id), book.list(Query(text = "thida")).items.map { it.id })
            assertEquals(emptyList<Listed>(), book.list(Query(text = "nobody")).items)
            assertEquals(WhyStopped.Done, book.drain(1_000).whyStopped)
            val there = book.get(id)
            assertEquals(id, book.getByCode(checkNotNull(there.code)).id)
            assertEquals(Place.AT_BANK to 0L, book.standing(id).place to book.summary().unsent)
            assertEquals(listOf(id), book.add(sok).similar.map { it.id }, "she was there before")
            assertEquals(TakenBack.WHEN_KNOWN, book.reject(id))
            book.drain(1_000)
            assertEquals(Place.REJECTED, book.standing(id).place)
        }

    @Test
    fun everyOtherCallAnswersToo() {
        val fake = FakeSatchel.waiting()
        on(fake) { book ->
            assertEquals(1, book.history(1).size)
            assertEquals(
                listOf("form"),
                listOf(book.saveDraft(DraftAbout.Prospect(1), "form")).map { book.draft(DraftAbout.Prospect(1))?.form },
            )
            assertEquals(DraftAbout.Prospect(1), book.drafts(5).single().about)
            book.removeDraft(DraftAbout.Prospect(1))
            assertEquals(0, book.takeOver(book.handOver()).asks)
            book.handedOver(listOf(1), "Sok")
            assertEquals(1, book.receipt().unsent)
            fake.underWay = listOf(Progress("prospect", "send", 1, 10, 20))
            assertEquals(10, book.progress().single().bytes)
            assertEquals(TakenBack.NOW, book.withdraw(1))
            assertEquals(0, book.exportUnsent().unsent)
            assertEquals(emptyList<Listed>(), book.list(Query()).items)
            assertEquals(listOf(1L), book.list(Query(includeClosed = true)).items.map { it.id })
            assertEquals(null to "{}", book.origin(1) to book.diagnostics())
            book.linkChanged(Link.NONE)
            book.resume()
            assertTrue(book.pause(100))
            book.pauseRemote("prospect", "why")
            book.resumeRemote("prospect")
            book.signOut()
            book.lock()
        }
    }

    @Test
    fun aMoveIsToldByTheFeedAndByTheStanding() {
        val fake = FakeSatchel.waiting()
        on(fake) { book ->
            coroutineScope {
                val id = book.only().id
                val cursor = book.changes().first().revision
                val told = async { book.changes(cursor).first() }
                val seen = async { book.standings(id).first { it.place == Place.IN_DOUBT } }
                fake.move(id, Standings.doubtful)
                assertEquals(listOf<Subject>(Subject.Prospect(id)), told.await().items.map { it.subject })
                assertEquals(Standings.doubtful, seen.await())
            }
        }
    }

    @Test
    fun decisionsMoveWhatTheyAnswer() {
        on(FakeSatchel.asks()) { book ->
            val question =
                book
                    .asks()
                    .single()
                    .about
                    .single()
            book.decide(listOf(question.question), Decision.Arrived(question.rows.single().code))
            assertEquals(Place.AT_BANK, book.standing(1).place)
            thrownBy<SatchelException.NotPossible> { book.decide(listOf(question.question), Decision.SendAgain) }
        }
        on(FakeSatchel.conflict()) { book ->
            val conflict = checkNotNull(book.get(1).conflict)
            val theirs = conflict.fields.single().theirs
            thrownBy<SatchelException.NotPossible> { book.resolve(1, conflict.asked - 1, emptyMap()) }
            book.resolve(1, conflict.asked, mapOf(Field.PHONE to Choice.THEIRS))
            assertEquals(theirs to Place.CHANGE_ON_TABLET, book.get(1).text(Field.PHONE) to book.standing(1).place)
        }
        on(FakeSatchel.refused()) { book ->
            book.edit(1, listOf(Field.PHONE set "012 345 679"))
            assertEquals(Place.ON_TABLET, book.standing(1).place)
        }
    }

    @Test
    fun aFullDiskAndAnExpiredSessionEnd() {
        val full = FakeSatchel.diskFull()
        on(full) { book ->
            thrownBy<SatchelException.DiskFull> { book.add(sok) }
            assertEquals(listOf(WhatNow.FREE_SPACE), book.health().concerns.map { it.whatNow })
            full.diskFull = false
            book.add(sok)
        }
        on(FakeSatchel.sessionExpired()) { book ->
            assertEquals(WhyStopped.Waits("sign_in"), book.drain(1_000).whyStopped)
            thrownBy<SatchelException.NeedsSignIn> { book.download() }
            book.signIn(ProspectSecrets(NoHandle))
            assertEquals(1, book.drain(1_000).sent)
            book.shutdown()
            thrownBy<SatchelException.Locked> { book.list(Query()) }
        }
    }
}
