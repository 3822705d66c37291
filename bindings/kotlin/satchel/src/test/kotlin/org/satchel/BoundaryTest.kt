package org.satchel

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.ConcurrentHashMap
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
    fun cancelledAtTwoThousandPointsSavesAreKeptWhole() =
        runBlocking {
            val vault = MemoryVault()
            val acknowledged = ConcurrentHashMap.newKeySet<String>()
            Folder().use { folder ->
                val first = openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), vault)
                cutAt(SAVES, Random(7)) { n ->
                    first.add(person("Cancelled $n", "1$n"))
                    acknowledged += "Cancelled $n"
                }
                first.shutdown() // what was cancelled may still be at it: from here on nothing is
                val again = openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), vault)
                val names = again.listAll().map { it.nameEn }
                assertEquals(names.toSet().size, names.size)
                assertTrue(names.containsAll(acknowledged))
                assertEquals(names.size.toLong(), again.summary().unsent)
                again.shutdown()
            }
        }

    /** A reader that is cancelled again and again, and goes on from its cursor, sees every revision once. */
    @Test
    fun aReaderCancelledAtEightThousandPointsMissesNothing() =
        withBook { book ->
            val seen = mutableListOf<Long>()
            var cursor = 0L
            var written = 0
            withContext(Dispatchers.Default) {
                val writing =
                    launch {
                        while (isActive) {
                            withContext(NonCancellable) { book.add(person("Writer $written", "2$written")) }
                            written++
                            delay(5)
                        }
                    }
                cutAt(READS, Random(11)) {
                    val batch = book.feed(cursor, 7, null)
                    seen += batch.items.map { it.revision }
                    cursor = batch.revision
                }
                writing.cancelAndJoin()
                seen += book.changesUntilQuiet(cursor)
            }
            assertEquals(seen.sorted().distinct(), seen)
            assertEquals(written, seen.size)
        }

    /** Calls until so many were cut: begun, not ended, and cancelled there, at any time of their way. */
    private suspend fun cutAt(
        points: Int,
        random: Random,
        call: suspend (Int) -> Unit,
    ) = withContext(Dispatchers.Default) {
        var (cut, n) = 0 to 0
        while (cut < points) {
            check(n < 20 * points) { "only $cut of $n calls were cut" }
            val begun = CompletableDeferred<Unit>()
            var ended = false
            val calling =
                launch {
                    begun.complete(Unit)
                    call(n)
                    ended = true
                }
            begun.await()
            if (random.nextInt(50) == 0) delay(random.nextInt(4).milliseconds) else repeat(random.nextInt(2_000)) { Thread.onSpinWait() }
            calling.cancelAndJoin()
            if (!ended) cut++
            n++
        }
    }

    @Test
    fun aDeadlineThatHasPassedIsNone() =
        withBook { book ->
            assertEquals(0, book.drain(-1).sent)
            assertTrue(book.pause(Long.MIN_VALUE))
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

    /** Closed in any order, the parent before the child too, or left to the collector: nothing piles up. */
    @Test
    fun aHundredThousandObjectsComeAndGo() =
        withBook { book ->
            var before = 0L
            repeat(ROUNDS) { round ->
                val random = Random(round)
                val some = (1..OBJECTS / ROUNDS).map { if (it % 100 == 0) book.watch() else one(it) }.shuffled(random)
                some.forEach { if (random.nextInt(20) != 0) it.close() }
                if (round == 4) before = residentKib()
            }
            val grown = residentKib() - before
            assertTrue(grown < 12 * 1024, "from $before KiB by $grown")
        }

    private fun one(n: Int): AutoCloseable =
        when (n % 10) {
            0 -> Sandbox.secrets()
            in 1..5 -> HandOver.fromBytes(ByteArray(100))
            else -> Stop()
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
            val batch = withTimeoutOrNull(2.seconds) { feed(after, 500, null) } ?: return seen
            seen += batch.items.map { it.revision }
            after = batch.revision
        }
    }

    /** The heap is of one size and all of it in use from the start: what grows is native. */
    private fun residentKib(): Long {
        repeat(3) {
            System.gc()
            Thread.sleep(50) // what the collector found is freed by a thread of its own
        }
        val line =
            java.io
                .File("/proc/self/status")
                .readLines()
                .first { it.startsWith("VmRSS") }
        return line.filter { it.isDigit() }.toLong()
    }

    private companion object {
        const val SAVES = 2_000
        const val READS = 8_000
        const val OBJECTS = 100_000
        const val ROUNDS = 20
    }
}
