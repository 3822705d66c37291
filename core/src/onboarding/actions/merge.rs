//! What a new list means for an action that the tablet knows, and for the officer's answer to it.
//!
//! The answer itself is never taken away: at most it is not sent any more, and it is said why.
//!
//! ```text
//! in the list       nothing answered   waits, never left     left, outcome unknown      at the bank
//! created           fresh              keep / no longer fits  not executed (late enough) asked again (late enough)
//! another status    fresh              keep / no longer fits  keep: it proves nothing    keep
//! submitted         answered elsewhere answered elsewhere     done                       done
//! not in the whole  gone               gone                   done, by us or another     done
//! not seen          keep               keep                   keep                       keep
//! ```
//!
//! What she had *sent again* although it may have arrived waits like any other, but *submitted* then says that it had: it
//! is done and not sent over itself.
//!
//! A *correction* is a newer answer where the bank has an older one of hers: *submitted* says nothing of it then. It waits
//! on; where its outcome is not known it is sent again (late enough), for nothing in the list could prove it. What somebody
//! else has written over hers meanwhile cannot be seen: the list shows no answers.

use super::answer::{Answer, check};
use super::model::{Action, Status};

/// What the tablet knows of the officer's answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mine<'a> {
    /// There is none.
    Nothing,
    /// It waits, or was refused, and is proven not to have arrived.
    Waiting(&'a Answer),
    /// It left, and what became of it is not known: in doubt, or the officer is asked.
    Doubtful,
    /// The officer was asked, and had it sent again: it waits, and may have arrived.
    Again(&'a Answer),
    /// The bank has it: its own word.
    Delivered,
    /// The bank has an older one of hers; this one waits.
    Correction(&'a Answer),
    /// The bank has an older one of hers; a newer one left, and what became of it is not known.
    CorrectionInDoubt,
}

/// What the list says of the action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theirs<'a> {
    /// It is in it, like this.
    Listed(&'a Action),
    /// It is not, and the list is whole ([`List::whole`](super::List::whole)).
    Missing,
    /// It is not, and the list is not known to be whole; or its row there cannot be read.
    Unseen,
}

/// What becomes of the row that the tablet keeps of the action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Row {
    /// It stays.
    Keep,
    /// The list's takes its place: it says something else.
    Replace,
    /// It stays, marked as no longer listed.
    Gone,
}

/// What becomes of the officer's answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Nothing: it waits on, stays in doubt, is done as before, or there is none.
    Keep,
    /// It is still to be sent, but the question has changed and it does not answer it any more: the officer is asked.
    NoLongerFits,
    /// Proven never to have arrived: it may be sent again.
    NotExecuted,
    /// The bank has it.
    Done,
    /// The bank has an answer, or wants none any more: it went out in doubt and was ours, or someone else's. Done, and said
    /// so.
    DoneByUsOrAnother,
    /// Someone else has answered. What the officer has is kept and not sent.
    AnsweredElsewhere,
    /// Withdrawn, or answered by someone else: the list does not say which. What the officer has is kept and not sent.
    Gone,
    /// The bank has had the answer and asks once more. It is shown as open again; the answer is kept.
    AskedAgain,
}

/// What a new list does to an action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Merged {
    /// To the row.
    pub row: Row,
    /// To the answer.
    pub answer: Fate,
}

/// Puts what the tablet has together with what the list says. `known` is the action as it was last listed, its `raw` too;
/// `late_enough`
/// says that the list was asked for after the quiet period of the answer's last call, or after its receipt: only then does
/// *created* prove that no answer arrived. `max_text` is the profile's.
#[must_use]
pub fn merge(
    known: &Action,
    mine: Mine<'_>,
    theirs: Theirs<'_>,
    late_enough: bool,
    max_text: usize,
) -> Merged {
    let listed = match theirs {
        Theirs::Unseen => return Merged { row: Row::Keep, answer: Fate::Keep },
        Theirs::Missing => return Merged { row: Row::Gone, answer: missing(known, mine) },
        Theirs::Listed(listed) => listed,
    };
    let row = if *listed == *known { Row::Keep } else { Row::Replace };
    let answer = match (&listed.status, mine) {
        (Status::Submitted, Mine::Nothing) if known.status == Status::Submitted => Fate::Keep,
        (Status::Submitted, Mine::Nothing | Mine::Waiting(_)) => Fate::AnsweredElsewhere,
        (Status::Submitted, Mine::Doubtful | Mine::Again(_)) => Fate::Done,
        (Status::Created, Mine::Doubtful) if late_enough => Fate::NotExecuted,
        (Status::Created | Status::Submitted, Mine::CorrectionInDoubt) if late_enough => Fate::NotExecuted,
        (Status::Created, Mine::Delivered) if late_enough => Fate::AskedAgain,
        (_, Mine::Waiting(answer) | Mine::Again(answer) | Mine::Correction(answer))
            if check(listed, answer, max_text).is_err() =>
        {
            Fate::NoLongerFits
        }
        (_, Mine::Nothing | Mine::Waiting(_) | Mine::Doubtful | Mine::Again(_) | Mine::Delivered)
        | (_, Mine::Correction(_) | Mine::CorrectionInDoubt) => Fate::Keep,
    };
    Merged { row, answer }
}

/// What is submitted may leave the list at any time: that says nothing new.
fn missing(known: &Action, mine: Mine<'_>) -> Fate {
    match mine {
        Mine::Nothing if known.status == Status::Submitted => Fate::Keep,
        Mine::Nothing | Mine::Waiting(_) | Mine::Correction(_) => Fate::Gone,
        Mine::Doubtful | Mine::Again(_) | Mine::CorrectionInDoubt => Fate::DoneByUsOrAnother,
        Mine::Delivered => Fate::Keep,
    }
}

#[cfg(test)]
mod tests;
