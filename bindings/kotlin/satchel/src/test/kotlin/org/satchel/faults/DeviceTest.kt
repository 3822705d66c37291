package org.satchel.faults

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.satchel.Folder
import org.satchel.KeyError
import org.satchel.Listed
import org.satchel.NOWHERE
import org.satchel.Query
import org.satchel.SatchelException
import org.satchel.VaultException
import org.satchel.WhatNow
import org.satchel.Worry
import org.satchel.child.Child
import org.satchel.child.officersBook
import org.satchel.listBooks
import org.satchel.person
import org.satchel.set
import org.satchel.thrownBy
import org.satchel.until
import org.satchel.whatNow
import java.io.File

/** Bad days of the device: the file is damaged, the key is gone, the app is old, the disk is full. */
class DeviceTest {
    private fun onClosedBook(test: suspend ClosedBook.() -> Unit) =
        runBlocking {
            ClosedBook().use {
                it.make()
                it.test()
            }
        }

    /** A limit on the size of a file, in a process of its own: no full disk is needed. */
    @Test
    fun `fault 06 on a full disk a save is refused and what was saved is there`() {
        Folder().use { folder ->
            val names = (1..3_000).map { "Customer $it" }
            val limited = listOf("sh", "-c", "trap '' XFSZ; ulimit -f 3000; exec \"$0\" \"$@\"")
            val said = Child("officer", folder.file.path, NOWHERE, *names.toTypedArray(), wrapper = limited).use { it.all() }
            val saved = said.count { it.startsWith("saved ") }
            assertTrue(said.last().startsWith("failed "), said.last())
            runBlocking {
                val book = officersBook(folder.file, NOWHERE)
                book.add(person("With Room Again"))
                // The one that failed may be there: a commit that fails is not known not to have happened.
                val held = book.summary().unsent.toInt() - 1
                assertTrue(saved >= 10 && held in saved..saved + 1, "$saved acknowledged, $held there")
                book.shutdown()
            }
        }
    }

    @Test
    fun `fault 08 a bit flipped on any page never gives wrong data`() =
        onClosedBook {
            val whole = db.readBytes()
            var (harmless, detected) = 0 to 0
            for (page in 0 until whole.size / PAGE) {
                db.writeBytes(whole.clone().also { it[page * PAGE + 1234] = (it[page * PAGE + 1234].toInt() xor 1).toByte() })
                try {
                    val book = open()
                    try {
                        assertEquals(ClosedBook.names, readAll(book), "page $page")
                        harmless++
                    } finally {
                        book.shutdown()
                    }
                } catch (e: SatchelException.StoreDamaged) {
                    assertEquals(WhatNow.SET_ASIDE, e.whatNow)
                    detected++
                }
            }
            assertTrue(detected >= 3, "$detected detected, $harmless harmless")
            db.writeBytes(whole)
            isWhole()
        }

    @Test
    fun `fault 08 a damaged file is set aside whole and followed by a fresh book`() =
        onClosedBook {
            db.writeBytes(db.readBytes().also { it.reverse(16, PAGE) })
            val before = files()
            val e = thrownBy<SatchelException.StoreDamaged> { open() }
            assertEquals(3 to WhatNow.SET_ASIDE, e.unsent.toInt() to e.whatNow)
            assertEquals(before, files(), "nothing is touched")
            isFollowedByAFreshOne()
        }

    /** The one that does not open is counted where it lies; a fresh one works beside it. */
    private suspend fun ClosedBook.isFollowedByAFreshOne() {
        assertTrue(File(setAside(), "book.db").isFile)
        val fresh = open()
        assertEquals(emptyList<Listed>(), fresh.list(Query()).items)
        fresh.add(person("New"))
        fresh.shutdown()
        val books = listBooks(folder.file).associate { it.setAside to it.unsent }
        assertEquals(mapOf(true to 3L, false to 1L), books)
    }

    @Test
    fun `fault 09 a key that cannot be had touches nothing`() =
        onClosedBook {
            val before = files()
            val moods = mapOf(VaultException.Unavailable() to KeyError.UNAVAILABLE, VaultException.Denied() to KeyError.DENIED)
            for ((mood, why) in moods) {
                vault.mood = mood
                val e = thrownBy<SatchelException.KeyUnavailable> { open() }
                assertEquals(why to WhatNow.UNLOCK_DEVICE, e.why to e.whatNow)
                assertEquals(before, files())
            }
            vault.mood = null
            isWhole()
        }

    @Test
    fun `fault 09 a lost or wrong key is told with what is unsent and deletes nothing`() =
        onClosedBook {
            val before = files()
            val name = vault.keyName
            val key = checkNotNull(vault.kept.remove(name))
            for (other in listOf(null, ByteArray(48) { 1 }, ByteArray(7))) {
                other?.let { vault.kept[name] = it }
                val e = thrownBy<SatchelException.KeyLost> { open() }
                assertEquals(3 to WhatNow.SET_ASIDE, e.unsent.toInt() to e.whatNow)
                assertEquals(before, files())
            }
            vault.kept[name] = key // it comes back: so does everything
            isWhole()
            vault.kept.remove(name) // it does not
            isFollowedByAFreshOne()
        }

    @Test
    fun `fault 10 a newer schema can be read and is not written`() =
        onClosedBook {
            FirstPage(db, checkNotNull(vault.kept[vault.keyName])).setUserVersion(99)
            val book = open()
            assertEquals(ClosedBook.names, readAll(book))
            assertTrue(book.health().concerns.any { it.about == Worry.ReadOnly })
            val e = thrownBy<SatchelException.SchemaTooNew> { book.add(person("New")) }
            assertEquals(99L to WhatNow.UPDATE_APP, e.found to e.whatNow)
            book.shutdown()
        }

    private companion object {
        const val PAGE = 4096
    }
}
