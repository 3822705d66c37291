package org.satchel

import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import kotlin.time.Duration.Companion.seconds

/** Books and handles that end: what was is kept, what comes later is told, and nobody else is disturbed. */
class ClosedTest {
    /** Not one of them: what needs no book any more is allowed. */
    @Test
    fun everyCallAfterAShutdownIsLocked() =
        withBook(profile = Sandbox.profile(NOWHERE, organisation = ORGANISATION)) { book ->
            book.add(person("Before"))
            val export = book.handOver()
            book.shutdown()
            val answered =
                EveryMethod.all.filter { method ->
                    try {
                        withTimeout(20.seconds) { EveryMethod.call(book, method, "prospect", export) }
                        true
                    } catch (e: SatchelException.Locked) {
                        assertEquals(WhatNow.OPEN_AGAIN, e.whatNow)
                        false
                    }
                }
            assertEquals(setOf("linkChanged", "lock", "progress", "resume", "shutdown"), answered.map { it.name }.toSet())
        }

    /** But those that are about a camera's files alone: a photo may come back to a book that was locked meanwhile. */
    @Test
    fun everyCallOfOnboardingAfterAShutdownIsLocked() =
        withBook(profile = Sandbox.profile(NOWHERE, onboarding = NOWHERE)) { book ->
            book.onboarding().use { onboarding ->
                book.shutdown()
                val answered =
                    EveryMethod.ofOnboarding.filter { method ->
                        try {
                            withTimeout(20.seconds) { EveryMethod.call(onboarding, method, "0000000000001.jpg") }
                            true
                        } catch (_: SatchelException.Locked) {
                            false
                        }
                    }
                assertEquals(setOf("captureSlot", "discardCaptured", "recovered"), answered.map { it.name }.toSet())
            }
        }

    @Test
    fun everyCallAboutLatePayersAfterAShutdownIsLocked() =
        withBook(profile = Sandbox.profile(NOWHERE, collection = NOWHERE)) { book ->
            book.collection().use { collection ->
                book.shutdown()
                for (method in EveryMethod.ofCollection) {
                    thrownBy<SatchelException.Locked> { withTimeout(20.seconds) { EveryMethod.call(collection, method) } }
                }
            }
        }

    @Test
    fun everyCallOfVbotAfterAShutdownIsLocked() =
        withBook(profile = Sandbox.profile(NOWHERE, vbot = NOWHERE)) { book ->
            book.vbot().use { vbot ->
                book.shutdown()
                for (method in EveryMethod.ofVbot) {
                    thrownBy<SatchelException.Locked> { withTimeout(20.seconds) { EveryMethod.call(vbot, method) } }
                }
            }
        }

    @Test
    fun everyCallOfAClosedHandleIsAnIllegalState() =
        onTablet {
            val other = another()
            other.close()
            for (method in EveryMethod.all) thrownBy<IllegalStateException> { EveryMethod.call(other, method) }
        }

    /** A screen that looks learns that its book is closed; it does not wait for ever. */
    @Test
    fun whatALookingScreenSeesLastIsLocked() =
        withBook { book ->
            val id = book.add(person("Looked at")).id
            for (looking in listOf(book.standings(id), book.summaries())) {
                coroutineScope {
                    val looks = async { thrownBy<SatchelException.Locked> { looking.collect { book.lock() } } }
                    withTimeout(20.seconds) { looks.await() }
                }
            }
        }

    @Test
    fun twoOpensAreOneBook() =
        runBlocking {
            Folder().use { folder ->
                val vault = MemoryVault()
                val screen = openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), vault)
                val worker = openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), vault)
                val added = worker.add(person("From the worker"))
                worker.close() // the worker ends; the screen lives
                assertEquals("From the worker", screen.get(added.id).text(Field.NAME_EN))
                screen.edit(added.id, listOf(Field.PHONE set "099"))
                screen.shutdown()
            }
        }

    /** Its handle is closed while its drain is in the middle of a call: the drain ends by itself, the screen goes on. */
    @Test
    fun aWorkerThatEndsInTheMiddleOfADrainDisturbsNoScreen() =
        onTablet {
            val (screen, worker) = book to another()
            sandbox.faults("""{"kind":"delay","ms":600,"endpoint":"ProspectAddV2","times":1}""")
            val first = add("First")
            coroutineScope {
                val drain = async { runCatching { worker.drain(20_000) } }
                until("the call is under way") { screen.standing(first).place == Place.ON_THE_WAY }
                worker.close()
                val later = add("Later")
                until(first, Place.AT_BANK)
                assertEquals(0, withTimeout(PATIENCE) { drain.await() }.getOrThrow().left)
                isOnce(later, "Later")
            }
        }
}
