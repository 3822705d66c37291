package org.satchel.testing

import org.satchel.Can
import org.satchel.Next
import org.satchel.Place
import org.satchel.Standing
import org.satchel.State
import java.time.Duration
import java.time.Instant

/** When everything of a [FakeSatchel] happened: always the same, so that a picture of a screen is. */
public val FAKE_NOW: Instant = Instant.parse("2026-01-05T02:30:00Z")

/** Where a record of a [FakeSatchel] can be, each as the library tells it. `copy` makes others. */
public object Standings {
    /** Only on this tablet, and there is no link. */
    public val waiting: Standing = of(Place.ON_TABLET, Next.SentWithLink, "offline", Can.EDIT, Can.WITHDRAW)

    /** A change of what the bank has waits. */
    public val changeWaiting: Standing = waiting.copy(place = Place.CHANGE_ON_TABLET, can = listOf(Can.EDIT, Can.REJECT))

    /** It waits for the officer's session. */
    public val needsSignIn: Standing = of(Place.ON_TABLET, Next.WaitsForSignIn, "sign_in", Can.EDIT, Can.WITHDRAW, Can.SIGN_IN)

    /** On its way right now. */
    public val onTheWay: Standing = of(Place.ON_THE_WAY, Next.Nothing, null, Can.EDIT)

    /** Its answer was lost; the bank is read back. */
    public val doubtful: Standing =
        of(Place.IN_DOUBT, Next.ReadBackIn(Duration.ofMinutes(3)), "no_answer", Can.EDIT, Can.WITHDRAW)

    /** The bank holds a row that may be it; the officer says. */
    public val asks: Standing = of(Place.ASKS_YOU, Next.YouDecide, "near", Can.SEND_AGAIN, Can.IT_IS_THAT_ONE, Can.DROP)

    /** The bank and the officer changed the same field. */
    public val conflict: Standing = of(Place.CONFLICT, Next.YouDecide, "conflict", Can.RESOLVE, Can.EDIT)

    /** The bank said no, in its own words. */
    public val refused: Standing =
        of(Place.REFUSED, Next.YouDecide, "refused", Can.EDIT, Can.DROP).copy(words = "Phone number is not valid")

    /** The bank has it as it is shown. */
    public val atBank: Standing = of(Place.AT_BANK, Next.Nothing, null, Can.EDIT, Can.REJECT)

    /** The bank asks for it, and nothing is answered yet. */
    public val open: Standing = of(Place.OPEN, Next.Nothing, null)

    /** Missing from the bank's list. */
    public val goneElsewhere: Standing = of(Place.GONE_ELSEWHERE, Next.Nothing, null)

    /** The bank does not want it any more, and the officer's answer had not left. */
    public val notWanted: Standing = of(Place.GONE_ELSEWHERE, Next.YouDecide, "withdrawn_elsewhere", Can.SEND_AGAIN, Can.DROP)

    /** Rejected by the officer, and the bank has confirmed it. */
    public val rejected: Standing = of(Place.REJECTED, Next.Nothing, null)

    /** Withdrawn before it left. */
    public val withdrawn: Standing = of(Place.WITHDRAWN, Next.Nothing, null)

    private fun of(
        place: Place,
        next: Next,
        why: String?,
        vararg can: Can,
    ) = Standing(place, why, null, next, can.toList(), null, FAKE_NOW, false)
}

/** The same moment on the bank's clocks on the wall. */
internal const val FAKE_CIVIL: String = "2026-01-05T09:30:00"

/** The state of the entry behind it; nothing where all is settled. */
internal val Standing.unsettled: State?
    get() =
        when (place) {
            Place.ON_TABLET, Place.CHANGE_ON_TABLET -> State.READY
            Place.ON_THE_WAY -> State.SENDING
            Place.IN_DOUBT -> State.DOUBTFUL
            Place.ASKS_YOU -> State.ASKS
            Place.CONFLICT -> State.BLOCKED
            Place.REFUSED -> State.REFUSED
            Place.SET_ASIDE -> State.SET_ASIDE
            Place.GONE_ELSEWHERE -> State.REFUSED.takeIf { next == Next.YouDecide }
            Place.OPEN, Place.AT_BANK, Place.REJECTED, Place.WITHDRAWN -> null
        }
