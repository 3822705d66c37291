//! Papers: whole at the bank or not at all, once, and before the answer that speaks of them.

use super::{applied, at_bank, question};
use satchel::onboarding::actions::Answer;
use satchel::onboarding::{PaperStage, Source};
use satchel::outbox::plan::Link;
use satchel::standing::Place;
use satchel::{Decision, Error, WhyStopped};
use satchel_sandbox::{Fault, Kind};
use satchel_tests::papers::{PDF, pdf_file};
use satchel_tests::tablet::{Tablet, sandbox};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn the_seeds_pdf_arrives_bit_for_bit_and_before_its_answer() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    tablet.satchel.link_changed(Link::None);
    let income = question(&tablet, "ProofOfIncomeEmployed").await;
    let (path, bytes) = (pdf_file(), PDF);
    let attached =
        tablet.satchel.attach(income, Source::Path(path.clone()), "techspectemplate.pdf", "").await.unwrap();
    assert_eq!((attached.document.paper.pages, attached.document.mime.as_str()), (1, "application/pdf"));
    assert!(attached.same.is_empty() && path.exists());
    let id = attached.document.id;
    tablet.satchel.answer(income, Answer::Papers(vec![id])).await.unwrap();
    assert_eq!(tablet.satchel.preview(id).await.unwrap(), bytes);
    tablet.satchel.link_changed(Link::Unmetered);
    tablet.until(income, Place::AtBank).await;
    tablet.until(id, Place::AtBank).await;
    let documents = bank.documents();
    let [document] = documents.as_slice() else { panic!("{} documents", documents.len()) };
    assert_eq!(document.bytes(), bytes);
    assert_eq!(document.sha256, attached.document.sha256);
    let seen = tablet.satchel.document(id).await.unwrap();
    assert_eq!(
        (seen.document_id.as_deref(), seen.stage),
        (Some(document.id.as_str()), PaperStage::Delivered)
    );
    assert_eq!(at_bank(&bank, "ProofOfIncomeEmployed").0, "Submitted");
    // The same bytes once more: a hint.
    let again = tablet.satchel.attach(income, Source::Path(path), "again.pdf", "").await;
    assert_eq!(again.map(|_| ()), Err(Error::NotPossible { why: "answered" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_sends_the_answer_that_its_last_paper_frees() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    assert_eq!(tablet.satchel.pause(Duration::from_secs(5)).await, Ok(true));
    let income = question(&tablet, "ProofOfIncomeEmployed").await;
    let mut papers = vec![];
    for name in ["may.pdf", "june.pdf", "july.pdf"] {
        let attached = tablet.satchel.attach(income, Source::Path(pdf_file()), name, "").await.unwrap();
        papers.push(attached.document.id);
    }
    tablet.satchel.answer(income, Answer::Papers(papers)).await.unwrap();
    let report = tablet.satchel.drain(Duration::from_secs(60)).await.unwrap();
    assert_eq!((report.sent, report.left, report.why_stopped), (4, 0, WhyStopped::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_cut_goes_again_and_one_whose_answer_is_lost_asks() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    let income = question(&tablet, "ProofOfIncomeEmployed").await;
    bank.set_faults(vec![Fault::new(Kind::LostClose).on("uploadDocument").times(1)]);
    let attached = tablet.satchel.attach(income, Source::Path(pdf_file()), "income.pdf", "").await.unwrap();
    let id = attached.document.id;
    tablet.until(id, Place::AsksYou).await;
    let asks = tablet.satchel.asks().await.unwrap();
    let question = asks[0].about[0].question;
    assert_eq!(asks[0].about[0].record, id.into());
    tablet.satchel.answer(income, Answer::Papers(vec![id])).await.unwrap();
    // Her answer waits for it.
    assert_eq!(at_bank(&bank, "ProofOfIncomeEmployed").0, "Created");
    tablet.satchel.decide(vec![question], Decision::Arrived { code: String::new() }).await.unwrap();
    tablet.until(id, Place::AtBank).await;
    tablet.until(income, Place::AtBank).await;
    assert_eq!(bank.documents().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_second_copy_does_no_harm_it_goes_again_by_itself_and_is_counted() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |p| p.second_upload_harmless = true).await;
    applied(&tablet).await;
    let income = question(&tablet, "ProofOfIncomeEmployed").await;
    bank.set_faults(vec![Fault::new(Kind::LostClose).on("uploadDocument").times(1)]);
    let attached = tablet.satchel.attach(income, Source::Path(pdf_file()), "income.pdf", "").await.unwrap();
    tablet.until(attached.document.id, Place::InDoubt).await;
    tablet.until(attached.document.id, Place::AtBank).await;
    assert_eq!(bank.documents().len(), 2);
    assert_eq!(tablet.satchel.summary().await.unwrap().resent_on_absence, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_paper_holds_up_no_other_and_can_be_given_up() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    tablet.satchel.link_changed(Link::None);
    let income = question(&tablet, "ProofOfIncomeEmployed").await;
    let mut papers = vec![];
    for n in 0..5 {
        let name = format!("income {n}.pdf");
        papers.push(tablet.satchel.attach(income, Source::Path(pdf_file()), &name, "").await.unwrap());
    }
    assert_eq!(papers[4].same.len(), 4);
    let ids = papers.iter().map(|paper| paper.document.id).collect();
    tablet.satchel.answer(income, Answer::Papers(ids)).await.unwrap();
    bank.set_faults(vec![Fault::new(Kind::Opstatus { code: 10_001 }).on("uploadDocument").times(1)]);
    tablet.satchel.link_changed(Link::Unmetered);
    let first = papers[0].document.id;
    tablet.until(first, Place::Refused).await;
    for paper in &papers[1..] {
        tablet.until(paper.document.id, Place::AtBank).await;
    }
    assert_eq!(at_bank(&bank, "ProofOfIncomeEmployed").0, "Created");
    tablet.satchel.withdraw_document(first).await.unwrap();
    tablet.until(income, Place::AtBank).await;
    assert_eq!(tablet.standing(first).await.place, Place::Withdrawn);
    assert_eq!(bank.documents().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_says_why_and_leaves_nothing() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    tablet.satchel.link_changed(Link::None);
    let income = question(&tablet, "ProofOfIncomeEmployed").await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let pdf = PDF;
    let link = folder.path().join("link.pdf");
    std::os::unix::fs::symlink(pdf_file(), &link).unwrap();
    let wrong = [
        ("empty", file("empty.pdf", b""), "a.pdf"),
        ("cut off", file("cut.pdf", &pdf[..pdf.len() / 2]), "a.pdf"),
        ("a PNG named .pdf", file("png.pdf", b"\x89PNG\r\n\x1a\n"), "a.pdf"),
        ("over the limit", file("large.pdf", &[pdf, &[b' '; 3 << 20]].concat()), "a.pdf"),
        ("a folder", folder.path().to_owned(), "a.pdf"),
        ("a link", link, "a.pdf"),
        ("not there", folder.path().join("no.pdf"), "a.pdf"),
        ("a name the bank refuses", file("good.pdf", pdf), "a%b.pdf"),
        ("a name without extension", file("good2.pdf", pdf), "paper"),
        ("another extension", file("good3.pdf", pdf), "a.jpg"),
    ];
    for (what, path, name) in wrong {
        let refused = tablet.satchel.attach(income, Source::Path(path), name, "").await;
        assert!(matches!(refused, Err(Error::InvalidInput { .. })), "{what}: {:?}", refused.map(|_| ()));
    }
    assert!(tablet.satchel.documents(income).await.unwrap().is_empty());
    assert!(tablet.satchel.waiting(satchel::outbox::entry::EntryId(0), 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captured_photo_is_removed_once_attached_and_found_again_if_not() {
    let bank = sandbox().await;
    let mut tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    let income = question(&tablet, "ProofOfIncomeEmployed").await;
    let (slot, path) = tablet.satchel.capture_slot().await.unwrap();
    // What a camera wrote before the app was killed.
    std::fs::write(&path, PDF).unwrap();
    tablet.restart().await;
    assert_eq!(tablet.satchel.recovered().await.unwrap(), std::slice::from_ref(&slot));
    tablet.satchel.attach(income, Source::Captured(slot.clone()), "taken.pdf", "").await.unwrap();
    assert!(!path.exists());
    // Killed between attaching and removing: what is attached already is not offered again.
    std::fs::write(&path, PDF).unwrap();
    assert!(tablet.satchel.recovered().await.unwrap().is_empty() && !path.exists());
    let outside = tablet.satchel.attach(income, Source::Captured("../book.db".into()), "a.pdf", "").await;
    assert!(matches!(outside, Err(Error::InvalidInput { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_written_piece_by_piece() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    let income = question(&tablet, "ProofOfIncomeEmployed").await;
    let mut writer = tablet.satchel.write_paper();
    for piece in PDF.chunks(1000) {
        writer.write(piece).await.unwrap();
    }
    let written = writer.finish().await.unwrap();
    let attached = tablet.satchel.attach(income, Source::Written(written), "written.pdf", "").await.unwrap();
    tablet.until(attached.document.id, Place::AtBank).await;
    assert_eq!(bank.documents()[0].bytes(), PDF);
}
