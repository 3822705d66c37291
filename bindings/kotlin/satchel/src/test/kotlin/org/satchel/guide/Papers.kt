package org.satchel.guide

import org.satchel.ActionFilter
import org.satchel.ActionGrouping
import org.satchel.ActionKind
import org.satchel.Answer
import org.satchel.OpenOnboarding
import java.io.File
import java.time.LocalDate

/** The form is filled from the prospect; the officer adds what it lacks. */
suspend fun startFrom(
    onboarding: OpenOnboarding,
    prospect: Long,
    born: LocalDate,
    consent: Boolean,
): Long {
    val form = onboarding.personOf(prospect)
    return onboarding.startApplication(form.copy(dateOfBirth = born, consent = consent), prospect)
}

/** What the bank asks comes with `downloadActions`; [photo] is of a paper. Returns how much is done, in percent. */
suspend fun handIn(
    onboarding: OpenOnboarding,
    photo: File,
): Int {
    for (asked in onboarding.actions(ActionFilter(toDo = true))) {
        if (asked.kind == ActionKind.DocumentUpload) {
            val paper = onboarding.attach(asked.id, photo).document
            if (paper.warnings.isNotEmpty()) println("Take it again?") // dark, blurred: she decides
            onboarding.answer(asked.id, Answer.Papers(listOf(paper.id)))
        } else {
            println(asked.title) // a form of your own
        }
    }
    return onboarding.overview(ActionFilter(), ActionGrouping.GROUP).progress.percent
}
