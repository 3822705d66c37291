package org.satchel

import java.io.File
import java.time.Instant

/**
 * Opens the officer's book under [root], made when there is none: see [Satchel.open]. May be called on the main thread, as
 * everything of the book that it returns: loading the library and every call happen on [Dispatchers.IO].
 *
 * What [vault] and [trust] throw never escapes: see [KeyVault] and [ServerTrust].
 */
public suspend fun openSatchel(
    root: File,
    officer: String,
    profile: String,
    vault: KeyVault,
    trust: ServerTrust? = null,
): OpenBook =
    off {
        wellFormed("root", root.path)
        wellFormed("officer", officer)
        wellFormed("profile", profile)
        OpenBook(Satchel.open(root.path, officer, profile, GuardedVault(vault), trust?.let(::GuardedTrust)))
    }

/**
 * An officer's open book, with every call moved off the caller's thread. What each does stands with [SatchelInterface].
 *
 * A text that is no well-formed Unicode (half of a surrogate pair) is [SatchelException.InvalidInput] with the name of what
 * it was meant for, before anything is done. [close] frees this handle and ends nothing: [lock] and [shutdown] do.
 */
public class OpenBook(
    private val inner: SatchelInterface,
) : SatchelInterface,
    AutoCloseable {
    override fun close() {
        (inner as? AutoCloseable)?.close()
    }

    override suspend fun add(
        fields: List<FieldChange>,
        draft: DraftAbout?,
    ): Added =
        off {
            wellFormed(fields)
            wellFormed(draft)
            inner.add(fields, draft)
        }

    override suspend fun asks(): List<Ask> = off { inner.asks() }

    override suspend fun decide(
        questions: List<Question>,
        decision: Decision,
    ): Unit =
        off {
            if (decision is Decision.Arrived) wellFormed("code", decision.code)
            inner.decide(questions, decision)
        }

    override suspend fun diagnostics(): String = off { inner.diagnostics() }

    override suspend fun download(code: String?): Downloaded =
        off {
            code?.let { wellFormed("code", it) }
            inner.download(code)
        }

    override suspend fun draft(about: DraftAbout): Draft? =
        off {
            wellFormed(about)
            inner.draft(about)
        }

    override suspend fun drafts(limit: Int): List<DraftInfo> = off { inner.drafts(limit) }

    override suspend fun drain(deadlineMs: Long): DrainReport = off { inner.drain(deadlineMs) }

    override suspend fun edit(
        id: Long,
        changed: List<FieldChange>,
    ): Unit =
        off {
            wellFormed(changed)
            inner.edit(id, changed)
        }

    override suspend fun editByCode(
        code: String,
        changed: List<FieldChange>,
    ): Long =
        off {
            wellFormed("code", code)
            wellFormed(changed)
            inner.editByCode(code, changed)
        }

    override suspend fun exportUnsent(): Sealed = off { inner.exportUnsent() }

    override suspend fun feed(
        after: Long,
        max: Int,
        stop: Stop?,
    ): FeedBatch = off { inner.feed(after, max, stop) }

    override suspend fun get(id: Long): Prospect = off { inner.get(id) }

    override suspend fun getByCode(code: String): Prospect =
        off {
            wellFormed("code", code)
            inner.getByCode(code)
        }

    override suspend fun handOver(): HandOver = off { inner.handOver() }

    override suspend fun handedOver(
        entries: List<Long>,
        to: String,
    ): Unit =
        off {
            wellFormed("to", to)
            inner.handedOver(entries, to)
        }

    override suspend fun health(): Health = off { inner.health() }

    override suspend fun history(id: Long): List<Waiting> = off { inner.history(id) }

    override suspend fun historyOf(record: BookRecord): List<Waiting> = off { inner.historyOf(record) }

    override suspend fun linkChanged(link: Link): Unit = off { inner.linkChanged(link) }

    override suspend fun list(query: Query): Page =
        off {
            query.text?.let { wellFormed("text", it) }
            query.status?.let { wellFormed("status", it) }
            query.villagePrefix?.let { wellFormed("village_prefix", it) }
            query.after?.let { wellFormed("after", it) }
            inner.list(query)
        }

    override suspend fun lock(): Unit = off { inner.lock() }

    /**
     * The late payers of this book: the same outbox, feed, standings and questions. Throws as [onboarding]: an app's tests hold
     * `OpenCollectionDesk(FakeCollection(fake))`.
     */
    public suspend fun collection(): OpenCollectionDesk =
        off { OpenCollectionDesk(CollectionDesk(inner as? Satchel ?: throw SatchelException.NotPossible("fake"))) }

    /**
     * The onboarding of this book: the same outbox, feed, standings and questions. Throws [SatchelException.NotPossible] (`fake`)
     * where [inner] is not the library's: an app's tests hold `OpenOnboarding(FakeOnboarding(fake))`.
     */
    public suspend fun onboarding(): OpenOnboarding =
        off { OpenOnboarding(Onboarding(inner as? Satchel ?: throw SatchelException.NotPossible("fake"))) }

    override suspend fun origin(id: Long): Origin? = off { inner.origin(id) }

    override suspend fun pause(graceMs: Long): Boolean = off { inner.pause(graceMs) }

    override suspend fun pauseRemote(
        remote: String,
        reason: String,
    ): Unit =
        off {
            wellFormed("remote", remote)
            wellFormed("reason", reason)
            inner.pauseRemote(remote, reason)
        }

    override suspend fun progress(): List<Progress> = off { inner.progress() }

    override suspend fun receipt(): Receipt = off { inner.receipt() }

    override suspend fun reject(id: Long): TakenBack = off { inner.reject(id) }

    override suspend fun removeDraft(about: DraftAbout): Unit =
        off {
            wellFormed(about)
            inner.removeDraft(about)
        }

    override suspend fun resolve(
        id: Long,
        asked: Long,
        choices: Map<Field, Choice>,
    ): Unit = off { inner.resolve(id, asked, choices) }

    override suspend fun resume(): Unit = off { inner.resume() }

    override suspend fun resumeRemote(remote: String): Unit =
        off {
            wellFormed("remote", remote)
            inner.resumeRemote(remote)
        }

    override suspend fun saveDraft(
        about: DraftAbout,
        form: String,
    ): Long =
        off {
            wellFormed(about)
            wellFormed("form", form)
            inner.saveDraft(about, form)
        }

    override suspend fun shutdown(): Unit = off { inner.shutdown() }

    override suspend fun signIn(
        secrets: ProspectSecrets,
        expires: Instant?,
    ): Unit = off { inner.signIn(secrets, expires) }

    /** [signIn] with the officer's secrets as they are: the library's own copy of them is gone when this returns. */
    public suspend fun signIn(
        user: String,
        password: String,
        session: String,
        key: ByteArray,
        iv: ByteArray,
        expires: Instant? = null,
    ): Unit =
        off {
            wellFormed("user", user)
            wellFormed("password", password)
            wellFormed("session", session)
            ProspectSecrets(user, password, session, key, iv).use { inner.signIn(it, expires) }
        }

    override suspend fun signOut(): Unit = off { inner.signOut() }

    override suspend fun standing(id: Long): Standing = off { inner.standing(id) }

    override suspend fun standingOf(record: BookRecord): Standing = off { inner.standingOf(record) }

    override suspend fun summary(): Summary = off { inner.summary() }

    override suspend fun takeOver(export: HandOver): TakenOver = off { inner.takeOver(export) }

    /** VBot of this book: the same outbox, feed, standings and questions. Throws as [onboarding]. */
    public suspend fun vbot(): OpenVbot = off { OpenVbot(Vbot(inner as? Satchel ?: throw SatchelException.NotPossible("fake"))) }

    override suspend fun waiting(
        after: Long,
        limit: Int,
    ): List<Waiting> = off { inner.waiting(after, limit) }

    override fun watch(): Watch = inner.watch()

    override suspend fun withdraw(id: Long): TakenBack = off { inner.withdraw(id) }
}
