package org.satchel

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.seconds

/** What an app's own methods may do to the library: anything. */
class HostsTest {
    private fun opening(vault: KeyVault) =
        runBlocking {
            Folder().use { folder ->
                thrownBy<SatchelException> { openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), vault) }
            }
        }

    @Test
    fun whateverAVaultThrowsIsUnavailableAndItsTextIsNowhere() {
        for (thrown in anythingThrown) {
            for (vault in listOf(ActingVault(onLoad = { throw thrown() }), ActingVault(onStore = { throw thrown() }))) {
                val e = opening(vault)
                assertEquals(KeyError.UNAVAILABLE, (e as SatchelException.KeyUnavailable).why)
                assertFalse(CANARY in e.stackTraceToString())
            }
        }
    }

    /** Of a book that does not open, too: its vault is asked by functions of their own. */
    @Test
    fun whatAVaultThrowsWhereABookIsSavedIsUnavailable() =
        onTablet {
            book.add(person("Unsent"))
            book.shutdown()
            val (root, profile) = folder.file to Sandbox.profile(NOWHERE, organisation = ORGANISATION)
            for (thrown in anythingThrown) {
                val throwing = ActingVault(onLoad = { throw thrown() })
                val lies = File(listBooks(root).single().folder)
                val e = thrownBy<SatchelException> { salvageBook(lies, profile, throwing) }
                assertTrue(e is SatchelException.KeyUnavailable, "$e")
                assertFalse(CANARY in e.stackTraceToString())
            }
            assertEquals(1, listBooks(root).single().unsent)
        }

    @Test
    fun aVaultsOwnWordsArriveAsTheyAre() {
        assertEquals(
            KeyError.DENIED,
            (opening(ActingVault(onLoad = { throw VaultException.Denied() })) as SatchelException.KeyUnavailable).why,
        )
        val lost = opening(ActingVault(onLoad = { throw VaultException.Lost() }))
        assertTrue(lost is SatchelException.KeyLost || lost is SatchelException.KeyUnavailable, "$lost")
    }

    /** No row is written under a key that the vault did not give back. */
    @Test
    fun aKeyThatWasNotKeptOpensNothing() {
        val forgetful =
            object : KeyVault {
                override fun load(name: String): ByteArray? = null

                override fun store(
                    name: String,
                    secret: ByteArray,
                ) = VaultReceipt.KEPT
            }
        assertTrue(opening(forgetful) is SatchelException.KeyUnavailable)
    }

    @Test
    fun aVaultThatThinksTooLongIsUnavailable() {
        val end = CountDownLatch(1)
        val begun = System.nanoTime()
        assertTrue(opening(ActingVault(onLoad = { end.await(60, TimeUnit.SECONDS) })) is SatchelException.KeyUnavailable)
        assertTrue(System.nanoTime() - begun < 45_000_000_000, "asked again and again")
        end.countDown()
    }

    /** Calling the library from inside a vault is told not to be done; it must not hang for ever. */
    @Test
    fun aVaultThatOpensABookHangsNobody() {
        val opens =
            ActingVault(onStore = {
                runBlocking { Folder().use { openSatchel(it.file, "sok", Sandbox.profile(NOWHERE), MemoryVault()).shutdown() } }
            })
        runBlocking {
            Folder().use { folder ->
                try {
                    openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), opens).shutdown()
                } catch (e: SatchelException.KeyUnavailable) {
                    assertEquals(KeyError.UNAVAILABLE, e.why)
                }
            }
        }
    }

    /** Sending asks the vault to keep how often this book has been sent from: without that word nothing leaves. */
    @Test
    fun withoutTheVaultsWordNothingLeavesAndTheBookWorksOn() =
        runBlocking {
            anythingThrown.map { thrown -> async(Dispatchers.IO) { staysUntilTheVaultIsWell(thrown) } }.awaitAll()
            Unit
        }

    private fun staysUntilTheVaultIsWell(thrown: () -> Throwable) {
        val asked = AtomicInteger()
        val vault = ActingVault()
        onTablet(vault) {
            val id = add("Sok")
            vault.onStore = {
                asked.incrementAndGet()
                throw thrown()
            }
            book.resume()
            until("it is asked again") { asked.get() >= 2 }
            assertEquals(0, sandbox.ledger().size)
            assertFalse(CANARY in book.diagnostics())
            book.edit(id, listOf(Field.PHONE set "099"))
            vault.onStore = {}
            sendsAll()
            assertEquals(1, sandbox.ledger().size)
        }
    }

    /** One that neither answers nor throws holds up the sending, for its time, and nothing else. */
    @Test
    fun aVaultThatHangsWhileSendingHoldsUpNobodyElse() {
        val (asked, end) = CountDownLatch(1) to CountDownLatch(1)
        val vault = ActingVault()
        onTablet(vault) {
            vault.onStore = {
                asked.countDown()
                end.await(60, TimeUnit.SECONDS)
            }
            book.add(person("First"))
            book.resume()
            assertTrue(asked.await(20, TimeUnit.SECONDS), "sending asks the vault")
            withTimeout(8.seconds) { book.get(book.add(person("Meanwhile")).id) }
            end.countDown()
            vault.onStore = {}
            sendsAll()
        }
    }

    /** The same book, called from inside a vault while it sends: an answer, and no deadlock. */
    @Test
    fun aVaultThatCallsItsBookBackGetsAnAnswer() {
        val vault = ActingVault()
        val answer = CompletableFuture<Any>()
        onTablet(vault) {
            val id = book.add(person("First")).id
            vault.onStore = {
                vault.onStore = {}
                val called = runCatching { runBlocking { book.edit(id, listOf(Field.PHONE set "099")).let { book.summary().unsent } } }
                answer.complete(called.getOrElse { it })
            }
            book.resume()
            val given = runCatching { answer.get(30, TimeUnit.SECONDS) }.getOrElse { it }
            assertTrue(given is Long || given is SatchelException, "$given")
            sendsAll()
        }
    }

    /** The trust manager that asks the book that asks it: likewise. */
    @Test
    fun aTrustManagerThatCallsItsBookBackGetsAnAnswer() {
        var answer: Result<Long>? = null
        lateinit var asked: OpenBook
        val trust = ActingTrust { answer = runCatching { runBlocking { asked.add(person("From inside")).id } } }
        onTablet(trust = trust, transport = "--tls") {
            asked = book
            withTimeout(30.seconds) { book.download() }
            assertEquals("From inside", book.get(checkNotNull(answer).getOrThrow()).text(Field.NAME_EN))
        }
    }

    @Test
    fun aTrustManagerThatThinksTooLongRefuses() {
        val end = CountDownLatch(1)
        onTablet(trust = ActingTrust { end.await(60, TimeUnit.SECONDS) }, transport = "--tls") {
            coroutineScope {
                val download = async { thrownBy<SatchelException.Remote> { book.download() } }
                withTimeout(8.seconds) { book.add(person("Meanwhile")) }
                val e = withTimeout(45.seconds) { download.await() }
                assertTrue(e.code in setOf("untrusted_host_refused", "timeout"), e.code)
            }
            end.countDown()
            assertEquals(0, sandbox.requests(), "no byte of a request left")
        }
    }

    @Test
    fun whateverATrustManagerThrowsRefusesAndItsTextIsNowhere() {
        for (thrown in anythingThrown) {
            onTablet(trust = ActingTrust { throw thrown() }, transport = "--tls") {
                val e = thrownBy<SatchelException.Remote> { book.download() }
                assertEquals("untrusted_host_refused", e.code)
                assertNull(listOf(e.stackTraceToString(), book.diagnostics(), "${book.health()}").find { CANARY in it })
                assertEquals(0, sandbox.requests(), "no byte of a request left")
            }
        }
    }
}
