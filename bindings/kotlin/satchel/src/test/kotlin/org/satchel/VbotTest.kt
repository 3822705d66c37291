package org.satchel

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.File

/** VBot through the boundary, against the sandbox. */
class VbotTest {
    private val dara =
        VbotCustomer("Sok Dara", listOf("012 345 678"), "NEW", "RETAIL", "Takeo", fields = listOf(VbotCustomField("SHOE", "41")))

    private fun atCrm(test: suspend (Sandbox, OpenBook, OpenVbot) -> Unit) =
        runBlocking {
            Sandbox().use { sandbox ->
                Folder().use { folder ->
                    val profile = Sandbox.profile(sandbox.baseUrl, vbot = sandbox.vbotUrl)
                    val book = openSatchel(File(folder.file, "books"), "dara", profile, MemoryVault())
                    val vbot = book.vbot()
                    vbot.signIn("S-1")
                    book.linkChanged(Link.UNMETERED)
                    book.resume()
                    try {
                        test(sandbox, book, vbot)
                    } finally {
                        book.shutdown()
                    }
                }
            }
        }

    private suspend fun OpenBook.until(
        id: Long,
        place: Place,
    ) {
        val record = BookRecord.CrmObject(id)
        withTimeoutOrNull(PATIENCE) { standings(record).first { it.place == place } }
            ?: throw AssertionError("waited for $place, it is ${standingOf(record)}")
    }

    private fun Sandbox.live() =
        get("/_vbot")
            .jsonArray
            .map { it.jsonObject }
            .filter { it.getValue("removed").jsonPrimitive.content == "false" }
            .map { it.getValue("code").jsonPrimitive.content }

    @Test
    fun aCustomerIsMadeChangedRenamedAndDeleted() =
        atCrm { sandbox, book, vbot ->
            val id = vbot.create(VbotFields.Customer(dara), null)
            book.until(id, Place.AT_BANK)
            assertEquals(listOf(vbot.`object`(id).code), sandbox.live())
            vbot.update(id, VbotFields.Customer(dara.copy(name = "Sok Thida")))
            vbot.rename(id, "THIDA")
            book.until(id, Place.AT_BANK)
            withTimeoutOrNull(PATIENCE) { while (vbot.`object`(id).code != "THIDA") kotlinx.coroutines.delay(20) }
            assertEquals(listOf("THIDA"), sandbox.live())
            val held = vbot.objects(VbotKind.CUSTOMER, 0, 10).single()
            assertEquals(VbotFields.Customer(dara.copy(name = "Sok Thida")), held.fields)
            vbot.delete(id)
            book.until(id, Place.REJECTED)
            assertEquals(CrmLife.DELETED to emptyList<String>(), vbot.`object`(id).life to sandbox.live())
        }

    @Test
    fun aLostCreateIsSettledByItself() =
        atCrm { sandbox, book, vbot ->
            sandbox.faults("""{"kind":"lost_close","endpoint":"group/create","times":1}""")
            val id = vbot.create(VbotFields.Group("Takeo", ""), null)
            book.until(id, Place.AT_BANK)
            assertEquals(1 to emptyList<Ask>(), sandbox.live().size to book.asks())
            val wrong = thrownBy<SatchelException.InvalidInput> { vbot.create(VbotFields.Status(" "), null) }
            assertEquals("name" to FieldProblem.MISSING, wrong.`field` to wrong.problem)
            val half = thrownBy<SatchelException.InvalidInput> { vbot.create(VbotFields.Status("ok \ud83d"), null) }
            assertEquals("name" to FieldProblem.FORM, half.`field` to half.problem)
        }
}
