package org.satchel

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Whom the library talks to: by the profile's own roots, and by the platform's trust manager through [ServerTrust]. */
class TrustTest {
    /** How a download from that sandbox ends; nothing when it succeeds. */
    private fun downloaded(
        sandbox: Sandbox,
        roots: String,
        trust: ServerTrust?,
    ): String? =
        runBlocking {
            Folder().use { folder ->
                val book = openSatchel(folder.file, "dara", Sandbox.profile(sandbox.baseUrl, roots = roots), MemoryVault(), trust)
                try {
                    book.signIn(Sandbox.secrets())
                    book.linkChanged(Link.UNMETERED)
                    book.download()
                    null
                } catch (e: SatchelException.Remote) {
                    val concerns = book.health().concerns.map { it.about }
                    assertTrue(Worry.NotTrusted("prospect", e.code) in concerns, "$concerns")
                    e.code
                } finally {
                    book.shutdown()
                }
            }
        }

    private val certificates =
        mapOf(
            arrayOf("--tls") to null,
            arrayOf("--certificate", "unknown-authority") to "untrusted_authority",
            arrayOf("--certificate", "wrong-host") to "untrusted_wrong_host",
            arrayOf("--certificate", "expired") to "untrusted_expired",
        )

    @Test
    fun theProfilesOwnRootsDecideAndSayWhy() {
        for ((transport, ends) in certificates) {
            Sandbox(*transport).use { assertEquals(ends, downloaded(it, it.authority.orEmpty(), null), transport.last()) }
        }
    }

    @Test
    fun theAppsTrustManagerDecides() {
        for ((transport, ends) in certificates) {
            Sandbox(*transport).use {
                val refused = ends?.let { "untrusted_host_refused" }
                assertEquals(refused, downloaded(it, "", PlatformTrust(it.authority.orEmpty())), transport.last())
            }
        }
    }
}
