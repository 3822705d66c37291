package org.satchel

import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import java.time.LocalTime
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The longest that anything that must come is waited for. Far more than needed, for a busy machine. */
val PATIENCE = 30.seconds

/** One tablet before its bank: an open book, signed in, with a link, not yet sending. */
class Tablet(
    val sandbox: Sandbox,
    private val vault: KeyVault,
    private val trust: ServerTrust? = null,
) : AutoCloseable {
    val folder = Folder()
    lateinit var book: OpenBook

    /** A handle under the usual profile with these [changes] of the service's part. */
    suspend fun another(
        changes: String = "{}",
        officer: String = "dara",
        baseUrl: String = sandbox.baseUrl,
    ): OpenBook {
        val roots = if (trust == null) sandbox.authority.orEmpty() else ""
        val profile = Sandbox.profile(baseUrl, Json.parseToJsonElement(changes).jsonObject, roots)
        return openSatchel(folder.file, officer, profile, vault, trust).also { it.linkChanged(Link.UNMETERED) }
    }

    /** As after the end of the process. */
    suspend fun restart(
        changes: String = "{}",
        baseUrl: String = sandbox.baseUrl,
    ) {
        book.shutdown()
        book = another(changes, baseUrl = baseUrl)
    }

    /** Sends, with one prospect, `First`, at the bank: only of a server known to keep seconds does absence prove anything. */
    suspend fun isKnown() {
        book.resume()
        until(add("First"), Place.AT_BANK)
        book.download()
    }

    /** Never in the first second of a minute: a creation time on the full minute proves nothing about seconds. */
    suspend fun add(name: String): Long {
        offTheMinute()
        return book.add(person(name)).id
    }

    suspend fun until(
        id: Long,
        place: Place,
    ): Standing =
        withTimeoutOrNull(PATIENCE) { book.standings(id).first { it.place == place } }
            ?: throw AssertionError("waited for $place, it is ${book.standing(id)}")

    suspend fun doubts(id: Long): Long = book.history(id).sumOf { it.doubts }

    /** All that waits goes to the bank. */
    suspend fun sendsAll() {
        book.resume()
        until("all are at the bank") { book.summary().unsent == 0L }
    }

    /** The bank has one such row, and the tablet knows its code. */
    suspend fun isOnce(
        id: Long,
        name: String,
    ) {
        until(id, Place.AT_BANK)
        assertEquals(1, sandbox.creates(name), name)
        assertEquals(name, sandbox.nameUnder(checkNotNull(book.get(id).code)))
    }

    override fun close() {
        runBlocking { book.shutdown() }
        book.close()
        folder.close()
    }
}

/** Runs [test] on a fresh tablet before a fresh sandbox. */
fun onTablet(
    vault: KeyVault = MemoryVault(),
    trust: ServerTrust? = null,
    transport: String = "--plain",
    changes: String = "{}",
    test: suspend Tablet.() -> Unit,
) = runBlocking {
    Sandbox(transport).use { sandbox ->
        Tablet(sandbox, vault, trust).use { tablet ->
            tablet.book = tablet.another(changes)
            tablet.book.signIn("dara", "secret", "S-1", ByteArray(32) { 7 }, ByteArray(16) { 9 })
            tablet.test()
        }
    }
}

/** As [onTablet], with a tablet whose bank is known to keep seconds. */
fun onKnownTablet(
    changes: String = "{}",
    test: suspend Tablet.() -> Unit,
) = onTablet(changes = changes) {
    isKnown()
    test()
}

suspend fun offTheMinute() {
    while (LocalTime.now().second in setOf(0, 57, 58, 59)) delay(50.milliseconds)
}

suspend fun until(
    what: String,
    patience: Duration = PATIENCE,
    isSo: suspend () -> Boolean,
) {
    withTimeoutOrNull(patience) { while (!isSo()) delay(10.milliseconds) } ?: throw AssertionError("waited in vain: $what")
}
