//! The canary sweep: unique strings go through every field, every secret and the server's words; then every byte of the
//! data folder and everything that was printed or could be logged is searched for them, in every usual spelling.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod collection;
mod onboarding;

use satchel::Decision;
use satchel::prospect::{About, Field, FieldChange, Kind as FieldKind, ProspectSecrets, Query};
use satchel::standing::Place;
use satchel_sandbox::{Fault, Kind, Officer, Options, Running, Tls};
use satchel_tests::tablet::{self, LATENESS_MS, Tablet, sandbox_of, until};
use std::fmt::{Debug, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Every canary has it, so that one search finds them all; digits alone, for the fields that hold nothing else.
const MARK: &str = "77345501";
const WORD: &str = "Kanarienvogel";

/// What a form's field holds, with a canary in it where the field's form allows one.
fn canary(field: Field) -> Option<FieldChange> {
    match field.kind() {
        FieldKind::Text | FieldKind::Code => {
            Some(FieldChange::text(field, format!("{WORD}{MARK} {}", field.name())))
        }
        FieldKind::Phone => Some(FieldChange::text(field, format!("0{MARK}"))),
        _ => None,
    }
}

fn secrets() -> ProspectSecrets {
    ProspectSecrets {
        user: format!("user-{WORD}").into(),
        password: format!("password-{WORD}").into(),
        session: format!("session-{WORD}").into(),
        key: format!("{WORD}{WORD}{WORD}").as_bytes()[..32].to_vec().into(),
        iv: format!("{WORD}{WORD}").as_bytes()[..16].to_vec().into(),
    }
}

async fn server() -> Running {
    let secrets = secrets();
    let officer = Officer::new(
        secrets.user.reveal().clone(),
        secrets.password.reveal().clone(),
        secrets.session.reveal().clone(),
    );
    let iv = secrets.iv.reveal().as_slice().try_into().unwrap();
    let key = secrets.key.reveal().clone();
    sandbox_of(Options {
        tls: Tls::Good,
        key,
        iv,
        officers: vec![officer],
        lateness_ms: LATENESS_MS,
        ..Options::default()
    })
    .await
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let whole = bytes.chunks_exact(3).flat_map(|c| {
        let n = u32::from(c[0]) << 16 | u32::from(c[1]) << 8 | u32::from(c[2]);
        [18, 12, 6, 0].map(|shift| SIGNS[(n >> shift & 63) as usize] as char)
    });
    whole.collect()
}

/// The spellings of a canary: as it is, in UTF-16 both ways round, in hex, in base64 at each of its three offsets.
fn spellings(text: &str) -> Vec<Vec<u8>> {
    let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect();
    let mut all = vec![
        text.as_bytes().to_vec(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
    ];
    all.extend((0..3).map(|from| base64(&text.as_bytes()[from..]).into_bytes()));
    all
}

fn finds(bytes: &[u8]) -> bool {
    // What the server says of a refusal is the bank's word and no more for a log than a name.
    let sought = [WORD, MARK, "Phone is invalid"].into_iter().flat_map(spellings);
    sought.into_iter().any(|spelling| bytes.windows(spelling.len()).any(|window| window == spelling))
}

/// All files below a folder: name and content.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let below = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() { files(&path) } else { vec![(name, fs::read(&path).unwrap())] }
    };
    fs::read_dir(folder).unwrap().flat_map(|entry| below(entry.unwrap().path())).collect()
}

/// How many bytes lie below a folder, and the files that hold a canary in name or content.
fn sweep(folder: &Path) -> (usize, Vec<String>) {
    let files = files(folder);
    let searched = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let found = files.into_iter().filter(|(name, bytes)| finds(bytes) || finds(name.as_bytes()));
    (searched, found.map(|(name, _)| name).collect())
}

/// Everything that an app may log or show to support.
#[derive(Default)]
struct Log(String);

impl Log {
    fn shows(&mut self, what: &dyn Debug) {
        self.0.push_str(&format!("{what:?} {what:#?}\n"));
    }

    fn says(&mut self, what: &dyn Display) {
        self.0.push_str(&format!("{what}\n"));
    }

    fn fails<T: Debug>(&mut self, result: satchel::Result<T>) {
        let error = result.expect_err("it fails");
        self.shows(&error);
        self.says(&error);
        self.shows(&error.what_now());
    }
}

/// The errors that an officer and a server can bring about with canaries in hand.
async fn errors(tablet: &Tablet, sandbox: &Running, log: &mut Log) {
    let s = &tablet.satchel;
    for field in Field::ALL {
        let bad = FieldChange::text(field, format!("{WORD}{MARK}\u{1}"));
        log.shows(&bad);
        log.fails(s.add(vec![bad], None).await);
    }
    log.fails(s.list(Query { text: Some(format!("{WORD}{MARK}").repeat(100)), ..Query::default() }).await);
    log.fails(s.save_draft(About::New(format!("{WORD} {MARK}")), String::new()).await);
    log.fails(s.edit_by_code(&format!("{WORD}-1"), vec![]).await);
    log.fails(s.get_by_code(WORD).await);
    for kind in [
        Kind::Garbage,
        Kind::Truncate { bytes: Some(40) },
        Kind::CaptivePortal { reaches: true },
        Kind::ExpiredSession,
    ] {
        sandbox.set_faults(vec![Fault::new(kind)]);
        log.fails(s.download(None).await);
    }
    sandbox.clear_faults();
    s.sign_in(secrets(), None).await.unwrap();
    log.shows(&secrets());
}

/// What the library tells about the whole book and each prospect.
async fn tell(tablet: &Tablet, ids: &[satchel::prospect::ProspectId], log: &mut Log) {
    let s = &tablet.satchel;
    for id in ids {
        let standing = s.standing(*id).await.unwrap();
        log.says(&serde_json::to_string(&standing).unwrap());
        log.shows(&s.get(*id).await.unwrap());
        log.shows(&s.history(*id).await.unwrap());
        log.says(&serde_json::to_string(&s.history(*id).await.unwrap()).unwrap());
    }
    log.shows(s);
    log.shows(&s.summary().await.unwrap());
    log.shows(&s.health().await.unwrap());
    log.shows(&s.asks().await.unwrap());
    log.shows(&s.list(Query::default()).await.unwrap());
    log.shows(&s.drafts(10).await.unwrap());
    log.shows(&s.draft(About::New("form".to_owned())).await.unwrap());
    log.shows(&s.feed(0, 500).await.unwrap());
    log.shows(&s.progress());
    log.shows(&satchel::Satchel::books(&*tablet.world.disk, tablet.root()).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_canary_leaves_the_encrypted_book() {
    let sandbox = server().await;
    let mut log = Log::default();
    let tablet = Tablet::with(&sandbox, |_| {}).await;
    tablet.satchel.sign_in(secrets(), None).await.unwrap();
    let s = &tablet.satchel;
    s.resume();
    s.save_draft(About::New("form".to_owned()), format!("{{\"name\":\"{WORD}{MARK}\"}}")).await.unwrap();
    errors(&tablet, &sandbox, &mut log).await;

    let given: Vec<_> = Field::ALL.into_iter().filter_map(canary).collect();
    tablet::off_the_minute().await;
    let arrived = s.add(given.clone(), None).await.unwrap();
    tablet.until(arrived.id, Place::AtBank).await;
    log.shows(&s.add(given.clone(), None).await.unwrap());
    // Refused in the server's own words.
    let nameless =
        s.add(vec![FieldChange::text(Field::NameEn, format!("{WORD}{MARK}"))], None).await.unwrap().id;
    let refused = tablet.until(nameless, Place::Refused).await;
    assert_eq!(refused.words.as_deref(), Some("Phone is invalid"));
    log.shows(&refused);
    assert!(!format!("{refused:?}").contains("Phone"), "the server's words are the officer's alone");
    // In doubt, asking, conflict, all with canaries in them.
    let code = tablet.code(arrived.id).await;
    s.link_changed(satchel::outbox::plan::Link::None);
    s.edit(arrived.id, vec![FieldChange::text(Field::Comment, format!("mine {WORD}"))]).await.unwrap();
    assert!(sandbox.edit_as_other_device(&code, [("CustComment", format!("theirs {WORD}"))]));
    s.link_changed(satchel::outbox::plan::Link::Unmetered);
    tablet.until(arrived.id, Place::Conflict).await;
    log.shows(&s.get(arrived.id).await.unwrap().conflict);
    log.shows(&Decision::Arrived { code: format!("{WORD}-1") });
    sandbox.insert_as_other_device([("NameEn", format!("{WORD}{MARK}")), ("Phone", MARK.to_owned())]);
    log.shows(&s.download(None).await.unwrap());
    let receipt = s.receipt().await.unwrap();
    log.says(&receipt.text());
    log.says(&receipt.json().unwrap());
    tell(&tablet, &[arrived.id, nameless], &mut log).await;

    assert!(
        sandbox.ledger().iter().any(|e| e.effect.fields.get("NameEn").contains(WORD)),
        "the canaries were out"
    );
    assert!(!finds(log.0.as_bytes()), "{}", log.0);
    assert!(log.0.len() > 5_000, "there was something to search");
    let (searched, found) = sweep(tablet.root()); // open: the log is there
    assert!(searched > 50_000 && found.is_empty(), "{found:?} of {searched} bytes");
    s.shutdown().await.unwrap();
    log.fails(s.get(arrived.id).await);
    assert!(!finds(log.0.as_bytes()));
    assert_eq!(sweep(tablet.root()).1, Vec::<String>::new());
}

#[test]
fn the_sweep_finds_what_is_there() {
    for text in [WORD, MARK] {
        for spelling in spellings(text) {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("below")).unwrap();
            let bytes = [b"before".as_slice(), &spelling, b"after"].concat();
            fs::write(folder.path().join("below/file"), bytes).unwrap();
            assert_eq!(sweep(folder.path()).1, ["file"]);
        }
    }
    assert!(finds(format!("user {}", base64(format!("x{WORD}yz").as_bytes())).as_bytes()));
    assert!(!finds(b"nothing of the kind"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_prints_nothing_of_it_and_leaves_nothing_when_killed() {
    let sandbox = tablet::sandbox().await;
    let folder = tempfile::tempdir().unwrap();
    sandbox.set_faults(vec![Fault::new(Kind::Garbage).on("ProspectAddV2").chance(0.5)]);
    let (root, base_url) = (folder.path().to_owned(), sandbox.base_url().to_owned());
    let mut child = Command::new(env!("CARGO_BIN_EXE_officer"))
        .arg(&root)
        .args([&base_url, "S-1", &format!("{WORD}{MARK}"), &format!("{WORD} two"), &format!("{WORD}\u{1}")])
        .env("RUST_BACKTRACE", "full")
        .env("RUST_LOG", "trace")
        .stdout(fs::File::create(root.join("stdout")).unwrap())
        .stderr(fs::File::create(root.join("stderr")).unwrap())
        .spawn()
        .unwrap();
    until("it refuses the third", || async {
        fs::read_to_string(root.join("stdout")).unwrap().contains("failed")
    })
    .await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    let _ = child.kill(); // it may have ended by itself
    child.wait().unwrap();
    let (searched, found) = sweep(&root);
    assert!(searched > 20_000 && found.is_empty(), "{found:?} of {searched} bytes");
}
