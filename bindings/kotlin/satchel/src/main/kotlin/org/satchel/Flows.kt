package org.satchel

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.SharingStarted
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.stateIn

/** The most changes of one batch. */
private const val MOST = 500

/**
 * The changes of this book after the cursor [after] (0: from the beginning), for ever. A collector keeps
 * [FeedBatch.revision] of the last batch that it has worked off: one that was cancelled goes on from there and has missed
 * nothing, nor seen anything twice.
 */
public fun SatchelInterface.changes(after: Long = 0): Flow<FeedBatch> =
    flow {
        var cursor = after
        while (true) {
            val batch = feed(cursor, MOST, null)
            emit(batch)
            cursor = batch.revision
        }
    }

/** Where the prospect is, now and whenever that changes. Ends with what [SatchelInterface.standing] throws. */
public fun SatchelInterface.standings(id: Long): Flow<Standing> = looking { standing(id) }

/** Where any record is, likewise: an application, something that the bank asks for, a paper. */
public fun SatchelInterface.standings(record: BookRecord): Flow<Standing> = looking { standingOf(record) }

/** The calls under way, now and whenever that changes. Empty while nothing is under way. */
public fun SatchelInterface.progressUpdates(): Flow<List<Progress>> = looking { progress() }

/** The book in numbers, now and whenever that changes. */
public fun SatchelInterface.summaries(): Flow<Summary> = looking { summary() }

/** [standings] as a state for a screen, looked after while [scope] lives and somebody looks. */
public suspend fun SatchelInterface.standingState(
    id: Long,
    scope: CoroutineScope,
): StateFlow<Standing> = standings(id).stateIn(scope, SharingStarted.WhileSubscribed(LINGER_MS), standing(id))

/** [progressUpdates] as a state for a screen. */
public fun SatchelInterface.progressState(scope: CoroutineScope): StateFlow<List<Progress>> =
    progressUpdates().stateIn(scope, SharingStarted.WhileSubscribed(LINGER_MS), emptyList())

/** A screen that turns comes back within this time. */
private const val LINGER_MS = 5_000L

/** Looks, tells what is new, and waits until something may have changed. */
private fun <T> SatchelInterface.looking(look: suspend () -> T): Flow<T> =
    flow {
        watch().use { watch ->
            while (true) {
                emit(look())
                watch.changed(null)
            }
        }
    }.distinctUntilChanged().flowOn(Dispatchers.IO)
