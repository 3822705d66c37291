package org.satchel

import java.time.Instant

/**
 * The late payers of an open book ([OpenBook.collection]), with every call moved off the caller's thread. What each does stands
 * with [CollectionDeskInterface].
 *
 * A text that is no well-formed Unicode is [SatchelException.InvalidInput], as of [OpenBook]. [close] frees this handle and ends
 * nothing: the book lives on.
 */
public class OpenCollectionDesk(
    private val inner: CollectionDeskInterface,
) : CollectionDeskInterface,
    AutoCloseable {
    override fun close() {
        (inner as? AutoCloseable)?.close()
    }

    override suspend fun branches(): List<String> = off { inner.branches() }

    override suspend fun downloadTasks(): Downloaded = off { inner.downloadTasks() }

    override suspend fun edit(
        id: Long,
        fields: ResultFields,
    ): Unit =
        off {
            wellFormed(fields)
            inner.edit(id, fields)
        }

    override suspend fun record(
        task: Long,
        fields: ResultFields,
    ): Long =
        off {
            wellFormed(fields)
            inner.record(task, fields)
        }

    override suspend fun result(id: Long): CollectionResult = off { inner.result(id) }

    override suspend fun results(task: Long): List<CollectionResult> = off { inner.results(task) }

    override suspend fun signIn(
        secrets: CollectionSecrets,
        expires: Instant?,
    ): Unit = off { inner.signIn(secrets, expires) }

    /** [signIn] with the secrets as they are: the library's own copy of them is gone when this returns. */
    public suspend fun signIn(
        user: String,
        password: String,
        hashKey: String,
        expires: Instant? = null,
    ): Unit =
        off {
            wellFormed("user", user)
            wellFormed("password", password)
            wellFormed("hash_key", hashKey)
            CollectionSecrets(user, password, hashKey).use { inner.signIn(it, expires) }
        }

    override suspend fun task(id: Long): TaskListed = off { inner.task(id) }

    override suspend fun tasks(query: TaskQuery): TaskPage =
        off {
            query.text?.let { wellFormed("text", it) }
            query.branch?.let { wellFormed("branch", it) }
            query.after?.let { wellFormed("after", it) }
            inner.tasks(query)
        }

    override suspend fun withdraw(id: Long): Unit = off { inner.withdraw(id) }
}
