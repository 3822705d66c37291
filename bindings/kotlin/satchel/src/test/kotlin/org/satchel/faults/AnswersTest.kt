package org.satchel.faults

import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.Next
import org.satchel.Place
import org.satchel.SatchelException
import org.satchel.Tablet
import org.satchel.onKnownTablet
import org.satchel.text
import org.satchel.thrownBy
import org.satchel.until
import java.io.File
import java.time.Duration

/** What answers and is no service: each costs a typed error in a bounded time, nothing of it is applied. */
class AnswersTest {
    /** A download says so in that code, and brings nothing; a create that was answered so is in doubt, and made once. */
    private suspend fun Tablet.isNoAnswer(
        fault: String,
        code: String,
    ) {
        sandbox.faults("""{$fault}""")
        assertEquals(code, thrownBy<SatchelException.Remote> { book.download() }.code, fault)
        sandbox.faults("""{$fault,"endpoint":"ProspectAddV2","times":1}""")
        val id = add(fault)
        until(id, Place.IN_DOUBT)
        isOnce(id, fault)
    }

    @Test
    fun `fault 16 a portal, an empty body and any status are no answer of the bank`() =
        onKnownTablet {
            isNoAnswer(""""kind":"captive_portal","reaches":false""", "unusable")
            isNoAnswer(""""kind":"captive_portal","reaches":true""", "unusable")
            isNoAnswer(""""kind":"truncate","bytes":0""", "unusable")
            isNoAnswer(""""kind":"garbage"""", "unusable")
            isNoAnswer(""""kind":"status","code":500""", "unusable")
            isNoAnswer(""""kind":"fail_after_commit","code":500""", "unusable")
            sandbox.faults("""{"kind":"content_type","value":"text/html"}""") // what a proxy calls it does not matter
            assertEquals(Place.AT_BANK, until(add("Renamed"), Place.AT_BANK).place)
        }

    @Test
    fun `fault 17 no redirect is followed`() =
        onKnownTablet {
            Elsewhere().use { elsewhere ->
                for (status in listOf(301, 302, 303, 307, 308)) {
                    isNoAnswer(""""kind":"redirect","status":$status,"to":"${elsewhere.url}"""", "redirect")
                }
                assertEquals(0, elsewhere.calls.get(), "nobody called there")
            }
        }

    @Test
    fun `fault 18 a gigabyte costs no memory`() =
        onKnownTablet("""{"download_bytes":16777216}""") {
            val before = peakKib()
            isNoAnswer(""""kind":"giant","bytes":1073741824""", "reply_too_long")
            isNoAnswer(""""kind":"depth_bomb","depth":100000""", "unusable")
            isNoAnswer(""""kind":"gzip"""", "encoded")
            isNoAnswer(""""kind":"lying_length","by":64""", "closed")
            assertTrue(peakKib() - before < 48 * 1024, "${peakKib() - before} KiB more")
        }

    private fun peakKib(): Long {
        val peak = File("/proc/self/status").readLines().first { it.startsWith("VmHWM") }
        return peak.filter { it.isDigit() }.toLong()
    }

    @Test
    fun `fault 19 a reply that trickles ends with its time, and others go on`() =
        onKnownTablet("""{"total_ms":800,"download_ms":800}""") {
            val trickles =
                listOf(
                    """"kind":"drip","part":"head"""",
                    """"kind":"drip","part":"body"""",
                ).map { """$it,"bytes":1,"every_ms":100""" }
            for (fault in trickles + """"kind":"delay","ms":20000""") {
                sandbox.faults("{$fault}")
                val begun = System.nanoTime()
                assertEquals("timeout", thrownBy<SatchelException.Remote> { book.download() }.code, fault)
                assertTrue(System.nanoTime() - begun < 8_000_000_000, fault)
                sandbox.faults("""{$fault,"endpoint":"ProspectAddV2","times":1}""")
                val slow = add("Slow $fault")
                assertEquals("timeout", until(slow, Place.IN_DOUBT).why)
                isOnce(add("Other $fault"), "Other $fault")
                isOnce(slow, "Slow $fault")
            }
        }

    @Test
    fun `fault 22 what a server says of when to come back is clamped, and garbage is nothing`() =
        onKnownTablet {
            for (after in listOf("-5", "soon", "")) {
                once("status", ""","code":503,"retry_after":"$after"""")
                val id = add("Soon $after")
                until(id, Place.IN_DOUBT)
                isOnce(id, "Soon $after")
            }
            once("status", ""","code":429,"retry_after":"1000000000"""")
            val id = add("Late")
            val next = until(id, Place.IN_DOUBT).next
            assertTrue(next is Next.ReadBackIn && next.after <= Duration.ofHours(1), "$next")
            restart() // another process knows of no such word
            book.resume()
            isOnce(id, "Late")
        }
}
