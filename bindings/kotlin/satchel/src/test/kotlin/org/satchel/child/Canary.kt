package org.satchel.child

import org.satchel.ActingTrust
import org.satchel.ActingVault
import org.satchel.CANARY
import org.satchel.Decision
import org.satchel.DraftAbout
import org.satchel.Field
import org.satchel.HandOver
import org.satchel.Link
import org.satchel.OpenBook
import org.satchel.Query
import org.satchel.Question
import org.satchel.Sandbox
import org.satchel.anythingThrown
import org.satchel.openSatchel
import org.satchel.person
import org.satchel.personWith
import org.satchel.set
import org.satchel.until
import java.io.File

/** Puts the canary wherever a text goes, throws it wherever an app may throw, and writes down every text that comes back. */
class Canary(
    private val folder: File,
    private val url: String,
) {
    private val told = mutableListOf<String>()
    private var opened = 0

    /** Whatever it throws is written down whole. */
    private suspend fun tells(call: suspend () -> Unit) {
        try {
            call()
        } catch (e: Throwable) {
            told += e.stackTraceToString()
        }
    }

    suspend fun sings() {
        throwingHosts()
        val vault = ActingVault()
        val profile = Sandbox.profile(url)
        tells { openSatchel(File(folder, "profile"), "dara", """{"name":"$CANARY", oops}""", vault) }
        tells { openSatchel(File(folder, "url"), "dara", Sandbox.profile("ftp://$CANARY/api?p=$CANARY"), vault).texts() }
        tells { openSatchel(File(folder, CANARY), CANARY, profile, vault).texts() }
        val book = openSatchel(folder, "dara", profile, vault)
        book.linkChanged(Link.UNMETERED)
        everyText(book)
        sending(book)
        book.texts()
        book.shutdown()
        tells { book.add(person(CANARY)) }
        File(folder, "told").writeText(told.joinToString("\n"))
        File(folder, "count").writeText("${told.size}")
    }

    private suspend fun throwingHosts() {
        for (thrown in anythingThrown) {
            val vaults = listOf(ActingVault(onLoad = { throw thrown() }), ActingVault(onStore = { throw thrown() }))
            for (vault in vaults) tells { openSatchel(File(folder, "host ${opened++}"), "dara", Sandbox.profile(url), vault) }
            val trust = ActingTrust { throw thrown() }
            val https = url.replace("http:", "https:")
            val book = openSatchel(File(folder, "host ${opened++}"), "dara", Sandbox.profile(https), ActingVault(), trust)
            book.signIn(CANARY, CANARY, CANARY, ByteArray(32), ByteArray(16))
            tells { book.download() }
            book.texts()
        }
    }

    private suspend fun everyText(book: OpenBook) {
        for (field in Field.entries) {
            tells { book.add(personWith(field, CANARY)) }
            tells { book.add(personWith(field, "$CANARY\u0000")) }
            tells { book.edit(1, listOf(field set "$CANARY${"x".repeat(100_000)}")) }
        }
        tells { book.getByCode(CANARY) }
        tells { book.editByCode(CANARY, person(CANARY)) }
        tells { book.download(CANARY) }
        tells { book.decide(listOf(Question(1, 1)), Decision.Arrived(CANARY)) }
        tells { book.saveDraft(DraftAbout.New("$CANARY$"), CANARY) }
        tells { book.saveDraft(DraftAbout.New("form"), CANARY + "x".repeat(1_000_000)) }
        tells { book.list(Query(text = CANARY.repeat(100))) }
        tells { book.list(Query(after = CANARY)) }
        tells { book.pauseRemote(CANARY, CANARY) }
        tells { book.handedOver(listOf(1), CANARY) }
        tells { book.takeOver(HandOver.fromBytes(CANARY.toByteArray())) }
        tells { book.signIn(CANARY, CANARY, "$CANARY\n", ByteArray(32), ByteArray(16)) }
        tells { book.signIn(CANARY, CANARY, CANARY, CANARY.toByteArray(), ByteArray(16)) }
    }

    /** With secrets that the server does not know, and then with those that it does. */
    private suspend fun sending(book: OpenBook) {
        tells { book.signIn(CANARY, CANARY, CANARY, ByteArray(32) { 7 }, ByteArray(16) { 9 }) }
        tells { book.download() }
        tells { book.drain(1_500) }
        tells { book.signIn(Sandbox.secrets()) }
        tells { until("it is sent") { book.drain(5_000).sent > 0 } }
        tells { book.download() }
        tells { told += book.receipt().text }
    }

    private suspend fun OpenBook.texts() {
        told += diagnostics()
        told += "${health()}"
        told += "${summary()}"
    }
}
