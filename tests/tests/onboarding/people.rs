//! Applications and co-applicants: once at the bank, in their order, and asked about where nothing proves them.

use super::sok;
use satchel::onboarding::Person;
use satchel::outbox::plan::Link;
use satchel::prospect::Field;
use satchel::standing::{Can, Next, Place};
use satchel::{Decision, Error};
use satchel_sandbox::{Fault, Kind};
use satchel_tests::tablet::{Tablet, headers, sandbox};

fn rohit() -> Person {
    Person { first_name: "Rohit".into(), last_name: "Sharma".into(), ..sok() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_started_without_a_link_arrives_once_with_everybody_in_it() {
    let bank = sandbox().await;
    let mut tablet = Tablet::onboarding(&bank, |_| {}).await;
    tablet.satchel.link_changed(Link::None);
    let id = tablet.satchel.start_application(sok(), None).await.unwrap();
    let with = tablet.satchel.add_co_applicant(id, rohit()).await.unwrap();
    // It waits for the application, across the end of the process.
    tablet.restart().await;
    tablet.satchel.link_changed(Link::None);
    assert_eq!(tablet.standing(id).await.place, Place::OnTablet);
    assert!(bank.applications().is_empty());
    tablet.satchel.link_changed(Link::Unmetered);
    tablet.satchel.resume();
    tablet.until(id, Place::AtBank).await;
    tablet.until(with, Place::AtBank).await;

    let at_bank = bank.applications();
    let [application] = at_bank.as_slice() else { panic!("{} applications", at_bank.len()) };
    let seen = tablet.satchel.application(id).await.unwrap();
    assert_eq!(seen.application_id.as_deref(), Some(application.id.as_str()));
    assert_eq!(seen.party_id, application.applicant().map(|person| person.party.clone()));
    assert!(!seen.unsent);
    let [co] = application.co_applicants() else { panic!("one applies with her") };
    assert_eq!(co.name(), "Rohit Sharma");
    assert_eq!(co.get("Index"), seen.co_applicants[0].index);
    assert_eq!(co.get("EntityId"), application.id);
    assert_eq!(application.applicant().unwrap().get("MobileNumber"), "12345678");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prospect_becomes_an_application_and_both_know_it() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    let prospect = tablet.add("Sok Dara", "012 345 678").await;
    let fields = tablet.satchel.get(prospect).await.unwrap().fields;
    let person = Person { date_of_birth: sok().date_of_birth, consent: true, ..Person::of(&fields) };
    assert_eq!((person.first_name.as_str(), person.mobile_number.as_str()), ("Dara", "12345678"));
    let id = tablet.satchel.start_application(person.clone(), Some(prospect)).await.unwrap();
    assert_eq!(tablet.satchel.application_of(prospect).await.unwrap(), Some(id));
    assert_eq!(tablet.satchel.application(id).await.unwrap().prospect, Some(prospect));
    let again = tablet.satchel.start_application(person, Some(prospect)).await;
    assert_eq!(again, Err(Error::NotPossible { why: "has_application" }));
    assert_eq!(tablet.satchel.get(prospect).await.unwrap().fields.get(Field::NameEn), "Sok Dara");
    tablet.until(id, Place::AtBank).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_asks_and_her_word_that_it_arrived_frees_who_waits() {
    let bank = sandbox().await;
    bank.set_faults(vec![Fault::new(Kind::LostClose).on("createProspectProfile").times(1)]);
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    let id = tablet.satchel.start_application(sok(), None).await.unwrap();
    let with = tablet.satchel.add_co_applicant(id, rohit()).await.unwrap();
    let standing = tablet.until(id, Place::AsksYou).await;
    assert!(
        standing.can.contains(&Can::ItIsThatOne) && standing.can.contains(&Can::SendAgain),
        "{standing:?}"
    );
    assert_eq!(tablet.standing(with).await.next, Next::WaitsForOlder);

    let asks = tablet.satchel.asks().await.unwrap();
    let [about] = asks[0].about.as_slice() else { panic!("one question") };
    assert_eq!(about.record, id.into());
    let empty = Decision::Arrived { code: String::new() };
    assert!(matches!(
        tablet.satchel.decide(vec![about.question], empty).await,
        Err(Error::InvalidInput { .. })
    ));
    let code = bank.applications()[0].id.clone();
    tablet.satchel.decide(vec![about.question], Decision::Arrived { code: code.clone() }).await.unwrap();
    tablet.until(id, Place::AtBank).await;
    tablet.until(with, Place::AtBank).await;
    assert_eq!(tablet.satchel.application(id).await.unwrap().application_id, Some(code));
    assert_eq!(bank.applications().len(), 1);
    assert_eq!(bank.applications()[0].co_applicants().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bank_refuses_is_mended_and_leaves_again() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    let poison = Person { first_name: "POISON".into(), ..sok() };
    let id = tablet.satchel.start_application(poison, None).await.unwrap();
    let with = tablet.satchel.add_co_applicant(id, rohit()).await.unwrap();
    assert!(tablet.until(id, Place::Refused).await.words.is_some());
    assert_eq!(tablet.standing(with).await.next, Next::WaitsForOlder);
    tablet.satchel.edit_application(id, sok()).await.unwrap();
    tablet.until(id, Place::AtBank).await;
    tablet.until(with, Place::AtBank).await;
    let late = tablet.satchel.edit_application(id, rohit()).await;
    assert_eq!(late, Err(Error::NotPossible { why: "at_bank" }));
    let back = tablet.satchel.withdraw_application(id).await;
    assert_eq!(back, Err(Error::NotPossible { why: "at_bank" }));
    // A co-applicant can be changed: the bank updates her under her index.
    tablet.satchel.edit_co_applicant(with, Person { last_name: "Verma".into(), ..rohit() }).await.unwrap();
    tablet.until(with, Place::AtBank).await;
    assert_eq!(bank.applications()[0].co_applicants()[0].name(), "Rohit Verma");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_left_is_taken_back_with_everybody_in_it() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    tablet.satchel.link_changed(Link::None);
    let id = tablet.satchel.start_application(sok(), None).await.unwrap();
    let with = tablet.satchel.add_co_applicant(id, rohit()).await.unwrap();
    tablet.satchel.withdraw_application(id).await.unwrap();
    assert_eq!(tablet.standing(id).await.place, Place::Withdrawn);
    assert_eq!(tablet.standing(with).await.place, Place::Withdrawn);
    let more = tablet.satchel.add_co_applicant(id, rohit()).await;
    assert_eq!(more, Err(Error::NotPossible { why: "withdrawn" }));
    tablet.satchel.link_changed(Link::Unmetered);
    tablet.satchel.download_actions().await.unwrap();
    assert!(bank.applications().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_over_waits_for_one_sign_in_and_blames_nobody() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    bank.expire_session("dara");
    let id = tablet.satchel.start_application(sok(), None).await.unwrap();
    let end = std::time::Instant::now() + satchel_tests::tablet::PATIENCE;
    while tablet.standing(id).await.next != Next::WaitsForSignIn {
        assert!(std::time::Instant::now() < end, "{:?}", tablet.standing(id).await);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let session = bank.renew_session("dara");
    tablet.satchel.sign_in_onboarding(headers(&session), None).await.unwrap();
    tablet.until(id, Place::AtBank).await;
    assert_eq!(bank.applications().len(), 1);
    let history = tablet.satchel.history(id).await.unwrap();
    assert_eq!((history.len(), history[0].doubts), (1, 0));
}
