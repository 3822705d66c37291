//! The list, its filters, its search and its pages.

use super::*;
use satchel::prospect::list::{MOST_SIMILAR, Why};

#[test]
fn khmer_is_found_however_it_is_typed() {
    let mut conn = book();
    let sokha =
        [(Field::NameKh, "ស្រ្តី សុ\u{200B}ខា"), (Field::NameEn, "Srey Sokha"), (Field::Phone, "០១២ 345-678")];
    let woman = add(&mut conn, &sokha);
    let other =
        add(&mut conn, &[(Field::NameKh, "ជា ឌី"), (Field::NameEn, "Pha dy"), (Field::Phone, "0968523147")]);
    let khmer = ["ស្ត្រី", "ស្រ្តី", "ស្រី្ត", "សុខា", "ស្ត្រីសុខា", "សុ ខា"];
    let others = ["SREY", "sreysokha", "012", "០១២", "012345678", "+(012) 345", "345 6"];
    for text in khmer.into_iter().chain(others) {
        assert_eq!(search(&conn, text), [woman], "{text}");
    }
    assert_eq!((search(&conn, "ឌី"), search(&conn, "DY")), (vec![other], vec![other]));
    assert!(search(&conn, "%").is_empty() && search(&conn, "_").is_empty(), "no wildcards");
    assert!(search(&conn, "srey sokha ស្ត្រី").is_empty(), "no match across two parts");
    assert_eq!(search(&conn, " \u{200B}").len(), 2, "nothing to look for is no filter");
    let giant = list(&conn, &Query { text: Some("x".repeat(10 << 20)), ..Query::default() });
    assert!(matches!(giant, Err(Error::InvalidInput { field: "text", .. })));
}

const STATUSES: [&str; 2] = [" 1", "2"];
const VILLAGES: [&str; 3] = ["0307", "03", "1203"];

/// Forty-eight records in which every filter splits every other.
fn many() -> Connection {
    let mut conn = book();
    for i in 0..48_usize {
        let name = format!("n{i:02}");
        let pairs = [
            (Field::NameEn, name.as_str()),
            (Field::Status, STATUSES[i % 2]),
            (Field::Village, VILLAGES[i % 3]),
        ];
        let id = add(&mut conn, &pairs);
        let mark = |row: &mut rows::Row| {
            row.unsent = i % 4 < 2;
            row.conflict = conflict().filter(|_| i.is_multiple_of(5));
            row.life = if i.is_multiple_of(7) { Life::Gone } else { Life::Live };
            Ok(())
        };
        write(&mut conn, |tx| rows::update(tx, id, mark)).unwrap();
    }
    conn
}

#[test]
fn filters_hold_together() {
    let conn = many();
    let maybe = [None, Some(false), Some(true)];
    let texts = [
        (None, None),
        (Some("2"), None),
        (None, Some("03")),
        (Some(" 1"), Some("0307")),
        (Some("1"), Some("")),
    ];
    for (status, village) in texts {
        for case in 0..18 {
            let (unsent, conflict, include_closed) = (maybe[case % 3], maybe[case / 3 % 3], case < 9);
            let expected = (0..48).filter(|i| {
                status.is_none_or(|s| s == STATUSES[i % 2])
                    && VILLAGES[i % 3].starts_with(village.unwrap_or_default())
                    && unsent.is_none_or(|u| u == (i % 4 < 2))
                    && conflict.is_none_or(|c| c == i.is_multiple_of(5))
                    && (include_closed || !i.is_multiple_of(7))
            });
            let expected: Vec<_> = expected.map(|i| ProspectId(i as i64 + 1)).collect();
            let (status, village_prefix) = (status.map(Into::into), village.map(Into::into));
            let query =
                Query { status, village_prefix, unsent, conflict, include_closed, ..Query::default() };
            assert_eq!(found(&conn, &query), expected, "{query:?} {village:?}");
        }
    }
    let first = Query { limit: 1, include_closed: true, ..Query::default() };
    let shown = &list(&conn, &first).unwrap().items[0];
    assert_eq!(
        (shown.name_en.as_str(), shown.status.as_str(), shown.village.as_str()),
        ("n00", " 1", "0307")
    );
    assert!(shown.unsent && shown.conflict && shown.life == Life::Gone);
}

/// Reads the list page by page, doing something after each page.
fn walk(conn: &mut Connection, limit: usize, mut between: impl FnMut(&mut Connection)) -> Vec<ProspectId> {
    let (mut all, mut query) = (vec![], Query { limit, ..Query::default() });
    for _ in 0..10_000 {
        let page = list(conn, &query).unwrap();
        assert!(page.items.len() <= limit);
        all.extend(page.items.iter().map(|item| item.id));
        let Some(next) = page.next else { return all };
        query.after = Some(next.to_string().parse().unwrap());
        between(conn);
    }
    panic!("the pages do not end");
}

#[test]
fn pages_neither_repeat_nor_hide_while_records_are_added() {
    let mut conn = book();
    // Many of one name: the number decides among them.
    let before: Vec<_> = (0..60).map(|i| named(&mut conn, ["sok", "pha", "", "zim"][i % 4])).collect();
    let mut turn = 0;
    let seen = walk(&mut conn, 7, |conn| {
        turn += 1;
        // Fewer are added than a page holds, so the end is reached.
        named(conn, ["aaa", "sok", "zzz"][turn % 3]);
    });
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "none twice");
    assert!(before.iter().all(|id| once.contains(id)), "none hidden");

    assert_eq!(list(&conn, &Query { limit: 0, ..Query::default() }).unwrap().items.len(), 1);
    assert_eq!(list(&conn, &Query { limit: usize::MAX, ..Query::default() }).unwrap().next, None);
    let foreign = Query { after: Some("after-9999".parse().unwrap()), ..Query::default() };
    assert_eq!(list(&conn, &foreign), Err(Error::NotFound { what: "cursor" }));
}

#[test]
fn a_page_of_damaged_records_does_not_end_the_list() {
    let mut conn = book();
    let ids: Vec<_> = (0..6).map(|i| named(&mut conn, &format!("n{i}"))).collect();
    ids[1..4].iter().for_each(|id| overwrite(&conn, *id, "local", Some("x")));
    assert_eq!(walk(&mut conn, 2, |_| ()), [ids[0], ids[4], ids[5]]);
}

#[test]
fn the_same_person_is_noticed_before_she_is_added_twice() {
    let mut conn = book();
    let dy = [(Field::NameEn, "Pha dy"), (Field::NameKh, "ជា ឌី"), (Field::Phone, "096 852 3147")];
    let (dy, dyna) =
        (add(&mut conn, &dy), add(&mut conn, &[(Field::NameEn, "Pha dyna"), (Field::Phone, "012")]));
    assert_eq!(similar(&conn, "+855 968523147", ["", ""]).unwrap(), [(dy, Why::Phone)]);
    assert_eq!(similar(&conn, "០៩៦៨៥២៣១៤៧", ["x", "y"]).unwrap(), [(dy, Why::Phone)]);
    assert_eq!(similar(&conn, "", ["PHA DY", ""]).unwrap(), [(dy, Why::Name)]);
    assert_eq!(similar(&conn, "", ["", "ជាឌី"]).unwrap(), [(dy, Why::Name)]);
    assert_eq!(similar(&conn, "", ["pha dyna", ""]).unwrap(), [(dyna, Why::Name)]);
    for (phone, names) in [("", ["", ""]), ("012", ["", ""]), ("868523147", ["", ""]), ("", ["pha", "ឌី"])]
    {
        assert_eq!(similar(&conn, phone, names).unwrap(), [], "{phone} {names:?}");
    }
    write(&mut conn, |tx| rows::set_life(tx, dy, Life::Rejected)).unwrap();
    assert_eq!(
        similar(&conn, "0968523147", ["", ""]).unwrap().len(),
        1,
        "a rejected one is worth knowing of"
    );
    write(&mut conn, |tx| rows::set_life(tx, dy, Life::Withdrawn)).unwrap();
    assert_eq!(similar(&conn, "0968523147", ["", ""]).unwrap(), []);
    for _ in 0..30 {
        add(&mut conn, &[(Field::Phone, "011222333")]);
    }
    assert_eq!(similar(&conn, "011222333", ["", ""]).unwrap().len(), MOST_SIMILAR);
}
