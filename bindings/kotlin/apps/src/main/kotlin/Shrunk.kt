package shrunk

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.satchel.Field
import org.satchel.FieldChange
import org.satchel.KeyVault
import org.satchel.Place
import org.satchel.SatchelException
import org.satchel.VaultException
import org.satchel.VaultReceipt
import org.satchel.changes
import org.satchel.openSatchel
import org.satchel.standings
import java.io.File

/** Keeps keys until its process ends; or has lost them all. */
class Vault(
    private val lost: Boolean = false,
) : KeyVault {
    private val kept = mutableMapOf<String, ByteArray>()

    override fun load(name: String): ByteArray? = if (lost) throw VaultException.Lost() else kept[name]

    override fun store(
        name: String,
        secret: ByteArray,
    ): VaultReceipt {
        kept[name] = secret
        return VaultReceipt.KEPT
    }
}

/** Opens a book, saves, follows the feed and a standing, and meets errors of both sides, in a folder that is handed in. */
fun main(words: Array<String>) =
    runBlocking {
        val profile = """{"name": "shrunk", "prospect": {"base_url": "https://bank.example/api/"}}"""
        val vault = Vault()
        val book = openSatchel(File(words[0]), "dara", profile, vault)
        val added = book.add(listOf(FieldChange.Text(Field.NAME_EN, "Sok Dara"), FieldChange.Text(Field.PHONE, "012345678")))
        val seen = withTimeout(10_000) { book.changes(0).first() }
        check(seen.items.isNotEmpty()) { "the feed is empty" }
        val standing = withTimeout(10_000) { book.standings(added.id).first() }
        check(standing.place == Place.ON_TABLET) { "it is at ${standing.place}" }
        try {
            book.add(listOf(FieldChange.Text(Field.PHONE, "\uD800")))
            error("half a letter was taken")
        } catch (wrong: SatchelException.InvalidInput) {
            check(wrong.field == "phone") { wrong.field }
        }
        book.shutdown()
        try {
            openSatchel(File(words[0]), "dara", profile, Vault(lost = true))
            error("a book without its key was opened")
        } catch (lost: SatchelException.KeyLost) {
            check(lost.unsent == 1L) { "${lost.unsent} unsent" }
        }
        println("shrunk: all of it works")
    }
