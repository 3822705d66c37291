package org.satchel

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.lang.reflect.Method
import java.lang.reflect.Proxy
import java.time.Instant
import kotlin.coroutines.Continuation
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/** No call of an open book reaches the library on the thread that made it: that may be the one that draws. */
class OffMainTest {
    private val reached = mutableMapOf<String, Thread>()

    /** In the library's place: notes who comes, and goes no further. */
    private val library =
        Proxy.newProxyInstance(javaClass.classLoader, arrayOf(SatchelInterface::class.java)) { _, method, _ ->
            reached[method.name] = Thread.currentThread()
            throw SatchelException.Locked()
        } as SatchelInterface

    /** Something of each type that is handed in. */
    private fun some(type: Class<*>): Any? =
        when (type) {
            Long::class.java -> 1L
            Int::class.java -> 1
            String::class.java -> "text"
            List::class.java -> emptyList<Any>()
            Map::class.java -> emptyMap<Any, Any>()
            Query::class.java -> Query()
            Decision::class.java -> Decision.Drop
            DraftAbout::class.java -> DraftAbout.New("form")
            Link::class.java -> Link.NONE
            ProspectSecrets::class.java -> Sandbox.secrets()
            HandOver::class.java -> HandOver.fromBytes(ByteArray(0))
            Stop::class.java, Instant::class.java -> null
            else -> error("nothing of $type")
        }

    private suspend fun call(
        book: OpenBook,
        method: Method,
    ) {
        val given = method.parameterTypes.dropLast(1).map(::some)
        suspendCoroutineUninterceptedOrReturn<Any?> { method.invoke(book, *given.toTypedArray(), it) }
    }

    @Test
    fun everyCallLeavesItsCallersThread() {
        val book = OpenBook(library)
        val suspending = SatchelInterface::class.java.methods.filter { it.parameterTypes.lastOrNull() == Continuation::class.java }
        assertTrue(suspending.size > 40, "${suspending.size} methods")
        runBlocking {
            val here = Thread.currentThread()
            for (method in suspending) {
                thrownBy<Exception> { call(book, method) }
                val there = checkNotNull(reached[method.name]) { "${method.name} did not reach the library" }
                assertTrue(there != here, "${method.name} came on its caller's thread")
            }
        }
        assertEquals(suspending.map { it.name }.toSet(), reached.keys)
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
