//! Personal data and secrets are inside the encrypted book and in verified calls, and nowhere else.
//!
//! A child process has an officer's bad day with texts that occur nowhere else in the world: every field, the secrets,
//! the server's rows and words, a draft, a search. It prints whatever the library can print. Then every byte of every
//! file and of all output is searched for them. The child is killed by itself first, so that the log is still there.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use satchel::Decision;
use satchel::profile::Profile;
use satchel::prospect::{About, Choice, Field, FieldChange, Fields, Kind, ProspectId, Query};
use satchel::store::Place;
use satchel::world::{KeyVault, RealDisk};
use satchel::{Error, Satchel, outbox::plan::Link};
use satchel_sandbox::{Fault, Kind as Fails, Officer, Options, Running};
use satchel_tests::tablet::{self, off_the_minute, profile, secrets, until};
use satchel_tests::vault::FileVault;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

/// In every text that must not show.
const CANARY: &str = "Zqx7Canary";
/// As digits, where only digits are taken.
const PHONE: &str = "0968 523 147 730";
const TIME: &str = "2031-07-23 04:05:06.000";
/// Names nobody: the staff id under which the app opened the book may stand in the side file.
const OFFICER: &str = "staff-7";
/// Set in the child: where its folders are, and the service.
const CHILD: &str = "SATCHEL_CANARY_CHILD";

fn text(of: &str) -> String {
    format!("{CANARY}-{of}-ឈ្មោះ")
}

/// A canary in every field that the officer writes.
fn person(name: &str) -> Vec<FieldChange> {
    let fields = Field::ALL.into_iter().filter(|f| *f != Field::CreatedAt);
    let value = |field: Field| match field.kind() {
        Kind::Phone => PHONE.to_owned(),
        Kind::DateTime | Kind::Day => TIME.to_owned(),
        Kind::Number => "117".to_owned(),
        Kind::Flag => "1".to_owned(),
        Kind::Text | Kind::Code if field == Field::NameEn => format!("{CANARY} {name}"),
        Kind::Text | Kind::Code => text(field.name()),
    };
    fields.map(|field| FieldChange::text(field, value(field))).collect()
}

fn told(what: &impl Debug) {
    println!("{what:?}\n{what:#?}");
    eprintln!("{what:?}");
}

fn failed<T: Debug>(result: Result<T, Error>) {
    let error = result.expect_err("it fails");
    println!("{error} {:?} {:?}", error.what_now(), std::error::Error::source(&error));
    told(&error);
}

struct Day {
    satchel: Satchel,
    profile: Profile,
    root: PathBuf,
}

impl Day {
    async fn open(folder: &Path, url: &str) -> Day {
        let mut profile = profile(url);
        profile.prospect.batch_max = 1;
        let vault = Arc::new(FileVault::in_folder(&folder.join("vault")).unwrap());
        let world = tablet::world(&profile, vault);
        let root = folder.join("books");
        let satchel = Satchel::open(world, &root, OFFICER, profile.clone()).await.unwrap();
        satchel.link_changed(Link::Unmetered);
        Day { satchel, profile, root }
    }

    async fn add(&self, name: &str) -> ProspectId {
        off_the_minute().await;
        let added = self.satchel.add(person(name), None).await.unwrap();
        told(&added);
        added.id
    }

    /// Waits until nothing is under way.
    async fn settled(&self) {
        let s = &self.satchel;
        until("nothing moves by itself", || async {
            let states = s.summary().await.unwrap().by_state;
            ["ready", "sending", "doubtful"].iter().all(|state| !states.contains_key(state))
        })
        .await;
    }

    /// Everything that a log could be handed.
    async fn everything(&self) {
        let s = &self.satchel;
        told(s);
        told(&self.profile);
        let query = Query { text: Some(text("search")), include_closed: true, ..Query::default() };
        told(&query);
        told(&s.list(query).await.unwrap());
        let page = s.list(Query { include_closed: true, ..Query::default() }).await.unwrap();
        assert!(page.items.len() >= 3);
        told(&page);
        for item in &page.items {
            told(&s.get(item.id).await.unwrap());
            let standing = s.standing(item.id).await.unwrap();
            told(&standing);
            println!("{}", serde_json::to_string(&standing).unwrap());
            told(&s.history(item.id).await.unwrap());
        }
        let waiting = s.waiting(satchel::outbox::entry::EntryId(0), 500).await.unwrap();
        told(&waiting);
        println!("{}", serde_json::to_string(&waiting).unwrap());
        told(&s.asks().await.unwrap());
        let (summary, health) = (s.summary().await.unwrap(), s.health().await.unwrap());
        println!("{}", serde_json::to_string(&(&summary, &health)).unwrap());
        told(&(summary, health));
        told(&s.drafts(10).await.unwrap());
        told(&s.draft(About::New("visit".into())).await.unwrap());
        told(&s.feed(0, 500).await.unwrap());
        told(&s.progress());
        told(&Satchel::books(&RealDisk, &self.root).unwrap());
    }

    /// What the officer does wrong, each time with a canary in it.
    async fn mistakes(&self, id: ProspectId) {
        let s = &self.satchel;
        for field in Field::ALL {
            let wrong = FieldChange::text(field, format!("{CANARY}\0"));
            told(&wrong);
            failed(s.edit(id, vec![wrong.clone()]).await);
            failed(s.add(vec![wrong], None).await);
        }
        failed(s.get_by_code(CANARY).await);
        failed(s.edit_by_code(CANARY, vec![]).await);
        failed(s.save_draft(About::New(text("draft name")), String::new()).await);
        failed(s.list(Query { text: Some(CANARY.repeat(100)), ..Query::default() }).await);
        failed(s.pause_remote(CANARY, CANARY).await);
        failed(s.resume_remote(CANARY).await);
        failed(s.resolve(id, satchel::Stamp(0), vec![(Field::NameEn, Choice::Mine)]).await);
        failed(CANARY.parse::<satchel::prospect::Cursor>());
        let decision = Decision::Arrived { code: CANARY.into() };
        told(&decision);
        let nobody = satchel::outbox::entry::EntryId(999);
        let asked = satchel::Question { entry: nobody, asked: satchel::Stamp(0) };
        failed(s.decide(vec![asked], decision).await);
        let mut wrong = canary_secrets();
        wrong.key = CANARY.as_bytes().to_vec().into();
        told(&wrong);
        failed(s.sign_in(wrong, None).await);
    }
}

fn canary_secrets() -> satchel::prospect::ProspectSecrets {
    let mut of = secrets(&format!("{CANARY}-session"));
    of.user = format!("{CANARY}-user").into();
    of.password = format!("{CANARY}-password").into();
    (of.key, of.iv) = (CANARY_KEY.to_vec().into(), b"Zqx7Canary-iv-16".to_vec().into());
    of
}

const CANARY_KEY: &[u8; 32] = b"Zqx7Canary-envelope-key-32-bytes";

/// The child: a day with everything in it, then an end without a word.
async fn day(folder: &Path, url: &str) {
    // Its creation times, a second apart, must not come to the full minute: rounding would not change it.
    while jiff::Timestamp::now().as_second() % 60 >= 50 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let day = Day::open(folder, url).await;
    let s = &day.satchel;
    s.sign_in(canary_secrets(), Some(1)).await.unwrap();
    s.save_draft(About::New("visit".into()), text("draft")).await.unwrap();
    told(&s.download(None).await.unwrap());
    failed(s.download(None).await); // a portal
    failed(s.download(Some(CANARY)).await); // rubbish
    failed(s.download(None).await); // another key
    told(&s.download(Some(CANARY)).await);
    s.resume();
    for name in ["refused", "near", "settled"] {
        day.add(name).await;
        day.settled().await;
    }
    let id = s.list(Query::default()).await.unwrap().items[0].id;
    day.mistakes(id).await;
    let receipt = s.receipt().await.unwrap();
    println!("{} {}", receipt.text(), receipt.json().unwrap());
    told(&receipt);
    told(&s.drain(Duration::from_secs(2)).await.unwrap());
    day.everything().await;
    s.add(person("last, still in the log"), None).await.unwrap();
    assert!(
        s.asks().await.unwrap().iter().any(|ask| ask.about.iter().any(|a| !a.rows.is_empty())),
        "near rows"
    );
    std::process::abort();
}

/// The second child: everything again after the crash, then an orderly end.
async fn evening(folder: &Path, url: &str) {
    let day = Day::open(folder, url).await;
    day.everything().await;
    day.satchel.pause(Duration::from_secs(5)).await.unwrap();
    day.satchel.sign_out().await.unwrap();
    day.satchel.shutdown().await.unwrap();
    failed(day.satchel.summary().await);
}

async fn bank() -> Running {
    let of = canary_secrets();
    let officer = Officer::new(of.user.reveal(), of.password.reveal(), of.session.reveal());
    let iv = of.iv.reveal().as_slice().try_into().unwrap();
    let options = Options { key: CANARY_KEY.to_vec(), iv, officers: vec![officer], ..Options::default() };
    let bank = tablet::sandbox_of(options).await;
    let mut settings = bank.settings();
    settings.poison = format!("{CANARY} refused");
    bank.set_settings(settings);
    let others =
        [("NameEn", text("other's name")), ("Phone", PHONE.into()), ("CustComment", text("other's"))];
    bank.insert_as_other_device(others);
    let add = |kind| Fault::new(kind).on("ProspectAddV2").times(1).skip(1);
    let get = |kind, skip| Fault::new(kind).on("ProspectGetV2").times(1).skip(skip);
    bank.set_faults(vec![
        get(Fails::CaptivePortal { reaches: false }, 1),
        get(Fails::Garbage, 2),
        get(Fails::WrongKey, 2),
        add(Fails::LostClose),
        add(Fails::RoundMinutes),
    ]);
    bank
}

fn child(part: &str, folder: &Path, url: &str) -> Output {
    let temp = folder.join("temp");
    std::fs::create_dir_all(&temp).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "no_file_and_no_word_holds_any_of_it", "--nocapture"])
        .env(CHILD, format!("{part}\n{}\n{url}", folder.display()))
        .envs(["TMPDIR", "SQLITE_TMPDIR", "HOME"].map(|name| (name, &temp)))
        .env("RUST_BACKTRACE", "full")
        .current_dir(&temp)
        .output()
        .unwrap()
}

/// As text, as UTF-16, as hex: what a file or a log may make of it.
fn shapes(of: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = of.iter().map(|b| format!("{b:02x}")).collect();
    let listed = of.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let wide = of.iter().flat_map(|b| [*b, 0]).collect();
    vec![of.to_vec(), wide, hex.to_uppercase().into_bytes(), hex.into_bytes(), listed.into_bytes()]
}

fn found(needles: &[Vec<u8>], bytes: &[u8]) -> Option<String> {
    let at = |needle: &Vec<u8>| bytes.windows(needle.len()).position(|seen| seen == needle);
    let at = needles.iter().find_map(at)?;
    Some(String::from_utf8_lossy(&bytes[at.saturating_sub(120)..(at + 80).min(bytes.len())]).into_owned())
}

/// Every file below, but the vault's: that is where the key belongs.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true if path.ends_with("vault") => {}
            true => all.extend(files(&path)),
            false => all.push(path),
        }
    }
    all
}

fn sweep(folder: &Path, key: &[u8], said: &Output) {
    let texts = [CANARY, "ឈ្មោះ", "0968523147", PHONE, &TIME[..19], "is invalid", "(00002)"];
    let mut needles: Vec<_> = texts.iter().flat_map(|text| shapes(text.as_bytes())).collect();
    needles.extend(shapes(&key[..32]));
    let escaped = "ឈ្មោះ".chars().map(|c| c.escape_unicode().to_string()).collect::<String>();
    needles.push(escaped.into_bytes());
    let swept = files(folder);
    assert!(swept.iter().any(|path| path.ends_with("book.db")));
    for path in swept {
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(found(&needles, &bytes), None, "in {}", path.display());
    }
    assert!(said.stdout.len() > 10_000, "much was said");
    for said in [&said.stdout, &said.stderr] {
        assert_eq!(found(&needles, said), None, "in what was said");
    }
}

/// The book held it all: the sweep had something to miss.
fn holds(folder: &Path, key: &[u8]) {
    let place = Place::of(&folder.join("books"), OFFICER, "test").unwrap();
    let db = rusqlite::Connection::open(place.folder().join("book.db")).unwrap();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    db.pragma_update(None, "key", format!("x'{hex}'")).unwrap();
    let all = |sql: &str| -> String {
        let mut rows = db.prepare(sql).unwrap();
        let texts = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        texts.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    let kept = all("SELECT local FROM prospect");
    let fields: Fields = serde_json::from_str(kept.lines().last().unwrap()).unwrap();
    for change in person("last, still in the log") {
        assert_eq!(fields.get(change.field), change.value.unwrap(), "{}", change.field.name());
    }
    assert!(kept.contains("other's name") && all("SELECT form FROM draft").contains(CANARY));
}

#[test]
fn no_file_and_no_word_holds_any_of_it() {
    if let Ok(told) = std::env::var(CHILD) {
        let [part, folder, url] = told.split('\n').collect::<Vec<_>>().try_into().unwrap();
        let folder = Path::new(folder);
        satchel::world::runtime().block_on(async {
            match part {
                "day" => day(folder, url).await,
                _ => evening(folder, url).await,
            }
        });
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bank = runtime.block_on(bank());
    let folder = tempfile::tempdir().unwrap();
    let key = || {
        let vault = FileVault::in_folder(&folder.path().join("vault")).unwrap();
        let place = Place::of(&folder.path().join("books"), OFFICER, "test").unwrap();
        vault.load(&format!("satchel/{}/key", place.book)).unwrap().expect("the key")
    };
    for part in ["day", "evening"] {
        let said = child(part, folder.path(), bank.base_url());
        let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        assert!(!err.contains("panicked") && !out.contains("FAILED"), "{part}: {err}");
        assert_eq!(said.status.success(), part == "evening", "{part}: {err}");
        let log = files(folder.path()).iter().any(|path| path.ends_with("book.db-wal"));
        assert!(log || part == "evening", "it was cut off in the middle");
        sweep(folder.path(), &key(), &said);
    }
    holds(folder.path(), &key());
}
