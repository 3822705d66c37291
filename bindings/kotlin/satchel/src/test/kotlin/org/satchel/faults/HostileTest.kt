package org.satchel.faults

import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.BoundaryTest
import org.satchel.DraftAbout
import org.satchel.Field
import org.satchel.FieldProblem
import org.satchel.Folder
import org.satchel.Listed
import org.satchel.MemoryVault
import org.satchel.NOWHERE
import org.satchel.Prospect
import org.satchel.Query
import org.satchel.Sandbox
import org.satchel.SatchelException
import org.satchel.fieldName
import org.satchel.openSatchel
import org.satchel.person
import org.satchel.personWith
import org.satchel.scenario.field
import org.satchel.text
import org.satchel.withBook
import java.io.File

/** Hostile input from the app. Threads, late calls, throwing hosts and half surrogates: `BoundaryTest` and its neighbours. */
class HostileTest {
    private val odd =
        listOf(
            "'; DROP TABLE prospect; --",
            "../../etc/passwd",
            "%s%n\\u0000\\x00",
            "\u202eright to left",
            "🇰🇭👩🏽‍🌾",
            "ស្រ្តី\u200bសុខ",
            "NaN",
            "\u0000",
            "line\nbreak",
            "x".repeat(10_000_000),
        )

    @Test
    fun `fault 24 every field refuses by its name or keeps the whole of it`() =
        withBook { book ->
            var kept = 0
            for (field in Field.entries) {
                for (text in odd) {
                    try {
                        val id = book.add(personWith(field, text)).id
                        assertEquals(text, book.get(id).text(field))
                        kept++
                    } catch (e: SatchelException.InvalidInput) {
                        if (e.problem != FieldProblem.MISSING) assertEquals(fieldName(field), e.field)
                    }
                }
            }
            assertTrue(kept > 50, "$kept were kept")
            assertEquals(kept.toLong(), book.summary().unsent)
        }

    @Test
    fun `fault 24 searches, drafts and names take anything or say no`() =
        withBook { book ->
            val id = book.add(person("Sok Dara")).id
            for (text in odd) {
                val calls: List<suspend () -> Unit> =
                    listOf(
                        { assertEquals(emptyList<Listed>(), book.list(Query(text = text.trim('\u0000').ifEmpty { "?" })).items) },
                        {
                            assertEquals(
                                text,
                                book.saveDraft(DraftAbout.Prospect(id), text).let { book.draft(DraftAbout.Prospect(id))?.form },
                            )
                        },
                        { book.getByCode(text) },
                        { book.pauseRemote(text, text) },
                    )
                for (call in calls) {
                    try {
                        call()
                    } catch (e: SatchelException) {
                        val known = e is SatchelException.InvalidInput || e is SatchelException.NotFound
                        assertTrue(known, "$e")
                    }
                }
            }
            assertEquals("Sok Dara", book.get(id).text(Field.NAME_EN))
        }

    /** Whatever an officer is called, her book lies under the root, and is hers alone. */
    @Test
    fun `fault 24 no officer's name leads out of the folder`() =
        runBlocking {
            Folder().use { folder ->
                val root = File(folder.file, "books")
                for (officer in listOf("../../dara", "/etc/dara", "..", "a/b", "សុខ", "dara\u0000", "")) {
                    try {
                        openSatchel(root, officer, Sandbox.profile(NOWHERE), MemoryVault()).use { book ->
                            book.add(person("Of $officer"))
                            assertEquals(1, book.summary().unsent)
                            book.shutdown()
                        }
                    } catch (e: SatchelException.InvalidInput) {
                        assertEquals("officer", e.field)
                    }
                }
                assertEquals(listOf("books"), folder.file.list()?.toList())
            }
        }
}
