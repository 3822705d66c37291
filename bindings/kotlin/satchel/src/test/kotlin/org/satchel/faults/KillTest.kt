package org.satchel.faults

import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.Decision
import org.satchel.Field
import org.satchel.Folder
import org.satchel.Next
import org.satchel.OpenBook
import org.satchel.Place
import org.satchel.Query
import org.satchel.Sandbox
import org.satchel.SatchelException
import org.satchel.child.Child
import org.satchel.child.officersBook
import org.satchel.offTheMinute
import org.satchel.onTablet
import org.satchel.person
import org.satchel.prospect
import org.satchel.text
import org.satchel.thrownBy
import org.satchel.until
import java.io.File
import kotlin.time.Duration.Companion.milliseconds

/** Processes that die, and two processes on one book. */
class KillTest {
    private fun beside(test: suspend (Sandbox, File) -> Unit) =
        runBlocking { Sandbox().use { sandbox -> Folder().use { test(sandbox, it.file) } } }

    /** Half of the kills fall within a call whose effect is done and whose answer is on its way. */
    @Test
    fun `fault 04 killed at any moment nothing is lost and nothing is doubled`() =
        beside { sandbox, folder ->
            sandbox.faults("""{"kind":"delay","ms":40,"endpoint":"ProspectAddV2"}""")
            val acknowledged = mutableSetOf<String>()
            repeat(KILLS) { n ->
                val before = sandbox.ledger().size
                Child("officer", folder.path, sandbox.baseUrl, "Customer $n-1", "Customer $n-2").use { child ->
                    if (n % 2 == 0) {
                        child.line()?.let { acknowledged += it.removePrefix("saved ") }
                        delay((n * 37L).milliseconds)
                    } else {
                        until("the server has one more") { sandbox.ledger().size > before }
                    }
                    child.kill()
                    acknowledged += child.all().filter { it.startsWith("saved ") }.map { it.removePrefix("saved ") }
                }
            }
            sandbox.faults()
            val book = officersBook(folder, sandbox.baseUrl)
            book.signIn(Sandbox.secrets())
            book.resume()
            until("all is settled") {
                answer(book, sandbox)
                book.summary().unsent == 0L
            }
            val created = sandbox.ledger().groupingBy { it.second }.eachCount()
            assertEquals(emptyMap<String, Int>(), created.filterValues { it > 1 }, "doubled")
            assertEquals(emptySet<String>(), acknowledged - created.keys, "lost of ${acknowledged.size}")
            assertTrue(acknowledged.size >= KILLS, "${acknowledged.size} acknowledged: the kills come too early")
            assertTrue(book.receipt().same, "both sides hold the same")
            val doubts = book.list(Query(limit = 500)).items.sumOf { row -> book.history(row.id).sumOf { it.doubts } }
            assertTrue(doubts > 0, "the kills miss the calls")
            book.shutdown()
        }

    /** As an officer who has looked at the bank's list would. */
    private suspend fun answer(
        book: OpenBook,
        sandbox: Sandbox,
    ) {
        for (about in book.asks().flatMap { it.about }) {
            val code = sandbox.codeOf(book.get(checkNotNull(about.prospect)).text(Field.NAME_EN))
            book.decide(listOf(about.question), code?.let { Decision.Arrived(it) } ?: Decision.SendAgain)
        }
    }

    @Test
    fun `fault 25 of two processes on one book only the holder of the lease sends`() =
        beside { sandbox, folder ->
            Child("officer", folder.path, sandbox.baseUrl, "From Child").use { child ->
                until("the child has sent") { sandbox.creates("From Child") == 1 }
                val book = officersBook(folder, sandbox.baseUrl)
                book.resume()
                offTheMinute()
                // The child does not send this one before it looks again by itself, which is long from now.
                val id = book.add(person("From Here")).id
                until("it is seen that another process sends") { book.standing(id).next == Next.SentByOther }
                assertEquals(0, sandbox.creates("From Here"), "whoever has no lease sends nothing")
                child.kill()
                book.resume() // as an app does when it comes to the front
                until("this process has taken over") { book.standing(id).place == Place.AT_BANK }
                assertEquals(1 to 1, sandbox.creates("From Child") to sandbox.creates("From Here"))
                book.shutdown()
            }
        }

    @Test
    fun `fault 25 two handles of one process are one book`() =
        onTablet {
            val worker = another()
            book.resume()
            worker.resume()
            val names = (1..8).map { "Customer $it" }
            offTheMinute()
            names.forEachIndexed { n, name -> (if (n % 2 == 0) book else worker).add(person(name)) }
            assertEquals(0, worker.drain(30_000).left)
            for (name in names) assertEquals(1, sandbox.creates(name), name)
            worker.shutdown()
            thrownBy<SatchelException.Locked> { book.summary() }
        }

    private companion object {
        const val KILLS = 6
    }
}
