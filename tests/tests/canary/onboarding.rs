//! Applications, answers and papers: names, words, a photograph's place and every byte of a paper.

use super::{Log, MARK, WORD, files, finds, sweep};
use satchel::onboarding::actions::Answer;
use satchel::onboarding::{OnboardingSecrets, Person, Query, Source};
use satchel::outbox::plan::Link;
use satchel::standing::Place;
use satchel::{Decision, Satchel};
use satchel_photo::{Limits, fit};
use satchel_sandbox::{Fault, Kind, Running};
use satchel_tests::papers::{PICTURE, pdf_with};
use satchel_tests::tablet::{Tablet, applicant, sandbox, until};
use serde_json::json;
use std::io::Cursor;
use std::path::Path;

fn somebody() -> Person {
    Person {
        first_name: format!("{WORD}{MARK}"),
        last_name: WORD.to_owned(),
        email: format!("{WORD}@mail.example"),
        mobile_number: MARK.to_owned(),
        ..applicant()
    }
}

/// A photograph that says where it was taken, and by whom.
fn photo() -> Vec<u8> {
    let jpeg = fit(Cursor::new(PICTURE), &Limits::default(), &mut |_| true).unwrap().jpeg;
    let says = [b"Exif\0\0II*\0\x08\0\0\0\0\0".as_slice(), format!("{WORD} {MARK}").as_bytes()].concat();
    let length = u16::try_from(says.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &says, &jpeg[2..]].concat()
}

fn pdf() -> Vec<u8> {
    pdf_with(format!("{WORD}{MARK}").as_bytes())
}

fn session() -> OnboardingSecrets {
    let authenticated = [("x-session".to_owned(), WORD.to_owned().into())].into();
    OnboardingSecrets { authenticated, anonymous: Default::default() }
}

async fn question(s: &Satchel, name: &str) -> satchel::onboarding::ActionId {
    let all = s.actions(Query { include_closed: true, ..Query::default() }).await.unwrap();
    all.iter().find(|asking| asking.action.name == name).unwrap().id
}

/// What officer and server can get wrong with canaries in hand.
async fn errors(s: &Satchel, sandbox: &Running, folder: &Path, log: &mut Log) {
    let careless = Person { consent: false, ..somebody() };
    log.fails(s.start_application(careless, None).await);
    log.fails(s.start_application(Person { first_name: format!("{WORD}\u{1}"), ..somebody() }, None).await);
    let (marital, income) = (question(s, "MaritalStatus").await, question(s, "ProofOfIncomeEmployed").await);
    log.fails(s.answer(marital, Answer::Choice(vec![WORD.to_owned()])).await);
    let broken = folder.join(format!("{WORD}.jpg"));
    std::fs::write(&broken, &photo()[..900]).unwrap();
    log.fails(s.attach(income, Source::Path(broken.clone()), "a.jpg", WORD).await);
    log.fails(s.attach(income, Source::Path(broken), &format!("{WORD}%.jpg"), WORD).await);
    log.fails(s.attach(income, Source::Path(folder.join(WORD)), "a.pdf", WORD).await);
    log.fails(s.attach(income, Source::Captured(WORD.to_owned()), "a.pdf", WORD).await);
    for kind in [Kind::Garbage, Kind::Truncate { bytes: Some(40) }, Kind::CaptivePortal { reaches: true }] {
        sandbox.set_faults(vec![Fault::new(kind)]);
        log.fails(s.download_actions().await);
    }
    sandbox.clear_faults();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_an_application_or_a_paper_leaves_the_encrypted_book() {
    let (sandbox, mut log) = (sandbox().await, Log::default());
    let tablet = Tablet::onboarding(&sandbox, |_| {}).await;
    let (s, outside) = (&tablet.satchel, tempfile::tempdir().unwrap());
    let application = s.start_application(somebody(), None).await.unwrap();
    let with = s.add_co_applicant(application, somebody()).await.unwrap();
    tablet.until(with, Place::AtBank).await;
    let code = s.application(application).await.unwrap().application_id.unwrap();
    sandbox
        .create_action(&code, &json!({ "UserActionName": "Purpose", "ActionMetaData": { "Title": WORD } }));
    s.download_actions().await.unwrap();
    errors(s, &sandbox, outside.path(), &mut log).await;

    s.link_changed(Link::None);
    let (income, purpose) = (question(s, "ProofOfIncomeEmployed").await, question(s, "Purpose").await);
    s.answer(purpose, Answer::Text(format!("{WORD} {MARK}"))).await.unwrap();
    let (slot, camera) = s.capture_slot().await.unwrap();
    std::fs::write(camera, photo()).unwrap();
    let taken = s.attach(income, Source::Captured(slot), &format!("{WORD}.jpg"), WORD).await.unwrap();
    let path = outside.path().join("letter.pdf");
    std::fs::write(&path, pdf()).unwrap();
    let letter = s.attach(income, Source::Path(path), &format!("{WORD}.pdf"), MARK).await.unwrap();
    let ids = [taken.document.id, letter.document.id];
    s.answer(income, Answer::Papers(ids.into())).await.unwrap();
    let sent = s.preview(ids[0]).await.unwrap();
    assert!(!finds(&sent), "the place stays here");
    sandbox.set_faults(vec![Fault::new(Kind::LostClose).on("uploadDocument").times(1)]);
    s.link_changed(Link::Unmetered);
    until("one of the papers asks", || async { !s.asks().await.unwrap().is_empty() }).await;
    let asks = s.asks().await.unwrap();
    log.shows(&asks);
    let arrived = Decision::Arrived { code: String::new() };
    s.decide(vec![asks[0].about[0].question], arrived).await.unwrap();
    tablet.until(income, Place::AtBank).await;
    tablet.until(purpose, Place::AtBank).await;

    log.shows(&s.application(application).await.unwrap());
    log.shows(&s.actions(Query::default()).await.unwrap());
    log.shows(&s.documents(income).await.unwrap());
    log.shows(&(somebody(), Answer::Text(WORD.to_owned()), &taken, &letter));
    log.shows(&session());
    for record in
        [application.into(), with.into(), income.into(), ids[0].into(), satchel::record::Record::from(ids[1])]
    {
        log.shows(&s.standing(record).await.unwrap());
        log.shows(&s.history(record).await.unwrap());
    }
    log.shows(&s.feed(0, 500).await.unwrap());
    assert!(!finds(log.0.as_bytes()), "{}", log.0);
    assert_eq!(sandbox.documents().len(), 2, "the canaries were out");
    // No 32 bytes of a paper: what is on disk is encrypted, whether the book is open or closed.
    for closed in [false, true] {
        if closed {
            s.shutdown().await.unwrap();
        }
        let (searched, found) = sweep(tablet.root());
        assert!(searched > 50_000 && found.is_empty(), "{found:?} of {searched} bytes");
        for bytes in [&sent, &pdf()] {
            let middle = &bytes[bytes.len() / 2..][..32];
            let holds = |held: &[u8]| held.windows(middle.len()).any(|window| window == middle);
            assert!(!files(tablet.root()).iter().any(|(_, held)| holds(held)));
        }
    }
}
