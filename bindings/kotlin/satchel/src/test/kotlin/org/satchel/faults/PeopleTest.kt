package org.satchel.faults

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.Concern
import org.satchel.Listed
import org.satchel.MemoryVault
import org.satchel.Next
import org.satchel.PATIENCE
import org.satchel.Place
import org.satchel.Query
import org.satchel.Sandbox
import org.satchel.SatchelException
import org.satchel.Tablet
import org.satchel.WhatNow
import org.satchel.WhyStopped
import org.satchel.Worry
import org.satchel.listBooks
import org.satchel.onKnownTablet
import org.satchel.onTablet
import org.satchel.person
import org.satchel.set
import org.satchel.thrownBy
import org.satchel.until
import org.satchel.whatNow
import kotlin.math.abs
import kotlin.time.Duration.Companion.seconds

/** Sessions that end, officers who share a tablet, strangers in the bank's place, and a clock that is wrong. */
class PeopleTest {
    @Test
    fun `fault 11 a session that ends in the middle blames nobody and asks once`() =
        onKnownTablet("""{"batch_max":1}""") {
            assertTrue(book.pause(PATIENCE.inWholeMilliseconds))
            val names = (1..6).map { "Customer $it" }
            val ids = names.map { add(it) }
            order("""{"action":"expire_after","user":"dara","calls":3}""")
            book.resume()
            until("she is asked to sign in") { book.health().concerns.any { it.about is Worry.NeedsSignIn } }
            val sent = sandbox.ledger().size - 1 // the first one made the key known
            assertTrue(sent in 1..5, "$sent had left")
            assertEquals(mapOf("ready" to 6L - sent, "done" to 1L + sent), book.summary().byState.filterValues { it > 0 })
            assertEquals(Next.WaitsForSignIn, book.standing(ids.last()).next)
            val before = sandbox.requests()
            assertEquals(WhyStopped.Waits("sign_in"), book.drain(500).whyStopped)
            assertEquals(before, sandbox.requests(), "it is not tried again and again")

            val session = order("""{"action":"renew","user":"dara"}""").getValue("session").jsonPrimitive.content
            book.signIn(Sandbox.secrets(session))
            for (id in ids) until(id, Place.AT_BANK)
            assertEquals(0, ids.sumOf { doubts(it) })
            assertEquals(names, sandbox.ledger().drop(1).map { it.second }, "in order")
        }

    private fun Tablet.order(session: String): JsonObject = sandbox.post("/_control/session", Json.parseToJsonElement(session)).jsonObject

    @Test
    fun `fault 12 another officer's queue is neither seen nor sent`() =
        onTablet {
            order("""{"action":"add","user":"mony","password":"other","session":"S-2"}""")
            val hers = (1..3).map { add("Of Dara $it") }
            book.shutdown()
            val mony = another(officer = "mony")
            mony.signIn("mony", "other", "S-2", ByteArray(32) { 7 }, ByteArray(16) { 9 })
            assertEquals(emptyList<Listed>(), mony.list(Query()).items)
            thrownBy<SatchelException.NotFound> { mony.get(hers.first()) }
            mony.add(person("Of Mony"))
            assertEquals(0, mony.drain(20_000).left)
            assertEquals(listOf("create" to "Of Mony"), sandbox.ledger())
            mony.shutdown()
            assertEquals(3, listBooks(folder.file).single { it.officer == "dara" }.unsent)
            restart()
            book.resume()
            hers.forEachIndexed { n, id -> isOnce(id, "Of Dara ${n + 1}") }
        }

    @Test
    fun `fault 20 a peer that is not the bank gets no request`() {
        val peers =
            mapOf(
                "unknown-authority" to ("untrusted_authority" to WhatNow.FIND_LINK),
                "wrong-host" to ("untrusted_wrong_host" to WhatNow.FIND_LINK),
                "expired" to ("untrusted_expired" to WhatNow.SET_CLOCK), // more often it is the tablet's clock
            )
        for ((certificate, said) in peers) {
            Sandbox("--certificate", certificate).use { peer ->
                Tablet(peer, MemoryVault()).use { tablet -> tablet.getsNoRequest(said.first, said.second) }
            }
        }
    }

    private fun Tablet.getsNoRequest(
        code: String,
        now: WhatNow,
    ) = runBlocking {
        book = another()
        book.signIn(Sandbox.secrets())
        val id = add("Waits")
        assertEquals(1, book.drain(500).left)
        val e = thrownBy<SatchelException.Remote> { book.download() }
        assertEquals(code to now, e.code to e.whatNow)
        assertTrue(Concern(Worry.NotTrusted("prospect", code), now) in book.health().concerns)
        assertEquals(Place.ON_TABLET, book.standing(id).place)
        assertEquals(0, sandbox.requests())
    }

    @Test
    fun `fault 20 plain http leaves this machine for nobody`() =
        onTablet {
            val id = add("Waits")
            restart(baseUrl = "http://192.0.2.1/api/")
            book.resume()
            assertEquals(WhatNow.REPORT, thrownBy<SatchelException.Remote> { book.download() }.whatNow)
            assertEquals(Place.ON_TABLET, book.standing(id).place)
            until("it is shown") { book.health().concerns.any { it.about == Worry.SettingsWrong("prospect") } }
        }

    /** The clock of a test cannot be set, so the server's is: what is between them is the same. */
    @Test
    fun `fault 21 a wrong clock is shown and holds nothing up`() =
        onKnownTablet {
            val tenYears = 315_360_000L
            for (seconds in listOf(-System.currentTimeMillis() / 1000, -tenYears, -600L, 600L, tenYears)) {
                sandbox.faults("""{"kind":"clock_skew","seconds":$seconds}""")
                isOnce(add("Moved $seconds"), "Moved $seconds")
                val shown = book.health().concerns.single { it.about is Worry.ClockWrong }
                assertTrue(abs((shown.about as Worry.ClockWrong).seconds - seconds) < 60, "$shown")
                assertEquals(WhatNow.SET_CLOCK, shown.whatNow)
            }
            sandbox.faults()
            book.download()
            assertTrue(book.health().concerns.none { it.about is Worry.ClockWrong })
        }
}
