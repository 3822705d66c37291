package org.satchel

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What an app's own methods may do to the library: anything. */
class HostsTest {
    private class Failing(
        private val thrown: () -> Throwable,
    ) : KeyVault {
        override fun load(name: String): ByteArray? = throw thrown()

        override fun store(
            name: String,
            secret: ByteArray,
        ): VaultReceipt = throw thrown()
    }

    private class Storing(
        private val store: (ByteArray) -> Unit,
    ) : KeyVault {
        private val inner = MemoryVault()

        override fun load(name: String): ByteArray? = inner.load(name)

        override fun store(
            name: String,
            secret: ByteArray,
        ): VaultReceipt {
            store(secret)
            return inner.store(name, secret)
        }
    }

    private fun opening(vault: KeyVault) =
        runBlocking {
            Folder().use { folder ->
                thrownBy<SatchelException> { openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), vault) }
            }
        }

    @Test
    fun whateverAVaultThrowsIsUnavailableAndItsTextIsNowhere() {
        val all =
            listOf<() -> Throwable>(
                { IllegalStateException(CANARY) },
                { StackOverflowError(CANARY) },
                { OutOfMemoryError(CANARY) },
                { CancellationException(CANARY) },
                { InterruptedException(CANARY) },
                { object : Throwable(CANARY) {} },
            )
        for (thrown in all) {
            val e = opening(Failing(thrown))
            assertEquals(KeyError.UNAVAILABLE, (e as SatchelException.KeyUnavailable).why)
            assertFalse(CANARY in e.stackTraceToString())
        }
    }

    @Test
    fun aVaultsOwnWordsArriveAsTheyAre() {
        assertEquals(
            KeyError.DENIED,
            (opening(Failing { VaultException.Denied() }) as SatchelException.KeyUnavailable).why,
        )
        assertTrue(
            opening(Failing { VaultException.Lost() }).let { it is SatchelException.KeyLost || it is SatchelException.KeyUnavailable },
        )
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
        assertTrue(opening(Storing { throw IllegalStateException() }) is SatchelException.KeyUnavailable)
    }

    @Test
    fun aVaultThatThinksTooLongIsUnavailable() {
        val slow =
            object : KeyVault {
                override fun load(name: String): ByteArray? {
                    Thread.sleep(30_000)
                    return null
                }

                override fun store(
                    name: String,
                    secret: ByteArray,
                ) = VaultReceipt.KEPT
            }
        val begun = System.nanoTime()
        assertTrue(opening(slow) is SatchelException.KeyUnavailable)
        assertTrue(System.nanoTime() - begun < 45_000_000_000, "asked again and again")
    }

    /** Calling the library from inside a vault is told not to be done; it must not hang for ever. */
    @Test
    fun aVaultThatCallsBackHangsNobody() {
        val reentering =
            Storing {
                runBlocking { Folder().use { openSatchel(it.file, "sok", Sandbox.profile(NOWHERE), MemoryVault()).shutdown() } }
            }
        runBlocking {
            Folder().use { folder ->
                try {
                    openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), reentering).shutdown()
                } catch (e: SatchelException.KeyUnavailable) {
                    assertEquals(KeyError.UNAVAILABLE, e.why)
                }
            }
        }
    }

    private companion object {
        const val CANARY = "CANARY-51be"
    }
}
