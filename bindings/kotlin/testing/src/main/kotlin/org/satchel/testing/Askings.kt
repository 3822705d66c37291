package org.satchel.testing

import org.satchel.ActionFilter
import org.satchel.ActionGrouping
import org.satchel.ActionKind
import org.satchel.ActionLevel
import org.satchel.ActionOverview
import org.satchel.ActionProgress
import org.satchel.ActionSection
import org.satchel.ActionStage
import org.satchel.ActionStatus
import org.satchel.Answer
import org.satchel.AnswerOption
import org.satchel.Asking
import org.satchel.DateForm
import org.satchel.FieldProblem
import org.satchel.SatchelException

/** What a bank asks for, one of each kind, for [FakeOnboarding.bring]. `copy` makes others. */
public object Askings {
    /** A paper. */
    public val paper: Asking =
        Asking(
            id = 0,
            identifier = "ProofOfIncomeEmployed_98_7",
            name = "ProofOfIncomeEmployed",
            party = "98",
            application = "7",
            appliesTo = "Dara Sok",
            group = "Income",
            status = ActionStatus.Created,
            title = "Proof of income of Dara Sok",
            description = "The last three months",
            informationHtml = "<p>Salary slips, or a letter of the employer.</p>",
            informationText = "Salary slips, or a letter of the employer.",
            assistTitle = "",
            kind = ActionKind.DocumentUpload,
            options = emptyList(),
            many = false,
            dateForm = null,
            level = ActionLevel.Applicant,
            skippable = false,
            needsReview = true,
            prerequirement = false,
            raw = "{}",
            answer = null,
            stage = ActionStage.OPEN,
            unsent = false,
            documents = emptyList(),
        )

    /** A text. */
    public val text: Asking =
        paper.copy(identifier = "Purpose_98_7", name = "Purpose", group = "Loan", title = "What is the loan for?", kind = ActionKind.Text)

    /** A day. */
    public val date: Asking =
        text.copy(
            identifier = "EmployedSince_98_7",
            name = "EmployedSince",
            group = "Income",
            title = "Employed since",
            kind = ActionKind.Date,
            dateForm = DateForm.DAY,
        )

    /** One of two options; it may be skipped. */
    public val choice: Asking =
        text.copy(
            identifier = "House_98_7",
            name = "House",
            title = "Does she own her house?",
            kind = ActionKind.Choice,
            options = listOf(AnswerOption("1", "Yes"), AnswerOption("0", "No")),
            skippable = true,
        )
}

/** Throws what the library throws for an answer that is not of the kind that is asked for. */
internal fun Asking.check(answer: Answer) {
    fun wrong(
        problem: FieldProblem,
        expected: String = "",
    ): Nothing = throw SatchelException.InvalidInput("answer", problem, expected)
    when (answer) {
        is Answer.Text -> {
            if (kind !is ActionKind.Text && kind !is ActionKind.Other) wrong(FieldProblem.FORM, "the kind of answer that is wanted")
            if (answer.text.isBlank()) wrong(FieldProblem.MISSING)
        }

        is Answer.Date -> {
            if (dateForm == null) wrong(FieldProblem.FORM, "the kind of answer that is wanted")
        }

        is Answer.Choice -> {
            if (answer.values.isEmpty()) wrong(FieldProblem.MISSING)
            if (!options.map { it.value }.containsAll(answer.values)) wrong(FieldProblem.NOT_IN_LIST)
            if (answer.values.size > 1 && !many) wrong(FieldProblem.FORM, "one option")
        }

        is Answer.Papers -> {
            if (answer.documents.isEmpty()) wrong(FieldProblem.MISSING)
            if (!documents.containsAll(answer.documents)) wrong(FieldProblem.NOT_IN_LIST)
        }
    }
}

internal val Asking.open: Boolean get() = stage == ActionStage.OPEN && answer == null

internal fun Asking.fits(filter: ActionFilter): Boolean {
    val closed = stage == ActionStage.GONE || stage == ActionStage.ANSWERED_ELSEWHERE
    return (filter.group == null || group == filter.group) &&
        (filter.party == null || party == filter.party) &&
        (filter.includeClosed || !closed || unsent) &&
        !(filter.toDo && !open)
}

internal fun List<Asking>.overview(by: ActionGrouping): ActionOverview {
    val sections = groupBy { if (by == ActionGrouping.GROUP) it.group else it.party }
    return ActionOverview(sections.map { (of, some) -> ActionSection(of, some.map { it.id }, some.progress) }, progress)
}

private val List<Asking>.progress: ActionProgress
    get() {
        val wanted = filter { it.stage != ActionStage.GONE }
        val answered = wanted.count { !it.open }.toLong()
        val left = wanted.count { it.open && !it.skippable }.toLong()
        val percent = if (answered + left == 0L) 100 else (answered * 100 / (answered + left)).toInt()
        return ActionProgress(answered, left, wanted.count { it.open && it.skippable }.toLong(), percent)
    }
