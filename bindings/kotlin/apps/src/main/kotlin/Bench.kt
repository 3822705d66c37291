package bench

import kotlinx.coroutines.runBlocking
import org.satchel.Field
import org.satchel.KeyVault
import org.satchel.OpenBook
import org.satchel.Query
import org.satchel.VaultReceipt
import org.satchel.openSatchel
import org.satchel.set
import java.io.File

/** Gives one key for every book. */
class OneKey(
    private val key: ByteArray,
) : KeyVault {
    override fun load(name: String): ByteArray? = key.takeIf { name.endsWith("/key") }

    override fun store(
        name: String,
        secret: ByteArray,
    ) = VaultReceipt.KEPT
}

/** What a save brings: a person with every kind of field. */
fun person(n: Int) =
    listOf(
        Field.NAME_EN set "Sok Dara $n",
        Field.NAME_KH set "សុខ ដារ៉ា",
        Field.PHONE set "0${10_000_000 + n}",
        Field.AGE set 34L,
        Field.VILLAGE set "03070105",
        Field.OFFICER_COMMENT set "រង់ចាំ",
    )

fun residentMib() =
    File("/proc/self/status").readLines().first { it.startsWith("VmRSS") }.filter(Char::isDigit).toDouble() / 1024

suspend fun micros(work: suspend () -> Unit): Double {
    val start = System.nanoTime()
    work()
    return (System.nanoTime() - start) / 1e3
}

/** Reads the whole feed; items a second. */
suspend fun feed(book: OpenBook): Double {
    var (items, after) = 0L to 0L
    val newest = book.feed(0, 1, null).revision
    val time =
        micros {
            do {
                val batch = book.feed(after, 500, null)
                items += batch.items.size
                after = batch.revision
            } while (batch.items.size == 500)
        }
    check(after >= newest)
    return items / (time / 1e6)
}

/** Does what it is told, line by line, and answers each line with numbers. */
fun main(words: Array<String>) =
    runBlocking<Unit> {
        val (root, officer, profile, hex) = words
        val vault = OneKey(hex.chunked(2).map { it.toInt(16).toByte() }.toByteArray())
        var book: OpenBook? = null
        val first = Query(limit = 50)
        println(0)
        for (line in generateSequence(::readLine)) {
            val said = line.split(' ')
            when (said[0]) {
                "open" -> {
                    System.gc()
                    val before = residentMib()
                    val time = micros { book = openSatchel(File(root), officer, profile, vault).also { it.list(first) } }
                    System.gc()
                    println("${time / 1e3} ${residentMib() - before}")
                }

                "save" -> {
                    val times = (said[1].toInt() until said[2].toInt()).map { n -> micros { book!!.add(person(n)) } }
                    println(times.joinToString(" "))
                }

                "page" -> {
                    println(micros { check(book!!.list(first).items.size == 50) })
                }

                "feed" -> {
                    println(feed(book!!))
                }

                else -> {
                    break
                }
            }
        }
        book?.shutdown()
    }
