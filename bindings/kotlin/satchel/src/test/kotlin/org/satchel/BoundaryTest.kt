package org.satchel

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.atomic.AtomicLong
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The boundary between Kotlin and Rust under stress. */
class BoundaryTest {
    @Test
    fun sixtyFourAtOnceAreAllKept() =
        withBook { book ->
            val ids =
                withContext(Dispatchers.Default) {
                    (1..64).map { n -> async { book.add(person("Person $n", "0$n")).id } }.awaitAll()
                }
            assertEquals(64, ids.toSet().size)
            assertEquals(64, book.summary().unsent)
            ids.forEachIndexed { n, id -> assertEquals("Person ${n + 1}", book.get(id).text(Field.NAME_EN)) }
        }

    /** What was acknowledged is there; what was cancelled is there whole or not at all; nothing is there twice. */
    @Test
    fun cancelledSavesAreKeptWhole() =
        withBook { book ->
            val random = Random(7)
            val acknowledged = mutableSetOf<String>()
            repeat(POINTS / 10) { n ->
                coroutineScope {
                    val saving =
                        launch(Dispatchers.Default) {
                            book.add(person("Cancelled $n", "1$n"))
                            synchronized(acknowledged) { acknowledged += "Cancelled $n" }
                        }
                    delay(random.nextInt(3).milliseconds)
                    saving.cancelAndJoin()
                }
            }
            book.changesUntilQuiet(0) // what was cancelled may still be at it
            val names = book.listAll().map { it.nameEn }
            assertEquals(names.toSet().size, names.size)
            assertTrue(names.containsAll(acknowledged))
            assertEquals(names.size.toLong(), book.summary().unsent)
        }

    /** A reader that is cancelled again and again, and goes on from its cursor, sees every revision once. */
    @Test
    fun aCancelledReaderMissesNothing() =
        withBook { book ->
            val random = Random(11)
            val seen = mutableListOf<Long>()
            var cursor = 0L
            withContext(Dispatchers.Default) {
                val writing = launch { repeat(300) { n -> book.add(person("Writer $n", "2$n")) } }
                repeat(POINTS) { point ->
                    val reading =
                        launch {
                            val batch = book.feed(cursor, 7, null)
                            seen += batch.items.map { it.revision }
                            cursor = batch.revision
                        }
                    if (point % 50 == 0) delay(random.nextInt(4).milliseconds) else repeat(random.nextInt(40)) { Thread.onSpinWait() }
                    reading.cancelAndJoin()
                }
                writing.join()
                val newest = book.changesUntilQuiet(cursor)
                seen += newest
            }
            assertEquals(seen.sorted().distinct(), seen)
            assertEquals(300, seen.size)
        }

    @Test
    fun aClosedBookIsLockedForEveryHandle() =
        withBook { book ->
            book.add(person("Before"))
            book.shutdown()
            assertEquals(WhatNow.OPEN_AGAIN, thrownBy<SatchelException.Locked> { book.add(person("After")) }.whatNow)
            thrownBy<SatchelException.Locked> { book.list(Query()) }
            thrownBy<SatchelException.Locked> { book.feed(1, 10, null) }
            thrownBy<SatchelException.Locked> { book.drain(300) }
        }

    @Test
    fun aDeadlineThatHasPassedIsNone() =
        withBook { book ->
            assertEquals(0, book.drain(-1).sent)
            assertTrue(book.pause(Long.MIN_VALUE))
        }

    @Test
    fun twoOpensAreOneBook() =
        runBlocking {
            Folder().use { folder ->
                val vault = MemoryVault()
                val screen = openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), vault)
                val worker = openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), vault)
                val added = worker.add(person("From the worker"))
                worker.close() // the worker ends; the screen lives
                assertEquals("From the worker", screen.get(added.id).text(Field.NAME_EN))
                screen.edit(added.id, listOf(Field.PHONE set "099"))
                screen.shutdown()
            }
        }

    @Test
    fun aWaitingFeedWakesAtOnceAndEndsWithItsBook() =
        withBook { book ->
            val cursor = book.changesUntilQuiet(0).lastOrNull() ?: 0
            coroutineScope {
                val waiting = async(Dispatchers.Default) { book.changes(cursor).first() }
                delay(50)
                val id = book.add(person("Awaited")).id
                val batch = withTimeout(2.seconds) { waiting.await() }
                assertEquals(listOf<Subject>(Subject.Prospect(id)), batch.items.map { it.subject })
                val last = async(Dispatchers.Default) { thrownBy<SatchelException.Locked> { book.feed(batch.revision, 10, null) } }
                delay(50)
                book.lock()
                withTimeout(5.seconds) { last.await() }
            }
        }

    @Test
    fun standingsAreToldAsTheyChange() =
        withBook { book ->
            val id = book.add(person("Looked at")).id
            val standings = book.standings(id)
            assertEquals(Place.ON_TABLET, standings.first().place)
            coroutineScope {
                val next = async(Dispatchers.Default) { standings.first { it.place == Place.WITHDRAWN } }
                delay(20)
                assertEquals(TakenBack.NOW, book.withdraw(id))
                withTimeout(2.seconds) { next.await() }
            }
        }

    /** Freed in any order and many times over, nothing piles up. */
    @Test
    fun objectsComeAndGo() {
        val before = AtomicLong(0)
        repeat(10) { round ->
            val some = (1..10_000).map { if (it % 2 == 0) Stop() else Sandbox.secrets() }.shuffled(Random(round))
            some.forEach { it.close() }
            if (round == 2) before.set(residentKib())
        }
        assertTrue(residentKib() - before.get() < 96 * 1024, "${before.get()} KiB, then ${residentKib()}")
    }

    @Test
    fun aSecretIsInNoText() {
        val secrets = ProspectSecrets("dara", CANARY, CANARY, CANARY.toByteArray(), ByteArray(16))
        assertFalse(CANARY in secrets.toString())
    }

    @Test
    fun cancellingIsACancellationAndNoError() =
        withBook { book ->
            val newest = book.changesUntilQuiet(0).lastOrNull() ?: 0
            book.add(person("One"))
            coroutineScope {
                val waiting = launch(Dispatchers.Default) { thrownBy<CancellationException> { book.feed(newest + 1, 10, null) } }
                delay(50)
                waiting.cancelAndJoin()
            }
        }

    private suspend fun OpenBook.listAll(): List<Listed> {
        val all = mutableListOf<Listed>()
        var after: String? = null
        do {
            val page = list(Query(after = after, limit = 500))
            all += page.items
            after = page.next
        } while (after != null)
        return all
    }

    /** The revisions after [cursor], until nothing new comes. */
    private suspend fun OpenBook.changesUntilQuiet(cursor: Long): List<Long> {
        val seen = mutableListOf<Long>()
        var after = cursor
        while (true) {
            val batch = kotlinx.coroutines.withTimeoutOrNull(200) { feed(after, 500, null) } ?: return seen
            seen += batch.items.map { it.revision }
            after = batch.revision
        }
    }

    private fun residentKib(): Long {
        System.gc()
        val line =
            java.io
                .File("/proc/self/status")
                .readLines()
                .first { it.startsWith("VmRSS") }
        return line.filter { it.isDigit() }.toLong()
    }

    private companion object {
        const val POINTS = 10_000
        const val CANARY = "CANARY-7f3a"
    }
}
