package org.satchel

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.lang.reflect.Method
import java.lang.reflect.Proxy

/** No call of an open book reaches the library on the thread that made it: that may be the one that draws. */
class OffMainTest {
    private val reached = mutableMapOf<String, Thread>()

    /** In the library's place: notes who comes, and goes no further. */
    private inline fun <reified T> library() =
        Proxy.newProxyInstance(javaClass.classLoader, arrayOf(T::class.java)) { _, method, _ ->
            reached[method.name] = Thread.currentThread()
            throw SatchelException.Locked()
        } as T

    @Test
    fun everyCallLeavesItsCallersThread() {
        leave(OpenBook(library()), EveryMethod.all, 40)
    }

    @Test
    fun everyCallOfOnboardingLeavesItsCallersThread() {
        leave(OpenOnboarding(library()), EveryMethod.ofOnboarding, 25)
    }

    @Test
    fun everyCallAboutLatePayersLeavesItsCallersThread() {
        leave(OpenCollectionDesk(library()), EveryMethod.ofCollection, 10)
    }

    @Test
    fun everyCallOfVbotLeavesItsCallersThread() {
        leave(OpenVbot(library()), EveryMethod.ofVbot, 8)
    }

    private fun leave(
        book: Any,
        methods: List<Method>,
        least: Int,
    ) {
        assertTrue(methods.size >= least, "${methods.size} methods")
        runBlocking {
            val here = Thread.currentThread()
            for (method in methods) {
                thrownBy<Exception> { EveryMethod.call(book, method) }
                val there = checkNotNull(reached[method.name]) { "${method.name} did not reach the library" }
                assertTrue(there != here, "${method.name} came on its caller's thread")
            }
        }
        assertEquals(methods.map { it.name }.toSet(), reached.keys)
    }

    /** Opening too: it loads the library, which takes longest of all. */
    @Test
    fun openingLeavesItsCallersThread() =
        runBlocking {
            var asked: Thread? = null
            val vault =
                object : KeyVault {
                    override fun load(name: String): ByteArray? {
                        asked = Thread.currentThread()
                        throw VaultException.Denied()
                    }

                    override fun store(
                        name: String,
                        secret: ByteArray,
                    ) = VaultReceipt.KEPT
                }
            Folder().use { folder ->
                thrownBy<SatchelException> { openSatchel(File(folder.file, "books"), "dara", Sandbox.profile(NOWHERE), vault) }
            }
            assertTrue(asked != null && asked != Thread.currentThread())
        }
}
