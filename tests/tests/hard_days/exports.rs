//! Exports: sealed, whole, from every state a book can be in.

use super::*;
use satchel::export::Made;
use satchel::seal::Recipient;
use satchel::store::{Place, StoreKey};
use satchel::world::{RealDisk, RealRng, Rng};
use satchel::{Concern, Error};
use satchel_tests::tablet::person;

fn raw(tablet: &Shared, folder: &Path) -> rusqlite::Connection {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let key = tablet.world.vault.load(&format!("satchel/{name}/key")).unwrap().unwrap();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let db = rusqlite::Connection::open(folder.join("book.db")).unwrap();
    db.pragma_update(None, "key", format!("x'{hex}'")).unwrap();
    db
}

async fn with_people(tablet: &Shared, n: usize) -> Satchel {
    let satchel = tablet.open("dara").await.unwrap();
    for n in 0..n {
        satchel.add(person(&format!("Canary{n}"), "0968523147"), None).await.unwrap();
    }
    satchel
}

/// Sealed here, opened by another's code: at every edge of a piece, and by the chance that is handed in.
#[test]
fn what_is_sealed_opens_with_stock_tools() {
    struct Same(u8);
    impl Rng for Same {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }
    let organisation = Organisation::new();
    let to = Recipient::parse(&organisation.identity.to_public().to_string()).unwrap();
    for length in [0, 1, 47, 48, 49, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let plain: Vec<u8> = (0..length).map(|n| n as u8).collect();
        let sealed = to.seal(&plain, &RealRng).unwrap();
        assert!(organisation.opens(sealed.as_bytes()) == plain, "{length} bytes");
        let [one, same, other] = [7, 7, 8].map(|n| to.seal(&plain, &Same(n)).unwrap());
        assert!(one == same && one != other && organisation.opens(one.as_bytes()) == plain);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_sealed_and_leaves_nothing_plain() {
    let (bank, organisation) = (bank().await, Organisation::new());
    let mut tablet = Shared::new(&bank, &organisation);
    let satchel = with_people(&tablet, 3).await;
    let sealed = satchel.export_unsent().await.unwrap();
    assert_eq!((sealed.unsent, sealed.damaged_pages), (3, 0));
    let export = organisation.export(&sealed.sealed);
    assert_eq!((export.made, export.book.officer.as_str()), (Made::ByBook, "dara"));
    assert!(export.prospects.iter().all(|p| p.get("local").unwrap()["Phone"] == "0968523147"));
    let shown = format!("{sealed:?} {export:?} {:?} {:?}", export.prospects, export.entries);
    assert!(!shown.contains("Canary") && !shown.contains("0968523147"), "{shown}");
    let json = String::from_utf8(export.json().unwrap()).unwrap();
    assert!(!json.contains("S-dara") && !json.contains("secret"), "no session is in it");
    assert_eq!(satchel.summary().await.unwrap().unsent, 3, "the book goes on");
    satchel.shutdown().await.unwrap();
    let plain = |bytes: &[u8]| bytes.windows(6).any(|w| w == b"Canary");
    assert!(!image(&tablet.folder("dara")).iter().any(|(_, bytes)| plain(bytes)));

    tablet.profile.organisation_key = None;
    let satchel = tablet.open("dara").await.unwrap();
    assert_eq!(satchel.export_unsent().await, Err(Error::NotPossible { why: "no_organisation_key" }));
    satchel.shutdown().await.unwrap();
    tablet.profile.organisation_key = Some("age1".into());
    let wrong = tablet.open("dara").await.unwrap_err();
    assert!(matches!(wrong, Error::InvalidInput { field: "organisation_key", .. }));
}

/// A book of a newer version: what it added is in the export too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_book_is_exported_with_what_it_added() {
    let (bank, organisation) = (bank().await, Organisation::new());
    let tablet = Shared::new(&bank, &organisation);
    with_people(&tablet, 2).await.shutdown().await.unwrap();
    let folder = tablet.folder("dara");
    raw(&tablet, &folder)
        .execute_batch(
            "ALTER TABLE prospect ADD COLUMN mood TEXT; UPDATE prospect SET mood = 'good' WHERE id = 2;
             PRAGMA user_version = 99",
        )
        .unwrap();
    let satchel = Satchel::open(tablet.world.clone(), tablet.root.path(), "dara", tablet.profile.clone())
        .await
        .unwrap();
    assert!(satchel.health().await.unwrap().concerns.contains(&Concern::ReadOnly));
    let by_book = organisation.export(&satchel.export_unsent().await.unwrap().sealed);
    satchel.shutdown().await.unwrap();
    let key = StoreKey::load(&*tablet.world.vault, &Place::of_folder(&folder).unwrap()).unwrap().unwrap();
    let place = Place::of_folder(&folder).unwrap();
    let by_files = Export::from_files(&RealDisk, &place, &key, 0, &mut |_, _| ()).unwrap();
    for export in [&by_book, &by_files] {
        let mood: Vec<_> = export.prospects.iter().map(|p| p.text("mood")).collect();
        assert_eq!((mood, export.entries.len()), (vec!["", "good"], 2));
    }
    assert!(by_book.prospects == by_files.prospects && by_book.entries == by_files.entries);
}

/// A row that cannot be decoded is in the export, byte for byte.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_in_it_as_it_is() {
    let (bank, organisation) = (bank().await, Organisation::new());
    let tablet = Shared::new(&bank, &organisation);
    with_people(&tablet, 2).await.shutdown().await.unwrap();
    let folder = tablet.folder("dara");
    raw(&tablet, &folder)
        .execute("UPDATE prospect SET local = '{\"NameEn\": \"Sok' WHERE id = 1", [])
        .unwrap();
    let satchel = tablet.open("dara").await.unwrap();
    let export = organisation.export(&satchel.export_unsent().await.unwrap().sealed);
    let local = export.prospects[0].get("local").unwrap();
    let unreadable =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, b"{\"NameEn\": \"Sok");
    assert_eq!(local, &serde_json::json!({ "unreadable": unreadable }));
    let taker = tablet.open("vanna").await.unwrap();
    let handed = satchel.hand_over().await.unwrap();
    let taken = taker.take_over(handed).await.unwrap();
    assert_eq!((taken.taken.len(), taken.left.len(), taken.left[0].why), (1, 1, "unreadable"));
    satchel.shutdown().await.unwrap();
    taker.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_book_gives_all_but_what_lies_on_the_damage() {
    let (bank, organisation) = (bank().await, Organisation::new());
    let tablet = Shared::new(&bank, &organisation);
    with_people(&tablet, 60).await.shutdown().await.unwrap();
    let folder = tablet.folder("dara");
    let page = |of: &str, leaf: bool| {
        let db = raw(&tablet, &folder);
        let root = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        let root: i64 = db.query_row(root, [of], |r| r.get(0)).unwrap();
        root as usize + usize::from(leaf)
    };
    // The root of the prospects' tree, an inner page: SQLite gives none of them any more.
    let (prospects, db) = (page("prospect", false), folder.join("book.db"));
    let mut bytes = fs::read(&db).unwrap();
    for page in [1, prospects] {
        bytes[(page - 1) * 4096 + 777] ^= 4;
    }
    fs::write(&db, &bytes).unwrap();
    assert!(matches!(tablet.open("dara").await, Err(Error::StoreDamaged { unsent: 1.., .. })));
    let aside = Satchel::set_aside(&tablet.world, tablet.root.path(), "dara", &tablet.profile).unwrap();
    let before = image(&aside);
    let salvaged = Satchel::salvage(&tablet.world, &aside, &tablet.profile).await.unwrap();
    assert_eq!(image(&aside), before);
    assert_eq!((salvaged.damaged_pages, salvaged.unsent), (2, 60));
    let lost = |name: &str| salvaged.tables.iter().find(|t| t.name == name).map(|t| (t.rows, t.lost));
    assert_eq!((lost("prospect"), lost("outbox")), (Some((60, Some(0))), Some((60, Some(0)))));
    let export = organisation.export(&salvaged.sealed);
    assert_eq!(
        (export.made, export.prospects.len(), export.book.officer.as_str()),
        (Made::FromFiles, 60, "dara")
    );

    let (code, out, err) = organisation.rescue(&["salvage", aside.to_str().unwrap()]);
    assert!(
        code == 3 && out.contains("2 pages of the book are damaged") && out.contains("0 lost"),
        "{out}{err}"
    );
    // Nothing at all left: said, with what was known from outside.
    fs::write(aside.join("book.db"), vec![7; 4096 * 3]).unwrap();
    let (code, _, err) = organisation.rescue(&["salvage", aside.to_str().unwrap()]);
    assert!(code == 1 && err.contains("nothing can be read"), "{err}");
    let nothing = Satchel::salvage(&tablet.world, &aside, &tablet.profile).await;
    assert!(matches!(nothing, Err(Error::StoreDamaged { unsent: 1.., .. })));
    let none = Satchel::salvage(&tablet.world, tablet.root.path(), &tablet.profile).await;
    assert_eq!(none, Err(Error::NotFound { what: "book" }));
}
