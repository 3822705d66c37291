package org.satchel

import kotlinx.coroutines.runBlocking

/** A book in a folder of its own, without a link: for what needs no server. */
fun withBook(
    vault: KeyVault = MemoryVault(),
    test: suspend (OpenBook) -> Unit,
) = runBlocking {
    Folder().use { folder ->
        openSatchel(folder.file, "dara", Sandbox.profile(NOWHERE), vault).use { book ->
            try {
                test(book)
            } finally {
                book.shutdown()
            }
        }
    }
}

/** Nobody listens there. */
const val NOWHERE = "http://127.0.0.1:9/api/"

/** The least that makes a prospect. */
fun person(
    name: String,
    phone: String = "012345678",
) = listOf(Field.NAME_EN set name, Field.PHONE set phone)

/** The exception that [call] ends with. */
suspend inline fun <reified E : Throwable> thrownBy(crossinline call: suspend () -> Unit): E =
    try {
        call()
        throw AssertionError("nothing was thrown")
    } catch (e: Throwable) {
        e as? E ?: throw e
    }
