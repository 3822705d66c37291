package org.satchel

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.math.BigDecimal
import java.time.LocalDate
import java.time.LocalDateTime

/** Late payers through the boundary, against the sandbox. */
class CollectionTest {
    private class Rounds(
        val sandbox: Sandbox,
        val book: OpenBook,
        val collection: OpenCollectionDesk,
    ) {
        val visit = ResultFields("NA", "VISIT")

        suspend fun late(contract: String): Long =
            collection
                .tasks(TaskQuery(includeGone = true))
                .items
                .first { it.task.contract == contract }
                .id

        suspend fun until(
            id: Long,
            place: Place,
        ) {
            val record = BookRecord.CollectionResult(id)
            withTimeoutOrNull(PATIENCE) { book.standings(record).first { it.place == place } }
                ?: throw AssertionError("waited for $place, it is ${book.standingOf(record)}")
        }

        fun contracts(): List<String> =
            sandbox.get("/_results").jsonArray.map {
                it.jsonObject
                    .getValue("fields")
                    .jsonObject
                    .getValue("account_no")
                    .jsonPrimitive.content
            }
    }

    private fun onRounds(
        changes: String = "{}",
        test: suspend Rounds.() -> Unit,
    ) = runBlocking {
        Sandbox().use { sandbox ->
            Folder().use { folder ->
                val changed = Json.parseToJsonElement(changes).jsonObject
                val profile = Sandbox.profile(sandbox.baseUrl, collection = sandbox.collectionUrl, collectionChanges = changed)
                val book = openSatchel(File(folder.file, "books"), "dara", profile, MemoryVault())
                val collection = book.collection()
                collection.signIn("dara", "secret", "sandbox-hash-key")
                book.linkChanged(Link.UNMETERED)
                book.resume()
                collection.downloadTasks()
                try {
                    Rounds(sandbox, book, collection).test()
                } finally {
                    book.shutdown()
                }
            }
        }
    }

    @Test
    fun amountsAndDaysAreExact() =
        onRounds {
            val page = collection.tasks(TaskQuery())
            assertEquals(listOf(FIRST, SECOND), page.items.map { it.task.contract })
            assertEquals(BigDecimal("133697372.00"), page.total)
            val task = page.items.first().task
            assertEquals(BigDecimal("107261731.00") to LocalDate.of(2021, 3, 20), task.total to task.due)
            assertEquals(54L to BigDecimal("29949000.00"), task.installments to task.installment)
            val dearer = TaskQuery(totalFrom = BigDecimal("26435641.01"))
            assertEquals(listOf(FIRST), collection.tasks(dearer).items.map { it.task.contract })
            assertEquals(listOf("JAKARTA 1", "JAKARTA 2"), collection.branches())
            val wrong = TaskQuery(totalFrom = BigDecimal("1e30"))
            assertEquals("total_from", thrownBy<SatchelException.InvalidInput> { collection.tasks(wrong) }.`field`)
        }

    @Test
    fun whatIsRecordedWithoutALinkArrivesOnce() =
        onRounds {
            book.linkChanged(Link.NONE)
            val start = book.feed(0, 500).revision
            val at = LocalDateTime.of(2021, 12, 29, 10, 30)
            val promise = ResultFields("PTP01", "PTP", collected = at, promised = LocalDate.of(2021, 12, 31))
            val id = collection.record(late(FIRST), promise)
            collection.edit(id, promise.copy(remark = "សន្យា"))
            val back = collection.record(late(SECOND), visit)
            collection.withdraw(back)
            val told = book.feed(start, 500).items.map { it.subject }
            assertTrue(told.containsAll(listOf(Subject.Task(late(FIRST)), Subject.CollectionResult(id))))
            val listed = collection.task(late(FIRST))
            assertEquals(Recorded(id, "PTP01", at, promise.promised) to 1L, listed.last to listed.unsent)
            book.linkChanged(Link.UNMETERED)
            until(id, Place.AT_BANK)
            assertEquals(listOf(FIRST), contracts())
            assertEquals(ResultStage.DELIVERED to false, collection.result(id).let { it.stage to it.unsent })
            assertEquals(ResultStage.WITHDRAWN, collection.results(late(SECOND)).single().stage)
            assertEquals("at_bank", thrownBy<SatchelException.NotPossible> { collection.edit(id, visit) }.why)
        }

    @Test
    fun aLostAnswerIsAskedAbout() =
        onRounds {
            sandbox.faults("""{"kind":"lost_close","endpoint":"collection/result","times":1}""")
            val id = collection.record(late(FIRST), visit)
            until(id, Place.ASKS_YOU)
            val ask = book.asks().single()
            val asked = ask.about.single()
            assertEquals(BookRecord.CollectionResult(id), asked.record)
            book.decide(listOf(asked.question), Decision.Arrived(""))
            until(id, Place.AT_BANK)
            assertEquals(listOf(FIRST), contracts())
        }

    @Test
    fun whatIsWrongIsNamedAtTheDesk() =
        onRounds("""{"results":{"PTP01":"Promise","NA":"Nobody"},"promise_required":["PTP01"]}""") {
            suspend fun names(
                field: String,
                fields: ResultFields,
            ) = assertEquals(field, thrownBy<SatchelException.InvalidInput> { collection.record(late(FIRST), fields) }.`field`)
            names("promised", ResultFields("PTP01", "PTP"))
            names("result", visit.copy(result = "XX"))
            names("action", visit.copy(action = "A".repeat(11)))
            names("remark", visit.copy(remark = "r".repeat(256)))
            names("period", visit.copy(period = 1000))
            assertFalse(collection.task(late(FIRST)).today)
            assertEquals("task", thrownBy<SatchelException.NotFound> { collection.record(99, visit) }.what)
        }

    private companion object {
        const val FIRST = "000318270200055"
        const val SECOND = "000418110200010"
    }
}
