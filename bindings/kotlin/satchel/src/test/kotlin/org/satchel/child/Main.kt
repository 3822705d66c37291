package org.satchel.child

import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import org.satchel.Link
import org.satchel.OpenBook
import org.satchel.Sandbox
import org.satchel.SatchelException
import org.satchel.offTheMinute
import org.satchel.openSatchel
import org.satchel.person
import org.satchel.whatNow
import java.io.File

/** `officer FOLDER URL NAME …` or `canary FOLDER URL`. */
fun main(arguments: Array<String>) {
    val (what, folder, url) = arguments
    runBlocking {
        when (what) {
            "officer" -> officer(File(folder), url, arguments.drop(3))
            "canary" -> Canary(File(folder), url).sings()
            else -> error("no such part: $what")
        }
    }
}

/** The book of an officer that outlives its process. */
suspend fun officersBook(
    folder: File,
    url: String,
): OpenBook {
    val book = openSatchel(File(folder, "books"), "dara", Sandbox.profile(url), FileVault(File(folder, "vault")))
    book.linkChanged(Link.UNMETERED)
    return book
}

/**
 * An officer's app that can be killed: opens her book, sends, and adds the names. Says `saved` after each that is
 * acknowledged, then `open`, and goes on; or `failed` and what the error was.
 */
private suspend fun officer(
    folder: File,
    url: String,
    names: List<String>,
) {
    val book = officersBook(folder, url)
    book.signIn(Sandbox.secrets())
    book.resume()
    for (name in names) {
        offTheMinute()
        try {
            book.add(person(name))
        } catch (e: SatchelException) {
            return say("failed ${e::class.simpleName} ${e.whatNow}")
        }
        say("saved $name")
    }
    say("open")
    awaitCancellation()
}

private fun say(line: String) {
    println(line)
    System.out.flush()
}
