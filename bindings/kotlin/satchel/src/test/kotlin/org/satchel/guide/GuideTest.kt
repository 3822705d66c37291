package org.satchel.guide

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.Folder
import org.satchel.OpenBook
import org.satchel.PATIENCE
import org.satchel.Sandbox
import org.satchel.offTheMinute
import org.satchel.until
import java.io.File
import javax.crypto.KeyGenerator

/** The guide's words: compiled here, and run against the sandbox. */
class GuideTest {
    /** Each block stands in this folder's sources, line by line; how far it is indented does not matter. */
    @Test
    fun everyBlockOfTheGuideIsCompiled() {
        val sources = File("src/test/kotlin/org/satchel/guide").listFiles().orEmpty().map { trimmed(it.readText()) }
        val blocks = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(File("../GUIDE.md").readText()).toList()
        assertTrue(blocks.size >= 9, "${blocks.size} blocks")
        for (block in blocks.map { trimmed(it.groupValues[1]) }) assertTrue(sources.any { block in it }, block)
    }

    private fun trimmed(text: String) = text.trim().lines().joinToString("\n", "\n", "\n") { it.trim() }

    @Test
    fun theGuideSavesAProspectAndBringsItToTheBank() =
        runBlocking {
            Sandbox().use { sandbox ->
                Folder().use { folder ->
                    val key = KeyGenerator.getInstance("AES").apply { init(256) }.generateKey()
                    val vault = KeystoreVault(folder.file, key)
                    val book = open(folder.file, vault, sandbox.baseUrl)
                    signIn(book, "S-1", ByteArray(32) { 7 }, ByteArray(16) { 9 })
                    offTheMinute()
                    val id = firstProspect(book)
                    assertEquals("Waits to be sent", line(book, id).first())
                    assertNull(withTimeout(PATIENCE) { doWork { open(folder.file, vault, sandbox.baseUrl) } })
                    assertEquals("The bank has it", line(book, id).first())
                    sendsWhileInFront(book, sandbox)
                    assertEquals("Please correct phone", save(book, "Sok", "0\u0000"))
                    answer(book) { null }
                    book.shutdown()
                    assertEquals("Please unlock the app", save(book, "Sok", "012"))
                    open(folder.file, vault, sandbox.baseUrl).shutdown() // the vault gives the key back
                }
            }
        }

    private suspend fun sendsWhileInFront(
        book: OpenBook,
        sandbox: Sandbox,
    ) = coroutineScope {
        val life = Life(book, this)
        life.onLink(metered = false).join()
        life.onStart().join()
        offTheMinute()
        assertEquals("Saved", save(book, "Sok Thida", "099 111 222"))
        var (shown, cursor) = 0 to 0L
        val screen = launch(Dispatchers.Default) { refresh(book, 0, show = { shown += it.size }, keep = { cursor = it }) }
        until("the bank has it, and the screen was told") { sandbox.creates("Sok Thida") == 1 && shown > 0 && cursor > 0 }
        screen.cancel()
        life.onStop().join()
    }
}
