package org.satchel.guide

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import org.satchel.Ask
import org.satchel.Decision
import org.satchel.FeedItem
import org.satchel.Field
import org.satchel.KeyVault
import org.satchel.Link
import org.satchel.Next
import org.satchel.OpenBook
import org.satchel.Place
import org.satchel.SatchelException
import org.satchel.Standing
import org.satchel.WhatNow
import org.satchel.changes
import org.satchel.openSatchel
import org.satchel.set
import org.satchel.standings
import org.satchel.whatNow
import java.io.File
import java.time.Duration

fun profile(baseUrl: String) =
    """
    {
      "name": "pilot",
      "zone": "Asia/Phnom_Penh",
      "prospect": { "base_url": "$baseUrl", "lateness_ms": 60000 }
    }
    """

suspend fun open(
    filesDir: File,
    vault: KeyVault,
    baseUrl: String,
): OpenBook = openSatchel(File(filesDir, "satchel"), officer = "dara", profile(baseUrl), vault)

suspend fun signIn(
    book: OpenBook,
    session: String,
    key: ByteArray,
    iv: ByteArray,
) = book.signIn(user = "dara", password = "secret", session, key, iv)

suspend fun firstProspect(book: OpenBook): Long {
    val added = book.add(listOf(Field.NAME_EN set "Sok Dara", Field.PHONE set "012 345 678", Field.AGE set 26L))
    return added.id // on disk, encrypted, with the order to send it
}

fun sentence(standing: Standing): String =
    when (standing.place) {
        Place.AT_BANK -> "The bank has it"
        Place.ON_TABLET, Place.CHANGE_ON_TABLET -> if (standing.next == Next.SentWithLink) "Waits for a link" else "Waits to be sent"
        Place.ON_THE_WAY -> "Being sent"
        Place.IN_DOUBT -> "Sent, not yet confirmed"
        Place.ASKS_YOU, Place.CONFLICT -> "Needs your decision"
        Place.REFUSED -> "The bank said no: ${standing.words.orEmpty()}"
        else -> "Closed"
    }

fun line(
    book: OpenBook,
    id: Long,
): Flow<String> = book.standings(id).map { sentence(it) }

/** Told by the app's lifecycle and its connectivity callback. */
class Life(
    private val book: OpenBook,
    private val scope: CoroutineScope,
) {
    fun onStart(): Job = scope.launch { book.resume() }

    fun onStop(): Job = scope.launch { book.pause(graceMs = 5_000) }

    fun onLink(metered: Boolean?): Job =
        scope.launch {
            book.linkChanged(
                when (metered) {
                    null -> Link.NONE
                    true -> Link.METERED
                    false -> Link.UNMETERED
                },
            )
        }
}

/** What a background worker does; returns after how long another run makes sense, nothing when only an event can help. */
suspend fun doWork(open: suspend () -> OpenBook): Duration? =
    open().use { book ->
        book.linkChanged(Link.UNMETERED) // the worker's constraint said so
        book.drain(deadlineMs = 9 * 60_000).nextDue
    }

suspend fun save(
    book: OpenBook,
    name: String,
    phone: String,
): String =
    try {
        book.add(listOf(Field.NAME_EN set name, Field.PHONE set phone))
        "Saved"
    } catch (wrong: SatchelException.InvalidInput) {
        "Please correct ${wrong.field}"
    } catch (e: SatchelException) {
        when (e.whatNow) {
            WhatNow.FREE_SPACE -> "The tablet is full: free some space"
            WhatNow.OPEN_AGAIN -> "Please unlock the app"
            else -> "Please call support: ${e.message}" // codes and numbers, never a customer's data
        }
    }

suspend fun answer(
    book: OpenBook,
    thisOne: (Ask) -> String?,
) {
    for (ask in book.asks()) {
        val code = thisOne(ask) // she looked at the rows: this is it, or none is
        val decision = if (code == null) Decision.SendAgain else Decision.Arrived(code)
        book.decide(ask.about.map { it.question }, decision)
    }
}

suspend fun refresh(
    book: OpenBook,
    after: Long,
    show: suspend (List<FeedItem>) -> Unit,
    keep: suspend (Long) -> Unit,
) {
    book.changes(after).collect { batch ->
        show(batch.items)
        keep(batch.revision) // the next start goes on from there
    }
}
