package org.satchel.testing

import org.satchel.BookRecord
import org.satchel.CollectionDeskInterface
import org.satchel.CollectionResult
import org.satchel.CollectionSecrets
import org.satchel.CollectionTask
import org.satchel.Downloaded
import org.satchel.FieldProblem
import org.satchel.Place
import org.satchel.Recorded
import org.satchel.ResultFields
import org.satchel.ResultStage
import org.satchel.SatchelException
import org.satchel.Standing
import org.satchel.State
import org.satchel.Subject
import org.satchel.TaskListed
import org.satchel.TaskPage
import org.satchel.TaskQuery
import org.satchel.Waiting
import java.time.Instant
import java.time.LocalDateTime
import kotlin.reflect.KFunction

internal const val COLLECTION: String = "collection"

/**
 * The late payers of a [FakeSatchel], for previews and for tests of screens, all in memory. It shares the book's feed, standings,
 * waiting list and scripted failures; [FakeSatchel.drain] brings to the bank what waits. `OpenCollectionDesk(fake)` is what an app
 * holds. [Tasks] has two of them.
 *
 * It knows no code lists: what the library says of a wrong code is said by [fails].
 */
public class FakeCollection(
    /** Whose book it is. */
    public val book: FakeSatchel,
) : CollectionDeskInterface {
    private val script = book.script
    private val listed = sortedMapOf<Long, TaskListed>()
    private val recorded = sortedMapOf<Long, CollectionResult>()
    private val standings = linkedMapOf<BookRecord, Standing>()

    init {
        book.collection = this
    }

    /** The next call of [method] throws [what], once; said twice, the next two. */
    public fun fails(
        method: KFunction<*>,
        what: Throwable,
    ) {
        script.fails("$COLLECTION.${method.name}", what)
    }

    /** The bank lists her. Returns her number. */
    public fun bring(task: CollectionTask): Long =
        synchronized(script) {
            val id = listed.size + 1L
            put(TaskListed(id, task, gone = false, last = null, today = false, unsent = 0))
            id
        }

    /** The bank no longer lists her: she has paid. */
    public fun paid(id: Long) {
        synchronized(script) { put(late(id).copy(gone = true)) }
    }

    /** What was recorded goes there, and whoever looks is told. */
    public fun move(
        id: Long,
        to: Standing,
    ) {
        synchronized(script) {
            val stage =
                when (to.place) {
                    Place.AT_BANK -> ResultStage.DELIVERED
                    Place.WITHDRAWN -> ResultStage.WITHDRAWN
                    else -> ResultStage.LIVE
                }
            put(kept(id).copy(stage = stage), to)
        }
    }

    private fun <T> called(
        method: String,
        writes: Boolean = false,
        answer: () -> T,
    ): T = script.called("$COLLECTION.$method", writes, answer)

    private fun put(task: TaskListed) {
        listed[task.id] = task
        script.touch(Subject.Task(task.id))
    }

    private fun put(
        result: CollectionResult,
        where: Standing,
    ) {
        recorded[result.id] = result.copy(unsent = where.unsettled != null)
        standings[BookRecord.CollectionResult(result.id)] = where
        script.touch(Subject.CollectionResult(result.id))
        val of = recorded.values.filter { it.task == result.task }
        val last = of.lastOrNull { it.stage != ResultStage.WITHDRAWN }
        val shown = last?.let { Recorded(it.id, it.fields.result, checkNotNull(it.fields.collected), it.fields.promised) }
        val today = of.any { it.stage != ResultStage.WITHDRAWN && it.fields.collected?.toLocalDate() == TODAY.toLocalDate() }
        put(late(result.task).copy(last = shown, today = today, unsent = of.count { it.unsent }.toLong()))
    }

    private fun late(id: Long) = listed[id] ?: throw SatchelException.NotFound("task")

    private fun kept(id: Long) = recorded[id] ?: throw SatchelException.NotFound("collection_result")

    internal fun standing(record: BookRecord): Standing = standings[record] ?: throw SatchelException.NotFound("record")

    internal fun places(): List<Place> = standings.values.map { it.place }

    internal fun waiting(): List<Waiting> = standings.entries.mapNotNull { (record, where) -> record.waiting(where) }

    /** All that waits arrives. Returns how many. */
    internal fun drained(): Long {
        val ready = recorded.keys.filter { standing(BookRecord.CollectionResult(it)).unsettled == State.READY }
        ready.forEach { move(it, Standings.atBank) }
        return ready.size.toLong()
    }

    private fun checked(fields: ResultFields): ResultFields {
        val missing =
            when {
                fields.result.isEmpty() -> "result"
                fields.action.isEmpty() -> "action"
                else -> return fields.copy(collected = fields.collected ?: TODAY)
            }
        throw SatchelException.InvalidInput(missing, FieldProblem.MISSING, "")
    }

    override suspend fun signIn(
        secrets: CollectionSecrets,
        expires: Instant?,
    ): Unit = called("signIn") { script.touch(Subject.Session(COLLECTION)) }

    override suspend fun downloadTasks(): Downloaded =
        called("downloadTasks") {
            if (book.sessionExpired) throw SatchelException.NeedsSignIn(COLLECTION)
            Downloaded(listed.values.count { !it.gone }.toLong(), 0, 0, 0, 0, 0, 0, 0, 0)
        }

    override suspend fun branches(): List<String> =
        called("branches") {
            listed.values
                .map { it.task.branch }
                .distinct()
                .sorted()
        }

    override suspend fun task(id: Long): TaskListed = called("task") { late(id) }

    override suspend fun tasks(query: TaskQuery): TaskPage =
        called("tasks") {
            val found = listed.values.filter { it.fits(query) }.sortedByDescending { it.task.overdue }
            val from = query.after?.toIntOrNull() ?: 0
            val page = found.drop(from).take(query.limit.coerceIn(1, MOST))
            val next = "${from + page.size}".takeIf { from + page.size < found.size }
            TaskPage(page, next, found.size.toLong(), found.mapNotNull { it.task.total }.sumOf { it }, emptyList())
        }

    override suspend fun record(
        task: Long,
        fields: ResultFields,
    ): Long =
        called("record", writes = true) {
            val checked = checked(fields)
            val id = recorded.size + 1L
            val where = if (book.sessionExpired) Standings.needsSignIn else Standings.waiting
            put(CollectionResult(id, late(task).id, checked, ResultStage.LIVE, FAKE_NOW, true), where)
            id
        }

    override suspend fun edit(
        id: Long,
        fields: ResultFields,
    ): Unit =
        called("edit", writes = true) {
            val before = changeable(id)
            put(before.copy(fields = checked(fields)), Standings.waiting)
        }

    override suspend fun withdraw(id: Long): Unit =
        called("withdraw", writes = true) {
            put(changeable(id).copy(stage = ResultStage.WITHDRAWN), Standings.withdrawn)
        }

    /** Only what waits here, or was refused, can be changed. */
    private fun changeable(id: Long): CollectionResult {
        val before = kept(id)
        when (standing(BookRecord.CollectionResult(id)).place) {
            Place.ON_TABLET, Place.REFUSED -> return before
            Place.AT_BANK -> throw SatchelException.NotPossible("at_bank")
            Place.WITHDRAWN -> throw SatchelException.NotPossible("withdrawn")
            else -> throw SatchelException.NotPossible("under_way")
        }
    }

    override suspend fun result(id: Long): CollectionResult = called("result") { kept(id) }

    override suspend fun results(task: Long): List<CollectionResult> = called("results") { recorded.values.filter { it.task == task } }
}

/** The bank's clocks on the wall at [FAKE_NOW]. */
private val TODAY = LocalDateTime.parse(FAKE_CIVIL)

private fun TaskListed.fits(query: TaskQuery): Boolean {
    val text = query.text.orEmpty().lowercase()
    val texts = listOf(task.name, task.contact, task.address, task.contract, task.customer) + task.phones
    val (overdue, total) = query.overdueFrom to query.totalFrom
    return (query.includeGone || !gone) &&
        texts.any { text in it.lowercase() } &&
        (overdue == null || (task.overdue ?: -1) >= overdue) &&
        (total == null || task.total?.let { it >= total } == true) &&
        query.promised in setOf(null, last?.promised != null) &&
        query.branch in setOf(null, task.branch) &&
        query.unsent in setOf(null, unsent > 0)
}
