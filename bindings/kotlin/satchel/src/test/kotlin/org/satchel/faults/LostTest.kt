package org.satchel.faults

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.Field
import org.satchel.Next
import org.satchel.PATIENCE
import org.satchel.Place
import org.satchel.Tablet
import org.satchel.offTheMinute
import org.satchel.onKnownTablet
import org.satchel.person
import org.satchel.set
import org.satchel.text
import org.satchel.until

/** What gets lost between a tablet and its bank, and answers that are another's. */
class LostTest {
    @Test
    fun `fault 01 an answer lost behind the commit is read back and not sent again`() =
        onKnownTablet {
            for (kind in listOf("lost_reset", "lost_close")) {
                once(kind)
                val id = add(kind)
                assertInstanceOf(Next.ReadBackIn::class.java, until(id, Place.IN_DOUBT).next)
                assertEquals(1, sandbox.creates(kind), "it was committed")
                isOnce(id, kind)
                assertEquals(1, doubts(id))
            }
            assertEquals(0, book.summary().resentOnAbsence)
        }

    @Test
    fun `fault 02 a request lost on its way is sent again once, after the quiet period`() =
        onKnownTablet {
            Line(sandbox.baseUrl).use { line ->
                restart(baseUrl = line.url)
                line.breaks += Line.WITH_ITS_LAST
                book.resume()
                val id = add("Swallowed")
                until(id, Place.IN_DOUBT)
                val since = System.nanoTime()
                assertEquals(0, sandbox.creates("Swallowed"))
                isOnce(id, "Swallowed")
                assertTrue(System.nanoTime() - since > 600_000_000, "not before the quiet period is over")
                assertEquals(1, book.summary().resentOnAbsence)
            }
        }

    @Test
    fun `fault 02 without a connection nothing is in doubt`() =
        onKnownTablet {
            restart(baseUrl = nobody())
            book.resume()
            val id = add("Waits")
            assertEquals(1, book.drain(500).left)
            assertEquals(Place.ON_TABLET to 0L, book.standing(id).place to doubts(id))
            restart()
            book.resume()
            isOnce(id, "Waits")
            assertEquals(0, doubts(id))
        }

    @Test
    fun `fault 03 a late commit is waited for`() =
        onKnownTablet("""{"total_ms":600}""") {
            for (kind in listOf("arrive_after_close", "late_commit")) {
                once(kind, ""","after_ms":300""")
                val id = add(kind)
                until(id, Place.IN_DOUBT)
                isOnce(id, kind)
            }
            assertEquals(0, book.summary().resentOnAbsence)
        }

    @Test
    fun `fault 13 an answer settles only whom it names`() =
        onKnownTablet("""{"batch_max":3}""") {
            settlesEach("swap_replies", "", 0)
            settlesEach("wrong_reference", "", 1)
            settlesEach("missing_reply", "", 1)
            settlesEach("duplicate_reply", ""","contradict":false""", 1)
            settlesEach("duplicate_reply", ""","contradict":true""", 1)
        }

    /** Three in one call: each comes to the bank once, and so many of them were in doubt. */
    private suspend fun Tablet.settlesEach(
        kind: String,
        more: String,
        inDoubt: Long,
    ) {
        assertTrue(book.pause(PATIENCE.inWholeMilliseconds))
        val batch = (1..3).map { "$kind $more $it" }.associateWith { add(it) }
        once(kind, more)
        book.resume()
        for ((name, id) in batch) isOnce(id, name)
        assertEquals(inDoubt, batch.values.sumOf { doubts(it) }, "$kind $more")
    }

    /** Documents come with their own; what exists of an upload is a record of some length. */
    @Test
    fun `fault 23 an upload cut on its way is made once, as it was when it left`() =
        onKnownTablet {
            Line(sandbox.baseUrl).use { line ->
                restart("""{"max_text":900}""", line.url)
                val long = listOf(Field.COMMENT, Field.OFFICER_COMMENT, Field.OCCUPATION).map { it set "ក".repeat(900) }
                offTheMinute()
                val id = book.add(person("Long") + long).id
                book.edit(id, listOf(Field.PHONE set "099 999 999"))
                line.breaks += listOf(200, 4 shl 10)
                book.resume()
                isOnce(id, "Long")
                assertTrue(line.breaks.isEmpty(), "every cut was made")
                book.download()
                assertEquals("099 999 999", book.get(id).text(Field.PHONE))
            }
        }
}
