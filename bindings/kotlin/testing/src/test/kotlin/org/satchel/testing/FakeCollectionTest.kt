package org.satchel.testing

import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.satchel.BookRecord
import org.satchel.CollectionDeskInterface
import org.satchel.OpenBook
import org.satchel.OpenCollectionDesk
import org.satchel.Place
import org.satchel.ResultFields
import org.satchel.ResultStage
import org.satchel.SatchelException
import org.satchel.Subject
import org.satchel.TaskQuery
import kotlin.time.Duration.Companion.seconds

/** The fake late payers behind what an app holds. */
class FakeCollectionTest {
    private val visit = ResultFields("NA", "VISIT")

    private fun on(test: suspend (FakeCollection, OpenCollectionDesk, OpenBook) -> Unit) =
        runBlocking {
            val fake = FakeCollection(FakeSatchel())
            fake.bring(Tasks.trijaya)
            fake.bring(Tasks.morowali)
            withTimeout(20.seconds) { test(fake, OpenCollectionDesk(fake), OpenBook(fake.book)) }
        }

    @Test
    fun whatIsRecordedWaitsAndDrainBringsItToTheBank() =
        on { _, collection, book ->
            val id = collection.record(1, visit)
            val record = BookRecord.CollectionResult(id)
            assertEquals(Place.ON_TABLET, book.standingOf(record).place)
            assertEquals(listOf("collection" to "collection_result:$id"), book.waiting(0, 9).map { it.remote to it.lane })
            assertEquals(1L to "NA", collection.task(1).let { it.unsent to it.last?.result })
            assertEquals(listOf(1L), collection.tasks(TaskQuery(unsent = true)).items.map { it.id })
            collection.edit(id, visit.copy(remark = "mended"))
            assertEquals(1, book.drain(1_000).sent)
            assertEquals(ResultStage.DELIVERED to "mended", collection.result(id).let { it.stage to it.fields.remark })
            assertEquals("at_bank", thrown<SatchelException.NotPossible> { collection.withdraw(id) }.why)
        }

    @Test
    fun whatIsScriptedHappens() =
        on { fake, collection, book ->
            val id = collection.record(2, visit)
            val start = book.feed(0, 500).revision
            fake.move(id, Standings.doubtful)
            fake.paid(2)
            val told = book.feed(start, 500).items.map { it.subject }
            assertEquals(setOf(Subject.CollectionResult(id), Subject.Task(2)), told.toSet())
            assertEquals("under_way", thrown<SatchelException.NotPossible> { collection.edit(id, visit) }.why)
            assertEquals(listOf(1L), collection.tasks(TaskQuery()).items.map { it.id })
            fake.fails(CollectionDeskInterface::record, SatchelException.DiskFull())
            thrown<SatchelException.DiskFull> { collection.record(1, visit) }
            assertEquals("result", thrown<SatchelException.InvalidInput> { collection.record(1, visit.copy(result = "")) }.`field`)
            collection.withdraw(collection.record(1, visit))
            assertEquals(null, collection.task(1).last)
        }

    private suspend inline fun <reified E : Throwable> thrown(crossinline call: suspend () -> Unit): E =
        checkNotNull(runCatching { call() }.exceptionOrNull() as? E) { "not thrown" }
}
