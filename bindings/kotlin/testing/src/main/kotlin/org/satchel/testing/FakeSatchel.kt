package org.satchel.testing

import org.satchel.Added
import org.satchel.Ask
import org.satchel.BookRecord
import org.satchel.Choice
import org.satchel.Concern
import org.satchel.Decision
import org.satchel.Downloaded
import org.satchel.Draft
import org.satchel.DraftAbout
import org.satchel.DraftInfo
import org.satchel.DrainReport
import org.satchel.FeedBatch
import org.satchel.FeedItem
import org.satchel.Field
import org.satchel.FieldChange
import org.satchel.HandOver
import org.satchel.Health
import org.satchel.Intent
import org.satchel.KeyTrust
import org.satchel.Life
import org.satchel.Link
import org.satchel.NoHandle
import org.satchel.Origin
import org.satchel.Page
import org.satchel.Place
import org.satchel.Progress
import org.satchel.Prospect
import org.satchel.ProspectSecrets
import org.satchel.Query
import org.satchel.Question
import org.satchel.Receipt
import org.satchel.SatchelException
import org.satchel.SatchelInterface
import org.satchel.Sealed
import org.satchel.Similar
import org.satchel.Standing
import org.satchel.State
import org.satchel.Stop
import org.satchel.Subject
import org.satchel.Summary
import org.satchel.TakenBack
import org.satchel.TakenOver
import org.satchel.Waiting
import org.satchel.Watch
import org.satchel.WhatNow
import org.satchel.Why
import org.satchel.WhyStopped
import org.satchel.Worry
import java.time.Instant
import kotlin.reflect.KFunction

/**
 * A book in memory, for previews and for tests of screens: no native code is loaded, nothing is sent, no time passes. What is
 * saved is there; list, standings, questions, waiting list, feed and numbers all tell of the same records; decisions move them.
 *
 * Nothing moves by itself: [move] says where a record goes next, [fails] what the next call of a method throws, and
 * [SatchelInterface.drain] brings all that waits to the bank. `OpenBook(fake)` is the book that an app holds.
 *
 * ```kotlin
 * val fake = FakeSatchel.waiting()
 * val book = OpenBook(fake)
 * val shown = book.list(Query()).items.single()
 * fake.move(shown.id, Standings.doubtful) // whoever collects its standings sees it
 * fake.fails(SatchelInterface::add, SatchelException.DiskFull()) // and this once
 * ```
 */
public class FakeSatchel : FakeBook(Script()) {
    private val records = sortedMapOf<Long, Record>()
    internal var onboarding: FakeOnboarding? = null
    internal var collection: FakeCollection? = null

    /** No room: what would be written throws `DiskFull`. */
    public var diskFull: Boolean
        get() = script.diskFull
        set(value) {
            script.diskFull = value
        }

    /** The server has refused the session: the next [signIn] ends it. */
    public var sessionExpired: Boolean = false

    /** What [progress] tells. */
    public var underWay: List<Progress> = emptyList()
        set(value) {
            field = value
            script.stir()
        }

    /** The next call of [method] throws [what], once; said twice, the next two. */
    public fun fails(
        method: KFunction<*>,
        what: Throwable,
    ) {
        script.fails(method.name, what)
    }

    /** The record goes there, and whoever looks is told. At the bank it gets a code, if it has none. */
    public fun move(
        id: Long,
        to: Standing,
    ) {
        synchronized(script) { put(record(id).let { it.copy(standing = to, code = it.code ?: codeAt(to.place, id)) }) }
    }

    /** A record that another device or the bank made: it is at the bank. Returns its number. */
    public fun bring(vararg fields: FieldChange): Long =
        synchronized(script) {
            val id = records.size + 1L
            put(Record(id, emptyMap(), Standings.atBank, codeAt(Place.AT_BANK, id)).changed(fields.toList()))
            id
        }

    private fun codeAt(
        place: Place,
        id: Long,
    ) = if (place in setOf(Place.AT_BANK, Place.CHANGE_ON_TABLET, Place.CONFLICT, Place.REJECTED)) "2947-$id" else null

    private fun put(record: Record) {
        records[record.id] = record.copy(revision = (records[record.id]?.revision ?: 0) + 1)
        script.touch(Subject.Prospect(record.id))
    }

    private fun record(id: Long) = records[id] ?: throw SatchelException.NotFound("prospect")

    private fun coded(code: String) = records.values.find { it.code == code } ?: throw SatchelException.NotFound("prospect")

    override suspend fun add(
        fields: List<FieldChange>,
        draft: DraftAbout?,
    ): Added =
        script.called("add", writes = true) {
            val id = records.size + 1L
            val added = Record(id, emptyMap(), if (sessionExpired) Standings.needsSignIn else Standings.waiting).changed(fields)
            val alike = { field: Field -> records.values.filter { it.text(field).isNotEmpty() && it.text(field) == added.text(field) } }
            val similar = alike(Field.PHONE).map { Similar(it.id, Why.PHONE) } + alike(Field.NAME_EN).map { Similar(it.id, Why.NAME) }
            put(added)
            draft?.let(script::forget)
            Added(id, similar.distinctBy { it.id })
        }

    override suspend fun edit(
        id: Long,
        changed: List<FieldChange>,
    ): Unit =
        script.called("edit", writes = true) {
            val record = record(id).changed(changed)
            val sends = record.standing.place in setOf(Place.AT_BANK, Place.REFUSED)
            val standing = if (record.code == null) Standings.waiting else Standings.changeWaiting
            put(if (sends) record.copy(standing = standing) else record)
            script.forget(DraftAbout.Prospect(id))
        }

    override suspend fun editByCode(
        code: String,
        changed: List<FieldChange>,
    ): Long = script.called("editByCode") { coded(code).id }.also { edit(it, changed) }

    override suspend fun get(id: Long): Prospect = script.called("get") { record(id).prospect }

    override suspend fun getByCode(code: String): Prospect = script.called("getByCode") { coded(code).prospect }

    override suspend fun list(query: Query): Page =
        script.called("list") {
            val found =
                records.values
                    .filter { it.fits(query) }
                    .map { it.listed }
                    .sortedBy { it.nameEn.lowercase() }
            val from = query.after?.toIntOrNull() ?: 0
            val page = found.drop(from).take(query.limit.coerceIn(1, MOST))
            Page(page, "${from + page.size}".takeIf { from + page.size < found.size }, emptyList())
        }

    override suspend fun standing(id: Long): Standing = script.called("standing") { record(id).standing }

    override suspend fun history(id: Long): List<Waiting> = script.called("history") { listOfNotNull(record(id).waiting) }

    override suspend fun standingOf(record: BookRecord): Standing =
        if (record is BookRecord.Prospect) standing(record.id) else script.called("standingOf") { standingElsewhere(record) }

    override suspend fun historyOf(record: BookRecord): List<Waiting> =
        if (record is BookRecord.Prospect) {
            history(record.id)
        } else {
            script.called("historyOf") { listOfNotNull(record.waiting(standingElsewhere(record))) }
        }

    private fun standingElsewhere(record: BookRecord): Standing {
        val onboarded = onboarding?.takeIf { record !is BookRecord.CollectionResult }?.standing(record)
        val visited = collection?.takeIf { record is BookRecord.CollectionResult }?.standing(record)
        return onboarded ?: visited ?: throw SatchelException.NotFound("record")
    }

    override suspend fun waiting(
        after: Long,
        limit: Int,
    ): List<Waiting> = script.called("waiting") { unsettled().filter { it.entry > after }.take(limit.coerceIn(1, MOST)) }

    private fun unsettled() = records.values.mapNotNull { it.waiting } + onboarding?.waiting().orEmpty() + collection?.waiting().orEmpty()

    override suspend fun asks(): List<Ask> = script.called("asks") { records.values.mapNotNull { it.ask } }

    override suspend fun decide(
        questions: List<Question>,
        decision: Decision,
    ): Unit =
        script.called("decide", writes = true) {
            val asked = questions.map { records[it.entry] ?: throw SatchelException.NotFound("entry") }
            if (asked.map { it.question } != questions) throw SatchelException.NotPossible("asked_anew")
            for (record in asked) {
                when (decision) {
                    is Decision.SendAgain -> put(record.copy(standing = Standings.waiting))
                    is Decision.Arrived -> put(record.copy(standing = Standings.atBank, code = decision.code))
                    is Decision.Drop -> put(record.copy(standing = if (record.code == null) Standings.withdrawn else Standings.atBank))
                }
            }
        }

    override suspend fun resolve(
        id: Long,
        asked: Long,
        choices: Map<Field, Choice>,
    ): Unit =
        script.called("resolve", writes = true) {
            val record = record(id)
            val conflict = record.prospect.conflict ?: throw SatchelException.NotPossible("no_conflict")
            if (conflict.asked != asked) throw SatchelException.NotPossible("asked_anew")
            val theirs = conflict.fields.filter { choices[it.field] == Choice.THEIRS }.map { FieldChange.Text(it.field, it.theirs) }
            val open = conflict.fields.any { it.field !in choices }
            put(record.changed(theirs).copy(standing = if (open) record.standing else Standings.changeWaiting))
        }

    override suspend fun reject(id: Long): TakenBack =
        script.called("reject", writes = true) {
            val record = record(id)
            if (record.code == null) return@called takeBack(record, Intent.REJECT)
            put(record.copy(standing = Standings.changeWaiting.copy(intent = Intent.REJECT), rejecting = true))
            TakenBack.WHEN_KNOWN
        }

    override suspend fun withdraw(id: Long): TakenBack =
        script.called("withdraw", writes = true) {
            val record = record(id)
            if (record.code != null) throw SatchelException.NotPossible("at_bank")
            takeBack(record, Intent.WITHDRAW)
        }

    private fun takeBack(
        record: Record,
        intent: Intent,
    ): TakenBack {
        val left = record.standing.place !in setOf(Place.ON_TABLET, Place.REFUSED)
        put(record.copy(standing = if (left) record.standing.copy(intent = intent) else Standings.withdrawn))
        return if (left) TakenBack.WHEN_KNOWN else TakenBack.NOW
    }

    /** What [secrets] hold does not matter: `ProspectSecrets(NoHandle)` makes some without the library. */
    override suspend fun signIn(
        secrets: ProspectSecrets,
        expires: Instant?,
    ): Unit =
        script.called("signIn") {
            sessionExpired = false
            records.values.filter { it.standing == Standings.needsSignIn }.forEach { put(it.copy(standing = Standings.waiting)) }
            script.touch(Subject.Session(REMOTE))
        }

    override suspend fun signOut(): Unit = script.called("signOut") { script.touch(Subject.Session(REMOTE)) }

    override suspend fun drain(deadlineMs: Long): DrainReport =
        script.called("drain") {
            val ready = if (sessionExpired) emptyList() else records.values.filter { it.state == State.READY }
            for (record in ready) {
                val to = if (record.rejecting) Standings.rejected else Standings.atBank
                put(record.copy(standing = to, code = record.code ?: codeAt(Place.AT_BANK, record.id)))
            }
            val others = if (sessionExpired) 0 else (onboarding?.drained() ?: 0) + (collection?.drained() ?: 0)
            val sent = ready.size + others
            val left = unsettled().size.toLong()
            val waits = WhyStopped.Waits(if (sessionExpired) "sign_in" else "officer")
            DrainReport(sent, left, if (left == 0L) WhyStopped.Done else waits, null)
        }

    override suspend fun download(code: String?): Downloaded =
        script.called("download") {
            if (sessionExpired) throw SatchelException.NeedsSignIn(REMOTE)
            Downloaded(records.values.count { it.code != null }.toLong(), 0, 0, 0, 0, 0, 0, 0, 0)
        }

    override suspend fun receipt(): Receipt =
        script.called("receipt") {
            if (sessionExpired) throw SatchelException.NeedsSignIn(REMOTE)
            val rows = records.values.count { it.standing.place == Place.AT_BANK }.toLong()
            Receipt(FAKE_NOW, 0, rows, rows, rows, "", "", true, unsettled().size.toLong(), "{}", "")
        }

    override suspend fun progress(): List<Progress> = script.called("progress") { underWay }

    override suspend fun summary(): Summary =
        script.called("summary") {
            val byPlace =
                (records.values.map { it.standing.place } + onboarding?.places().orEmpty() + collection?.places().orEmpty())
                    .groupingBy { it }
                    .eachCount()
                    .mapValues { it.value.toLong() }
            val byState = unsettled().groupingBy { it.state.name.lowercase() }.eachCount().mapValues { it.value.toLong() }
            Summary(byPlace, unsettled().size.toLong(), FAKE_NOW.takeIf { unsettled().isNotEmpty() }, byState, 0)
        }

    override suspend fun health(): Health =
        script.called("health") {
            val asks = records.values.count { it.state == State.ASKS }.toLong()
            val concerns =
                listOfNotNull(
                    Concern(Worry.DiskFilling(0, true), WhatNow.FREE_SPACE).takeIf { diskFull },
                    Concern(Worry.NeedsSignIn(REMOTE, true), WhatNow.SIGN_IN).takeIf { sessionExpired },
                    Concern(Worry.Questions(asks), WhatNow.LOOK_AT_STANDING).takeIf { asks > 0 },
                )
            Health(concerns, 0, if (diskFull) 0 else null, 0, unsettled().size.toLong(), null, null, KeyTrust.VERIFIED)
        }

    /** Books in one state each, with one record, `Sok Dara`, whose number is 1. */
    public companion object {
        private fun of(standing: Standing): FakeSatchel =
            FakeSatchel().apply {
                bring(FieldChange.Text(Field.NAME_EN, "Sok Dara"), FieldChange.Text(Field.PHONE, "012 345 678"))
                put(record(1).copy(standing = standing, code = codeAt(standing.place, 1)))
            }

        /** The bank has it. */
        public fun atBank(): FakeSatchel = of(Standings.atBank)

        /** Saved on a tablet without a link. */
        public fun waiting(): FakeSatchel = of(Standings.waiting)

        /** Sent, and the answer was lost. */
        public fun doubtful(): FakeSatchel = of(Standings.doubtful)

        /** The officer is asked whether a row at the bank is it. */
        public fun asks(): FakeSatchel = of(Standings.asks)

        /** The bank changed the phone number, and so did the officer. */
        public fun conflict(): FakeSatchel = of(Standings.conflict)

        /** The bank said no. */
        public fun refused(): FakeSatchel = of(Standings.refused)

        /** Nothing more can be saved until [FakeSatchel.diskFull] is off again. */
        public fun diskFull(): FakeSatchel = waiting().apply { diskFull = true }

        /** It waits until the officer signs in. */
        public fun sessionExpired(): FakeSatchel = of(Standings.needsSignIn).apply { sessionExpired = true }
    }
}

private fun Record.fits(query: Query): Boolean {
    val text = query.text?.lowercase()
    val texts = listOf(text(Field.NAME_EN), text(Field.NAME_KH), text(Field.PHONE), code.orEmpty())
    return (text == null || texts.any { text in it.lowercase() }) &&
        (query.status == null || text(Field.STATUS) == query.status) &&
        (query.villagePrefix == null || text(Field.VILLAGE).startsWith(query.villagePrefix.orEmpty())) &&
        (query.unsent == null || (state != null) == query.unsent) &&
        (query.conflict == null || (standing.place == Place.CONFLICT) == query.conflict) &&
        (query.includeClosed || listed.life == Life.LIVE)
}
