package org.satchel.faults

import org.junit.jupiter.api.Assertions.assertEquals
import org.satchel.Field
import org.satchel.Folder
import org.satchel.MemoryVault
import org.satchel.NOWHERE
import org.satchel.OpenBook
import org.satchel.Query
import org.satchel.Sandbox
import org.satchel.VaultException
import org.satchel.listBooks
import org.satchel.openSatchel
import org.satchel.person
import org.satchel.setAsideBook
import org.satchel.text
import java.io.File

/** A book of three unsent prospects, closed, whose files and whose key can be harmed. */
class ClosedBook : AutoCloseable {
    val folder = Folder()
    val vault = MoodyVault()
    private val profile = Sandbox.profile(NOWHERE)
    lateinit var db: File

    suspend fun make() {
        val book = open()
        for (name in names) book.add(person(name))
        book.shutdown()
        db = File(listBooks(folder.file).single().folder, "book.db")
    }

    suspend fun open(): OpenBook = openSatchel(folder.file, "dara", profile, vault)

    suspend fun setAside(): File = setAsideBook(folder.file, "dara", profile, vault)

    /** What must not be touched when it does not open. */
    fun files(): Map<String, List<Byte>> =
        db.parentFile
            .listFiles()
            .orEmpty()
            .filter { it.name in setOf("book.db", "book.db-wal", "book.json") }
            .associate { it.name to it.readBytes().toList() }

    /** It opens and holds all three. */
    suspend fun isWhole() {
        val book = open()
        assertEquals(names, readAll(book))
        assertEquals(3, book.summary().unsent)
        book.shutdown()
    }

    /** Everything that it says of its three. */
    suspend fun readAll(book: OpenBook): List<String> {
        val all = (1L..3).map { book.get(it).text(Field.NAME_EN).also { _ -> book.standing(it) } }
        assertEquals(
            all,
            book
                .list(Query())
                .items
                .map { it.nameEn }
                .sorted(),
        )
        return all
    }

    override fun close() = folder.close()

    companion object {
        val names = (1..3).map { "Customer $it" }
    }
}

/** A vault in memory that can be made to fail, to lose a key and to give another. */
class MoodyVault : MemoryVault() {
    @Volatile var mood: VaultException? = null

    /** Under which name the book's key is. */
    val keyName get() = kept.keys.single { it.endsWith("/key") }

    override fun load(name: String): ByteArray? {
        mood?.let { throw it }
        return super.load(name)
    }
}
