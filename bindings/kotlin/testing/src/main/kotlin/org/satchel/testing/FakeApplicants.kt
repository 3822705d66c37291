package org.satchel.testing

import org.satchel.Application
import org.satchel.BookRecord
import org.satchel.CoApplicant
import org.satchel.Field
import org.satchel.OnboardingInterface
import org.satchel.Person
import org.satchel.Place
import org.satchel.SatchelException
import org.satchel.Stage
import org.satchel.Standing
import org.satchel.Subject
import org.satchel.text

internal const val ONBOARDING: String = "onboarding"

/** What of a [FakeOnboarding] is about people: applications and who applies in them. */
public abstract class FakeApplicants internal constructor(
    /** Whose book it is. */
    public val book: FakeSatchel,
) : OnboardingInterface {
    internal val script = book.script
    internal val applications = sortedMapOf<Long, Application>()
    internal val standings = linkedMapOf<BookRecord, Standing>()

    internal fun <T> called(
        method: String,
        writes: Boolean = false,
        answer: () -> T,
    ): T = script.called("onboarding.$method", writes, answer)

    internal fun stands(
        record: BookRecord,
        where: Standing,
    ) {
        standings[record] = where
        script.touch(record.subject)
    }

    internal fun missing(what: String): Nothing = throw SatchelException.NotFound(what)

    internal fun applied(id: Long) = applications[id] ?: missing("application")

    private fun together(id: Long) = applications.values.find { it.coApplicants.any { with -> with.id == id } } ?: missing("co_applicant")

    internal val unsent: Standing get() = if (book.sessionExpired) Standings.needsSignIn else Standings.waiting

    internal fun standing(record: BookRecord): Standing = standings[record] ?: missing("record")

    override suspend fun personOf(prospect: Long): Person {
        val of = book.get(prospect)
        val name = of.text(Field.NAME_EN).ifBlank { of.text(Field.NAME_KH) }
        return Person(name.substringAfter(' '), name.substringBefore(' ', ""), null, of.text(Field.PHONE))
    }

    override suspend fun startApplication(
        person: Person,
        from: Long?,
    ): Long =
        called("startApplication", writes = true) {
            person.check()
            if (from != null && applications.values.any { it.prospect == from }) throw SatchelException.NotPossible("has_application")
            val id = applications.size + 1L
            applications[id] = Application(id, null, null, from, person, emptyList(), FAKE_CIVIL, Stage.LIVE, true)
            stands(BookRecord.Application(id), unsent)
            id
        }

    override suspend fun addCoApplicant(
        application: Long,
        person: Person,
    ): Long =
        called("addCoApplicant", writes = true) {
            person.check()
            val to = applied(application)
            val id = 1_000L + applications.values.sumOf { it.coApplicants.size } + 1
            applications[application] =
                to.copy(coApplicants = to.coApplicants + CoApplicant(id, application, person, FAKE_CIVIL, Stage.LIVE, true))
            stands(BookRecord.CoApplicant(id), unsent)
            script.touch(Subject.Application(application))
            id
        }

    override suspend fun editApplication(
        id: Long,
        person: Person,
    ): Unit =
        called("editApplication", writes = true) {
            person.check()
            val before = applied(id)
            if (before.applicationId != null) throw SatchelException.NotPossible("at_bank")
            applications[id] = before.copy(person = person)
            script.touch(Subject.Application(id))
        }

    override suspend fun editCoApplicant(
        id: Long,
        person: Person,
    ): Unit =
        called("editCoApplicant", writes = true) {
            person.check()
            val of = together(id)
            applications[of.id] =
                of.copy(coApplicants = of.coApplicants.map { if (it.id == id) it.copy(person = person) else it })
            stands(BookRecord.CoApplicant(id), unsent)
        }

    override suspend fun withdrawApplication(id: Long): Unit =
        called("withdrawApplication", writes = true) {
            val before = applied(id)
            never(BookRecord.Application(id))
            val with = before.coApplicants.map { it.copy(stage = Stage.WITHDRAWN) }
            applications[id] = before.copy(stage = Stage.WITHDRAWN, coApplicants = with)
            with.forEach { stands(BookRecord.CoApplicant(it.id), Standings.withdrawn) }
            stands(BookRecord.Application(id), Standings.withdrawn)
        }

    override suspend fun withdrawCoApplicant(id: Long): Unit =
        called("withdrawCoApplicant", writes = true) {
            val of = together(id)
            never(BookRecord.CoApplicant(id))
            applications[of.id] =
                of.copy(coApplicants = of.coApplicants.map { if (it.id == id) it.copy(stage = Stage.WITHDRAWN) else it })
            stands(BookRecord.CoApplicant(id), Standings.withdrawn)
        }

    /** Only what waits here, or was refused, can be taken back. */
    internal fun never(record: BookRecord) {
        when (standing(record).place) {
            Place.ON_TABLET, Place.REFUSED -> Unit
            Place.AT_BANK -> throw SatchelException.NotPossible("at_bank")
            Place.WITHDRAWN -> throw SatchelException.NotPossible("withdrawn")
            else -> throw SatchelException.NotPossible("under_way")
        }
    }

    override suspend fun askRequirements(application: Long): Unit =
        called("askRequirements", writes = true) { script.touch(Subject.Application(applied(application).id)) }

    override suspend fun application(id: Long): Application = called("application") { shown(applied(id)) }

    override suspend fun applicationOf(prospect: Long): Long? =
        called("applicationOf") { applications.values.find { it.prospect == prospect }?.id }

    override suspend fun applications(
        after: Long,
        limit: Int,
    ): List<Application> =
        called("applications") {
            applications.values
                .filter { it.id > after }
                .take(limit.coerceIn(1, MOST))
                .map(::shown)
        }

    private fun shown(application: Application): Application {
        val with = application.coApplicants.map { it.copy(unsent = isOpen(BookRecord.CoApplicant(it.id))) }
        val open = isOpen(BookRecord.Application(application.id)) || with.any { it.unsent }
        return application.copy(coApplicants = with, unsent = open)
    }

    private fun isOpen(record: BookRecord) = standings[record]?.unsettled != null
}
