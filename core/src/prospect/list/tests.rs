use super::*;

fn book() -> Connection {
    crate::store::ready();
    let conn = Connection::open_in_memory().expect("a database");
    conn.execute_batch(include_str!("../../../migrations/0001_init.sql")).expect("the schema");
    conn.execute_batch(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
         INSERT INTO prospect (id, code, created_at, own, local, revision, acked, life, unsent, status, village, list_key,
                               search_key, khmer_key, phone_key, theirs)
         SELECT i, 'C' || i, '', 0, '{}', 0, 0, 'live', i % 50 = 0, '2', '0307', 'name' || i, 'name' || i, '', '',
                iif(i % 60 = 0, '[]', NULL) FROM n;",
    )
    .expect("rows");
    conn
}

/// What SQLite says it will do, without its numbers.
fn plan(conn: &Connection, sql: &str, values: Vec<Value>) -> Vec<String> {
    let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
    let steps = explain.query_map(params_from_iter(values), |row| row.get(3)).expect("a plan");
    steps.collect::<rusqlite::Result<_>>().expect("a plan")
}

/// Every combination of filters.
fn queries() -> Vec<Query> {
    let [text, phone] = ["name".to_owned(), "012 345".to_owned()].map(Some);
    let mut queries = vec![Query::default()];
    let mut cross = |change: &dyn Fn(&mut Query)| {
        let mut more = queries.clone();
        more.iter_mut().for_each(change);
        queries.extend(more);
    };
    cross(&|q| q.text.clone_from(&text));
    cross(&|q| q.text.clone_from(&phone));
    cross(&|q| q.status = Some("2".into()));
    cross(&|q| q.village_prefix = Some("03".into()));
    cross(&|q| q.unsent = Some(false));
    cross(&|q| q.unsent = Some(true));
    cross(&|q| q.conflict = Some(false));
    cross(&|q| q.conflict = Some(true));
    cross(&|q| q.include_closed = true);
    cross(&|q| q.after = Some(Cursor(ProspectId(7))));
    queries
}

#[test]
fn nothing_is_sorted_and_no_whole_table_is_read() {
    let conn = book();
    for query in queries() {
        let (sql, values) = statement(&conn, &query).expect("a statement");
        let steps = plan(&conn, &sql, values);
        for step in &steps {
            assert!(!step.contains("TEMP B-TREE"), "{sql}\n{steps:?}");
            // The two partial indexes hold few rows by their nature; the list's holds all and must not go to the table.
            let few = step.contains("INDEX prospect_unsent") || step.contains("INDEX prospect_conflict");
            // The row that the last page ended with, to begin behind it.
            let cursor = query.after.is_some() && step.contains("INTEGER PRIMARY KEY (rowid=?)");
            let by_index = few || cursor || step.contains("COVERING INDEX prospect_list");
            let reads = step.starts_with("SCAN") || step.starts_with("SEARCH");
            assert!(!reads || by_index, "{sql}\n{steps:?}");
        }
        let list =
            if query.unsent == Some(true) { "INDEX prospect_unsent" } else { "COVERING INDEX prospect_list" };
        assert!(steps[0].contains(list), "{sql}\n{steps:?}");
        // The next page begins at its place in the index and does not walk there.
        assert_eq!(steps[0].starts_with("SEARCH"), query.after.is_some(), "{sql}\n{steps:?}");
        if query.conflict.is_some() {
            assert!(steps.iter().any(|s| s.contains("INDEX prospect_conflict")), "{sql}\n{steps:?}");
        }
    }
    for (sql, index) in
        SIMILAR.iter().zip(["prospect_phone", "COVERING INDEX prospect_list", "prospect_khmer"])
    {
        let steps = plan(&conn, sql, vec![Value::Null]);
        assert!(
            matches!(&steps[..], [one] if one.starts_with("SEARCH") && one.contains(index)),
            "{index}: {steps:?}"
        );
    }
}

#[test]
fn what_is_typed_becomes_what_is_looked_for() {
    for (typed, expected) in [
        ("", &[][..]),
        (" \u{200B} ", &[]),
        ("Sok Dara", &["sokdara"]),
        ("096 852", &["096852"]),
        ("០៩៦ ៨៥២", &["096852"]),
        ("096-852", &["096-852", "096852"]),
        ("+(96)", &["+(96)", "96"]),
        ("2947-1", &["2947-1", "29471"]),
        ("a-1", &["a-1"]),
        ("%_'\\", &["%_'\\"]),
        ("--", &["--"]),
    ] {
        assert_eq!(needles(typed).expect("short"), expected, "{typed:?}");
    }
    assert!(needles(&"x".repeat(LONGEST_SEARCH)).is_ok());
    for long in [LONGEST_SEARCH + 1, 10 << 20] {
        let refused = Err(Error::invalid("text", Problem::TooLong { max: LONGEST_SEARCH }));
        assert_eq!(needles(&"x".repeat(long)), refused);
    }
}

#[test]
fn one_number_in_three_spellings() {
    let all = ["0968523147", "968523147", "855968523147", "00855968523147"];
    for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
        assert!(same_phone(a, b), "{a} {b}");
    }
    for (a, b) in
        [("0968523147", "0868523147"), ("", ""), ("", "0968523147"), ("47", "0968523147"), ("0000000", "0")]
    {
        assert!(!same_phone(a, b), "{a} {b}");
    }
}

#[test]
fn a_cursor_is_a_text_that_says_nothing() {
    let cursor = Cursor(ProspectId(42));
    assert_eq!(cursor.to_string().parse(), Ok(cursor));
    for text in ["", "42", "after-", "after-x", "after-1;", "after-99999999999999999999"] {
        assert!(matches!(text.parse::<Cursor>(), Err(Error::InvalidInput { field: "after", .. })), "{text}");
    }
}

#[test]
fn debug_shows_no_personal_data() {
    let canary = || "CANARY".to_owned();
    let query = Query {
        text: Some(canary()),
        status: Some(canary()),
        village_prefix: Some(canary()),
        ..Query::default()
    };
    let item = Listed {
        id: ProspectId(1),
        code: Some(canary()),
        name_en: canary(),
        name_kh: canary(),
        phone: canary(),
        status: canary(),
        village: canary(),
        unsent: true,
        conflict: false,
        life: Life::Live,
    };
    let page = Page { items: vec![item], ..Page::default() };
    assert!(!format!("{query:?} {page:?}").contains("CANARY"));
}
