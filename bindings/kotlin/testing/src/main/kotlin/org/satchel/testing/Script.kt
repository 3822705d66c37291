package org.satchel.testing

import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.update
import org.satchel.Draft
import org.satchel.DraftAbout
import org.satchel.FeedBatch
import org.satchel.FeedItem
import org.satchel.SatchelException
import org.satchel.Subject

/** The most of a page and of a batch. */
internal const val MOST: Int = 500

internal const val REMOTE: String = "prospect"

/** What a fake was told to do, and what it has told: failures to come, and every subject's last change. */
internal class Script {
    private val failures = mutableMapOf<String, MutableList<Throwable>>()
    private val touched = mutableMapOf<Subject, Long>()
    private val revision = MutableStateFlow(0L)
    val drafts = linkedMapOf<DraftAbout, Draft>()
    var diskFull = false
    var closed = false

    fun fails(
        method: String,
        what: Throwable,
    ) {
        synchronized(this) { failures.getOrPut(method) { mutableListOf() } += what }
    }

    /** What every call does first: throws what was scripted for it, and `Locked` when the book is closed. */
    fun <T> called(
        method: String,
        writes: Boolean = false,
        answer: () -> T,
    ): T =
        synchronized(this) {
            failures[method]?.removeFirstOrNull()?.let { throw it }
            if (closed) throw SatchelException.Locked()
            if (writes && diskFull) throw SatchelException.DiskFull()
            answer()
        }

    fun touch(subject: Subject) {
        touched[subject] = revision.value + 1
        stir()
    }

    /** Wakes whoever looks. */
    fun stir() = revision.update { it + 1 }

    fun forget(about: DraftAbout) {
        drafts.remove(about)?.let { touch(Subject.Draft(it.id)) }
    }

    /** Waits until it is another than that. */
    suspend fun after(seen: Long): Long = revision.first { it != seen }

    val now get() = revision.value

    suspend fun feed(
        after: Long,
        max: Int,
    ): FeedBatch {
        while (true) {
            val seen = now
            val newer = called("feed") { touched.entries.filter { it.value > after }.map { FeedItem(it.value, it.key) } }
            val items = newer.sortedBy { it.revision }.take(max.coerceIn(1, MOST))
            if (items.isNotEmpty()) return FeedBatch(items, items.last().revision, after == 0L)
            after(seen)
        }
    }
}
