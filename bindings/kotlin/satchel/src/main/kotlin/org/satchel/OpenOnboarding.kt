package org.satchel

import java.io.File
import java.io.InputStream
import java.time.Instant

/** Bytes of a paper that cross at once. */
private const val PIECE = 256 * 1024

/**
 * The onboarding of an open book ([OpenBook.onboarding]), with every call moved off the caller's thread. What each does stands
 * with [OnboardingInterface].
 *
 * A text that is no well-formed Unicode is [SatchelException.InvalidInput], as of [OpenBook]. [close] frees this handle and ends
 * nothing: the book lives on.
 */
public class OpenOnboarding(
    private val inner: OnboardingInterface,
) : OnboardingInterface,
    AutoCloseable {
    override fun close() {
        (inner as? AutoCloseable)?.close()
    }

    override suspend fun action(id: Long): Asking = off { inner.action(id) }

    override suspend fun actions(filter: ActionFilter): List<Asking> =
        off {
            wellFormed(filter)
            inner.actions(filter)
        }

    override suspend fun addCoApplicant(
        application: Long,
        person: Person,
    ): Long =
        off {
            wellFormed(person)
            inner.addCoApplicant(application, person)
        }

    override suspend fun answer(
        id: Long,
        answer: Answer,
    ): Unit =
        off {
            when (answer) {
                is Answer.Text -> wellFormed("answer", answer.text)
                is Answer.Choice -> answer.values.forEach { wellFormed("answer", it) }
                is Answer.Date, is Answer.Papers -> Unit
            }
            inner.answer(id, answer)
        }

    override suspend fun application(id: Long): Application = off { inner.application(id) }

    override suspend fun applicationOf(prospect: Long): Long? = off { inner.applicationOf(prospect) }

    override suspend fun applications(
        after: Long,
        limit: Int,
    ): List<Application> = off { inner.applications(after, limit) }

    override suspend fun askRequirements(application: Long): Unit = off { inner.askRequirements(application) }

    override suspend fun attach(
        action: Long,
        source: PaperSource,
        name: String,
        info: String,
    ): Attached =
        off {
            when (source) {
                is PaperSource.Path -> wellFormed("source", source.path)
                is PaperSource.Captured -> wellFormed("slot", source.slot)
                is PaperSource.Descriptor -> Unit
            }
            wellFormed("name", name)
            wellFormed("info", info)
            inner.attach(action, source, name, info)
        }

    /** [attach] of a plain file. */
    public suspend fun attach(
        action: Long,
        file: File,
        name: String = file.name,
        info: String = "",
    ): Attached = attach(action, PaperSource.Path(file.path), name, info)

    /**
     * [attach] of what [stream] gives, to its end, such as a content provider's: no byte of it is ever in a plain file. The stream
     * is the caller's to close.
     */
    public suspend fun attach(
        action: Long,
        stream: InputStream,
        name: String,
        info: String = "",
    ): Attached =
        off {
            wellFormed("name", name)
            wellFormed("info", info)
            inner.writePaper().use { paper ->
                val piece = ByteArray(PIECE)
                generateSequence { stream.read(piece) }
                    .takeWhile { it >= 0 }
                    .forEach { paper.write(piece.copyOf(it)) }
                paper.attach(action, name, info)
            }
        }

    override suspend fun captureSlot(): CaptureSlot = off { inner.captureSlot() }

    override suspend fun discardCaptured(slot: String): Unit =
        off {
            wellFormed("slot", slot)
            inner.discardCaptured(slot)
        }

    override suspend fun document(id: Long): Document = off { inner.document(id) }

    override suspend fun documents(action: Long): List<Document> = off { inner.documents(action) }

    override suspend fun downloadActions(): Downloaded = off { inner.downloadActions() }

    override suspend fun editApplication(
        id: Long,
        person: Person,
    ): Unit =
        off {
            wellFormed(person)
            inner.editApplication(id, person)
        }

    override suspend fun editCoApplicant(
        id: Long,
        person: Person,
    ): Unit =
        off {
            wellFormed(person)
            inner.editCoApplicant(id, person)
        }

    override suspend fun overview(
        filter: ActionFilter,
        by: ActionGrouping,
    ): ActionOverview =
        off {
            wellFormed(filter)
            inner.overview(filter, by)
        }

    override suspend fun personOf(prospect: Long): Person = off { inner.personOf(prospect) }

    override suspend fun preview(document: Long): ByteArray = off { inner.preview(document) }

    override suspend fun recovered(): List<String> = off { inner.recovered() }

    override suspend fun signIn(
        secrets: OnboardingSecrets,
        expires: Instant?,
    ): Unit = off { inner.signIn(secrets, expires) }

    /** [signIn] with the officer's headers as they are: the library's own copy of them is gone when this returns. */
    public suspend fun signIn(
        authenticated: Map<String, String>,
        anonymous: Map<String, String>,
        expires: Instant? = null,
    ): Unit =
        off {
            authenticated.forEach { (name, value) -> wellFormed("authenticated", name + value) }
            anonymous.forEach { (name, value) -> wellFormed("anonymous", name + value) }
            OnboardingSecrets(authenticated, anonymous).use { inner.signIn(it, expires) }
        }

    override suspend fun startApplication(
        person: Person,
        from: Long?,
    ): Long =
        off {
            wellFormed(person)
            inner.startApplication(person, from)
        }

    override suspend fun thumbnails(documents: List<Long>): List<ByteArray?> = off { inner.thumbnails(documents) }

    override suspend fun withdrawAnswer(id: Long): Unit = off { inner.withdrawAnswer(id) }

    override suspend fun withdrawApplication(id: Long): Unit = off { inner.withdrawApplication(id) }

    override suspend fun withdrawCoApplicant(id: Long): Unit = off { inner.withdrawCoApplicant(id) }

    override suspend fun withdrawDocument(id: Long): Unit = off { inner.withdrawDocument(id) }

    override fun writePaper(): PaperWriter = inner.writePaper()
}
