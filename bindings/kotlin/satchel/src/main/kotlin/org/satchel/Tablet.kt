package org.satchel

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.File

/** Every book under [root], those set aside too. May be called on the main thread, as the others here. */
public suspend fun listBooks(root: File): List<Book> =
    withContext(Dispatchers.IO) {
        wellFormed("root", root.path)
        listBooks(root.path)
    }

/**
 * Moves a book that cannot be opened (its key is lost, it is damaged) out of the way, whole; a fresh one can then be opened.
 * Returns the folder where it lies. What [vault] throws never escapes.
 */
public suspend fun setAsideBook(
    root: File,
    officer: String,
    profile: String,
    vault: KeyVault,
): File =
    withContext(Dispatchers.IO) {
        wellFormed("root", root.path)
        wellFormed("officer", officer)
        wellFormed("profile", profile)
        File(setAsideBook(root.path, officer, profile, GuardedVault(vault)))
    }

/** Everything unsent of a book that does not open, sealed to the organisation's key. [folder] is the book's own. */
public suspend fun salvageBook(
    folder: File,
    profile: String,
    vault: KeyVault,
): Sealed =
    withContext(Dispatchers.IO) {
        wellFormed("folder", folder.path)
        wellFormed("profile", profile)
        salvageBook(folder.path, profile, GuardedVault(vault))
    }
