//! What becomes of an entry that a reading did not speak about, and what whoever settles is told.

use super::*;

#[test]
fn what_no_reading_spoke_about_is_read_later_and_asks_in_the_end() {
    let book = Book::new();
    let (_, entry) = book.lost();
    let unread =
        |now| book.store.write(|tx| doubt::unread(&book.remote, tx, &[EntryId(77), entry], now)).unwrap();
    unread(after(QUIET));
    let head = book.entry(entry).head;
    assert_eq!(head.due, Some(after(QUIET + 60_000).steady), "a quarter of its age is less than a minute");
    assert_eq!((head.state, head.since), (State::Doubtful, LOST.steady), "it is as old as it was");
    unread(after(QUIET + 59_999));
    assert_eq!(book.entry(entry).head, head, "its time has not come");
    unread(after(QUIET + 60_000));
    assert_eq!(book.entry(entry).head.due, Some(after(QUIET + 60_000 + 75_000).steady));
    // The longest wait of the profile bounds every later one.
    unread(after(30 * HOUR));
    assert_eq!(book.entry(entry).head.due, Some(after(30 * HOUR + 900_000).steady));
    unread(after(72 * HOUR));
    assert_eq!(book.stands(entry), stands(State::Asks, code::NO_VERDICT));
    unread(after(73 * HOUR));
    let head = book.entry(entry).head;
    assert_eq!((head.state, head.due.is_some()), (State::Asks, true), "it asks, and is read on");
}

#[test]
fn only_doubts_and_questions_are_read_later() {
    for to in [
        Move::Refused(Reason::code(code::REFUSED)),
        Move::Ready { due: None, reason: None },
        Move::Closed(Reason::code(code::DROPPED)),
        Move::Asks { reason: Reason::code(code::NEAR), rows: None },
    ] {
        let book = Book::new();
        let (_, entry) = book.lost();
        book.store.write(|tx| outbox::shift(tx, &outbox::get(tx, entry)?.unwrap().head, &to, LOST)).unwrap();
        let before = book.entry(entry).head;
        book.store.write(|tx| doubt::unread(&book.remote, tx, &[entry], after(HOUR))).unwrap();
        assert_eq!(book.entry(entry).head, before);
    }
}

/// Whoever settles learns whether the entry went another way; one that is only read later did not.
#[test]
fn settling_says_whether_it_moved_on() {
    let book = Book::new();
    let (_, id) = book.lost();
    let asked = book.asked(&Reads { of: one_code(), ..Reads::default() });
    let around = book.around(&asked);
    let settle = |verdict| {
        book.store
            .write(|tx| around.settle(tx, &outbox::get(tx, id)?.unwrap(), false, Verdict::clone(&verdict)))
            .unwrap()
    };
    assert!(!settle(Verdict::NoVerdict) && book.entry(id).head.due.is_some(), "later");
    let stale = book.entry(id);
    assert!(settle(Verdict::Proved(Receipt::payload("2947-1", "read_back").unwrap())));
    assert!(!settle(Verdict::NoVerdict), "settled");
    let near = || Verdict::Near(Payload("[]".into()));
    assert!(!book.store.write(|tx| around.settle(tx, &stale, false, near())).unwrap(), "somebody was faster");
}

/// The rows belong to the question that they were shown with, and go with it.
#[test]
fn no_row_outlives_the_question_that_it_was_shown_with() {
    for to in [
        Move::Ready { due: None, reason: None },
        Move::Doubtful { reason: Reason::code("timeout"), alone: false },
        Move::Refused(Reason::code(code::REFUSED)),
        Move::Asks { reason: Reason::code(code::ABSENT), rows: None },
        Move::Closed(Reason::code(code::DROPPED)),
    ] {
        let book = Book::new();
        let (_, entry) = book.lost();
        assert_eq!(book.reads(&Reads::default(), &[like_it()]), 1);
        let head = || book.entry(entry).head;
        let go = |to: &Move| book.store.write(|tx| outbox::shift(tx, &head(), to, LOST)).unwrap();
        assert!(go(&Move::Later { due: LOST.steady }) && book.entry(entry).receipt.is_some());
        assert!(go(&to) && book.entry(entry).receipt.is_none(), "{to:?}");
    }
}
