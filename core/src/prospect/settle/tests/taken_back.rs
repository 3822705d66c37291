//! What becomes of a create in doubt that the officer has taken back.

use super::*;

#[test]
fn what_was_taken_back_is_closed_when_it_is_lacking_and_rejected_when_it_is_there() {
    let take_back = |rows: &[Downloaded]| {
        let book = Book::new();
        let (id, entry) = book.lost();
        book.store.write(|tx| rows::set_intent(tx, id, Some(Intent::Reject))).unwrap();
        assert_eq!(book.reads(&Reads::default(), rows), 1);
        let open = book.store.read(|conn| outbox::open_of_lane(conn, &id.lane())).unwrap();
        (book.entry(entry).head.state, open.into_iter().map(|e| e.head.verb).collect::<Vec<_>>())
    };
    assert_eq!(take_back(&[]), (State::Closed, vec![]));
    assert_eq!(take_back(&[arrived("2947-1")]), (State::Done, vec!["reject".to_owned()]));
}

/// Where lacking it is no proof, it may be at the bank one day: the wish is kept until it is known, or she is asked.
#[test]
fn what_was_taken_back_is_not_closed_on_a_list_that_proves_nothing() {
    let unstated: fn(&mut Profile) = |p| p.prospect.lateness_ms = None;
    for (change, key_verified) in [(unstated, true), (|_| {}, false)] {
        let book = Book::of(change);
        let (id, entry) = book.lost();
        book.store.write(|tx| rows::set_intent(tx, id, Some(Intent::Reject))).unwrap();
        let lacks = |ms| book.reads(&Reads { at: after(ms), key_verified, ..Reads::default() }, &[]);
        assert_eq!(lacks(HOUR), 0);
        assert_eq!((book.stands(entry), book.entry(entry).head.due.is_some()), (in_doubt(), true));
        assert_eq!(lacks(72 * HOUR), 1);
        assert_eq!(book.stands(entry), stands(State::Asks, code::NO_VERDICT));
        assert_eq!(book.store.read(|conn| rows::intent(conn, id)).unwrap(), Some(Intent::Reject));
        let came = Reads { of: one_code(), at: after(73 * HOUR), key_verified, ..Reads::default() };
        assert_eq!(book.reads(&came, &[arrived("2947-1")]), 1);
        let open = book.store.read(|conn| outbox::open_of_lane(conn, &id.lane())).unwrap();
        assert_eq!(open.into_iter().map(|e| e.head.verb).collect::<Vec<_>>(), ["reject"]);
    }
}
