package org.satchel

import java.time.Instant

/**
 * VBot of an open book ([OpenBook.vbot]), with every call moved off the caller's thread. What each does stands with
 * [VbotInterface].
 *
 * A text that is no well-formed Unicode is [SatchelException.InvalidInput], as of [OpenBook]. [close] frees this handle and ends
 * nothing: the book lives on.
 */
public class OpenVbot(
    private val inner: VbotInterface,
) : VbotInterface,
    AutoCloseable {
    override fun close() {
        (inner as? AutoCloseable)?.close()
    }

    override suspend fun create(
        fields: VbotFields,
        code: String?,
    ): Long =
        off {
            wellFormed(fields)
            code?.let { wellFormed("code", it) }
            inner.create(fields, code)
        }

    override suspend fun delete(id: Long): Unit = off { inner.delete(id) }

    override suspend fun known(
        fields: VbotFields,
        code: String,
    ): Long =
        off {
            wellFormed(fields)
            wellFormed("code", code)
            inner.known(fields, code)
        }

    override suspend fun `object`(id: Long): VbotObject = off { inner.`object`(id) }

    override suspend fun objects(
        kind: VbotKind,
        after: Long,
        limit: Int,
    ): List<VbotObject> = off { inner.objects(kind, after, limit) }

    override suspend fun rename(
        id: Long,
        code: String,
    ): Unit =
        off {
            wellFormed("code", code)
            inner.rename(id, code)
        }

    override suspend fun signIn(
        secrets: VbotSecrets,
        expires: Instant?,
    ): Unit = off { inner.signIn(secrets, expires) }

    /** [signIn] with the token as it is: the library's own copy of it is gone when this returns. */
    public suspend fun signIn(
        token: String,
        expires: Instant? = null,
    ): Unit =
        off {
            wellFormed("token", token)
            VbotSecrets(token).use { inner.signIn(it, expires) }
        }

    override suspend fun update(
        id: Long,
        fields: VbotFields,
    ): Unit =
        off {
            wellFormed(fields)
            inner.update(id, fields)
        }
}
