package org.satchel

import kotlinx.coroutines.runBlocking

/** A book in a folder of its own, without a link: for what needs no server. */
fun withBook(
    vault: KeyVault = MemoryVault(),
    profile: String = Sandbox.profile(NOWHERE),
    test: suspend (OpenBook) -> Unit,
) = runBlocking {
    Folder().use { folder ->
        openSatchel(folder.file, "dara", profile, vault).use { book ->
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

/** Somebody's public key, for what is sealed. */
const val ORGANISATION = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

/** The least that makes a prospect. */
fun person(
    name: String,
    phone: String = "012345678",
) = listOf(Field.NAME_EN set name, Field.PHONE set phone)

/** As [person], with that text in that field. */
fun personWith(
    field: Field,
    text: String,
) = person("Sok").filter { it is FieldChange.Text && it.field != field } + (field set text)

/** The exception that [call] ends with. */
suspend inline fun <reified E : Throwable> thrownBy(crossinline call: suspend () -> Unit): E =
    try {
        call()
        throw AssertionError("nothing was thrown")
    } catch (e: Throwable) {
        e as? E ?: throw e
    }
