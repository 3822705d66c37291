//! What cannot be decoded holds up nobody else.

use super::*;
use satchel::outbox::entry::{Effect, EntryId, NetClass};
use satchel::outbox::remote::{Remote, Session};
use satchel::outbox::rows::{self as outbox, NewEntry, Now};
use satchel::profile::Profile;
use satchel::prospect::{ProspectRemote, ProspectSecrets};
use satchel::world::{RealRng, Secret, Steady};
use std::sync::Arc;

const NOW: Now = Now { steady: Steady(1), wall: 1 };

/// Two records with an entry each.
fn two() -> Connection {
    let mut conn = book();
    for name in ["Bad", "Good"] {
        let id = named(&mut conn, name);
        let lane = id.lane();
        let new = NewEntry {
            remote: "prospect",
            lane: &lane,
            verb: "create",
            effect: Effect::Create,
            class: NetClass::Small,
            author: "dara",
            after: None,
            body: None,
        };
        write(&mut conn, |tx| outbox::insert(tx, &new, NOW)).unwrap();
    }
    conn
}

fn harm(conn: &Connection, table: &str, what: &str) {
    assert_eq!(conn.execute(&format!("UPDATE {table} SET {what} WHERE id = 1"), []).unwrap(), 1);
}

#[test]
fn a_reason_that_is_none_keeps_no_other_lane_from_leaving() {
    for reason in ["'not json'", "'{'", "''", "CAST(x'ff' AS TEXT)"] {
        let conn = two();
        harm(&conn, "outbox", &format!("state = 'asks', reason = {reason}"));
        let heads = outbox::heads(&conn, "prospect", NetClass::Small, "dara", Steady(9), 10).unwrap();
        assert_eq!(heads.iter().map(|head| head.id).collect::<Vec<_>>(), [EntryId(2)], "{reason}");
        let asking = outbox::asking(&conn, 10).unwrap().remove(0);
        assert_eq!(asking.head.reason.unwrap().code, "unreadable_reason");
    }
}

/// What is ready is the officer's in session: however much of another one's is older, it hides none of hers. What is
/// in doubt is read in its author's session only; what was cut off is found by whoever comes.
#[test]
fn another_officers_entries_hide_none_of_hers() {
    let conn = two();
    for n in 3..=80 {
        conn.execute(
            "INSERT INTO outbox (id, remote, lane, verb, effect, class, author, state, due, since, since_wall, made_wall)
             SELECT ?1, remote, ?2, verb, effect, class, author, state, ?3, since, since_wall, made_wall FROM outbox WHERE id = 2",
            rusqlite::params![n, format!("prospect:{n}"), (n % 2 == 0).then_some(20)],
        )
        .unwrap();
    }
    conn.execute("UPDATE outbox SET author = 'vanna' WHERE id < 79", []).unwrap();
    harm(&conn, "outbox", "state = 'sending'");
    let heads = |author| {
        let heads = outbox::heads(&conn, "prospect", NetClass::Small, author, Steady(9), 10).unwrap();
        heads.iter().map(|head| head.id.0).collect::<Vec<_>>()
    };
    assert_eq!(heads("dara"), [1, 79, 80]);
    assert_eq!(heads("vanna").len(), 1 + 10 + 10);
    assert_eq!(heads("nobody"), [1]);
    let unread = r#"UPDATE outbox SET state = 'asks', reason = '{"code":"no_verdict"}' WHERE id IN (3, 80)"#;
    for sql in ["UPDATE outbox SET state = 'doubtful' WHERE id IN (2, 79)", unread] {
        conn.execute(sql, []).unwrap();
    }
    assert_eq!(heads("dara"), [1, 79, 80]);
    assert_eq!((&heads("vanna")[..3], heads("nobody")), (&[1, 2, 3][..], vec![1]));
}

#[test]
fn an_entry_without_a_verb_or_a_record_is_set_aside_and_the_others_leave() {
    let secrets = ProspectSecrets {
        user: "dara".into(),
        password: "secret".into(),
        session: "S-1".into(),
        key: vec![7; 32].into(),
        iv: vec![9; 16].into(),
    };
    let secrets = Secret::new(serde_json::to_string(&secrets).unwrap());
    let session = Session { officer: "dara".to_owned(), secrets };
    let remote = ProspectRemote::new(Arc::new(Profile::new("bank", "https://localhost/api/")));
    for harmed in ["verb = 'fly'", "verb = CAST(x'ff' AS TEXT)", "lane = 'nobody''s'"] {
        let mut conn = two();
        write(&mut conn, |tx| rows::set_code(tx, ProspectId(1), "C-1")).unwrap();
        harm(&conn, "outbox", harmed);
        let batch = [1, 2].map(|id| outbox::get(&conn, EntryId(id)).unwrap().unwrap());
        let out = write(&mut conn, |tx| remote.encode(tx, &batch, &session, &RealRng, NOW)).unwrap().unwrap();
        assert_eq!(out.sent.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), [EntryId(2)], "{harmed}");
        assert!(out.call.url.reveal().contains("/ProspectAddV2?"), "{harmed}");
        let state = outbox::get(&conn, EntryId(1)).unwrap().unwrap().head.state;
        assert_eq!(state.word(), "set_aside", "{harmed}");
    }
}

#[test]
fn bytes_that_are_no_text_end_no_page_and_no_download() {
    for column in ["list_key", "local", "base", "server", "created_at", "search_key"] {
        let mut conn = two();
        write(&mut conn, |tx| rows::set_code(tx, ProspectId(1), "C-1")).unwrap();
        harm(&conn, "prospect", &format!("{column} = CAST(x'61ff' AS TEXT)"));
        let mut query = Query { limit: 1, ..Query::default() };
        let mut found = 0;
        loop {
            let page = list(&conn, &query).unwrap();
            found += page.items.len() + page.damaged.len();
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(found, 2, "{column}");
        assert_eq!(rows::known(&conn, "C-1").unwrap().unwrap().id, ProspectId(1), "{column}");
    }
}
