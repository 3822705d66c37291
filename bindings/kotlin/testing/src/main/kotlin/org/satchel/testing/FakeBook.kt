package org.satchel.testing

import org.satchel.Draft
import org.satchel.DraftAbout
import org.satchel.DraftInfo
import org.satchel.FeedBatch
import org.satchel.HandOver
import org.satchel.Link
import org.satchel.NoHandle
import org.satchel.Origin
import org.satchel.SatchelInterface
import org.satchel.Sealed
import org.satchel.Stop
import org.satchel.Subject
import org.satchel.TakenOver
import org.satchel.Watch

/** What of a fake has little to do with its records: drafts, the feed, handing over, its end. */
public abstract class FakeBook internal constructor(
    internal val script: Script,
) : SatchelInterface {
    override suspend fun saveDraft(
        about: DraftAbout,
        form: String,
    ): Long =
        script.called("saveDraft", writes = true) {
            val id = script.drafts[about]?.id ?: (script.drafts.size + 1L)
            script.drafts[about] = Draft(id, about, form, FAKE_NOW)
            script.touch(Subject.Draft(id))
            id
        }

    override suspend fun draft(about: DraftAbout): Draft? = script.called("draft") { script.drafts[about] }

    override suspend fun drafts(limit: Int): List<DraftInfo> =
        script.called(
            "drafts",
        ) {
            script.drafts.values
                .map { DraftInfo(it.id, it.about, it.saved) }
                .takeLast(limit.coerceAtLeast(0))
                .reversed()
        }

    override suspend fun removeDraft(about: DraftAbout): Unit = script.called("removeDraft", writes = true) { script.forget(about) }

    override suspend fun feed(
        after: Long,
        max: Int,
        stop: Stop?,
    ): FeedBatch = script.feed(after, max)

    override fun watch(): Watch =
        object : Watch(NoHandle) {
            private var seen = script.now

            override suspend fun changed(stop: Stop?) {
                seen = script.after(seen)
            }
        }

    override suspend fun handOver(): HandOver = script.called("handOver") { HandOver(NoHandle) }

    override suspend fun handedOver(
        entries: List<Long>,
        to: String,
    ): Unit = script.called("handedOver", writes = true) {}

    override suspend fun takeOver(export: HandOver): TakenOver =
        script.called("takeOver", writes = true) { TakenOver(emptyList(), 0, emptyList()) }

    override suspend fun origin(id: Long): Origin? = script.called("origin") { null }

    override suspend fun exportUnsent(): Sealed = script.called("exportUnsent") { Sealed("", 0, 0) }

    override suspend fun diagnostics(): String = script.called("diagnostics") { "{}" }

    override suspend fun linkChanged(link: Link) {}

    override suspend fun resume() {}

    override suspend fun pause(graceMs: Long): Boolean = script.called("pause") { true }

    override suspend fun pauseRemote(
        remote: String,
        reason: String,
    ): Unit = script.called("pauseRemote", writes = true) { script.touch(Subject.Remote(remote)) }

    override suspend fun resumeRemote(remote: String): Unit =
        script.called("resumeRemote", writes = true) {
            script.touch(Subject.Remote(remote))
        }

    override suspend fun lock(): Unit = shutdown()

    override suspend fun shutdown() {
        script.closed = true
        script.stir()
    }
}
