//! What the bank asks: listed, answered without a link, merged, withdrawn, answered by someone else.

use super::{applied, at_bank, question};
use satchel::onboarding::actions::Answer;
use satchel::onboarding::{ActionStage, Query};
use satchel::outbox::entry::EntryId;
use satchel::outbox::plan::Link;
use satchel::standing::{Can, Place};
use satchel::{Decision, Error};
use satchel_sandbox::onboarding::Settings;
use satchel_sandbox::{Fault, Kind};
use satchel_tests::tablet::{Tablet, sandbox};

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_answered_without_a_link_and_arrive() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    tablet.satchel.link_changed(Link::None);
    let asked = tablet.satchel.actions(Query { to_do: true, ..Query::default() }).await.unwrap();
    assert!(asked.len() >= 5, "{} questions", asked.len());
    let since = question(&tablet, "StayingSince").await;
    assert_eq!(tablet.standing(since).await.place, Place::Open);
    tablet.satchel.answer(since, Answer::Date(jiff::civil::date(2019, 3, 1))).await.unwrap();
    assert_eq!(tablet.standing(since).await.place, Place::OnTablet);
    let left = tablet.satchel.actions(Query { to_do: true, ..Query::default() }).await.unwrap();
    assert_eq!(left.len(), asked.len() - 1);
    tablet.satchel.link_changed(Link::Unmetered);
    tablet.until(since, Place::AtBank).await;
    assert_eq!(at_bank(&bank, "StayingSince"), ("Submitted".to_owned(), "03/2019".to_owned()));
    assert_eq!(tablet.satchel.action(since).await.unwrap().stage, ActionStage::Answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_the_wrong_kind_is_refused_at_the_desk() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    let marital = question(&tablet, "MaritalStatus").await;
    for wrong in [Answer::Text("x".into()), Answer::Choice(vec!["no option".into()]), Answer::Papers(vec![])]
    {
        assert!(matches!(tablet.satchel.answer(marital, wrong).await, Err(Error::InvalidInput { .. })));
    }
    let income = question(&tablet, "ProofOfIncomeEmployed").await;
    // No paper yet.
    assert!(matches!(
        tablet.satchel.answer(income, Answer::Papers(vec![])).await,
        Err(Error::InvalidInput { .. })
    ));
    let option = tablet.satchel.action(marital).await.unwrap().action.options[0].value.clone();
    tablet.satchel.answer(marital, Answer::Choice(vec![option.clone()])).await.unwrap();
    tablet.until(marital, Place::AtBank).await;
    assert_eq!(at_bank(&bank, "MaritalStatus").1, option);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_withdrawn_while_its_answer_waits_says_so_and_keeps_it() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    let since = question(&tablet, "StayingSince").await;
    tablet.satchel.link_changed(Link::None);
    let answer = Answer::Date(jiff::civil::date(2019, 3, 1));
    tablet.satchel.answer(since, answer.clone()).await.unwrap();
    let identifier = tablet.satchel.action(since).await.unwrap().action.identifier;
    assert!(bank.withdraw_action(&identifier));
    tablet.satchel.link_changed(Link::Unmetered);
    let standing = tablet.until(since, Place::GoneElsewhere).await;
    assert_eq!(standing.why.as_deref(), Some("withdrawn_elsewhere"));
    let kept = tablet.satchel.action(since).await.unwrap();
    assert_eq!((kept.answer, kept.stage), (Some(answer), ActionStage::Gone));
    assert_eq!(at_bank(&bank, "StayingSince").1, "");
    // She looks at it and lets it go.
    assert!(standing.can.contains(&Can::Drop));
    let question = tablet.satchel.history(since).await.unwrap()[0].question.unwrap();
    tablet.satchel.decide(vec![question], Decision::Drop).await.unwrap();
    assert!(tablet.satchel.action(since).await.unwrap().answer.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_answer_is_not_overwritten() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    let since = question(&tablet, "StayingSince").await;
    let identifier = tablet.satchel.action(since).await.unwrap().action.identifier;
    tablet.satchel.link_changed(Link::None);
    tablet.satchel.answer(since, Answer::Date(jiff::civil::date(2019, 3, 1))).await.unwrap();
    bank.answer_as_someone_else(&identifier, "01/2001");
    tablet.satchel.link_changed(Link::Unmetered);
    let standing = tablet.until(since, Place::GoneElsewhere).await;
    assert_eq!(standing.why.as_deref(), Some("answered_elsewhere"));
    assert_eq!(at_bank(&bank, "StayingSince").1, "01/2001");
    assert!(tablet.satchel.action(since).await.unwrap().answer.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_read_back_and_not_sent_twice() {
    for leave in [false, true] {
        let bank = sandbox().await;
        bank.set_onboarding_settings(Settings { submitted_leave: leave, ..Settings::default() });
        let tablet = Tablet::onboarding(&bank, |_| {}).await;
        applied(&tablet).await;
        bank.set_faults(vec![Fault::new(Kind::LostClose).on("updateUserAction").times(1)]);
        let since = question(&tablet, "StayingSince").await;
        tablet.satchel.answer(since, Answer::Date(jiff::civil::date(2019, 3, 1))).await.unwrap();
        tablet.until(since, Place::InDoubt).await;
        tablet.until(since, Place::AtBank).await;
        let sent = bank.ledger().iter().filter(|entry| entry.effect.kind == "answer").count();
        assert_eq!(sent, 1, "{:?}", bank.ledger().iter().map(|e| e.effect.kind.clone()).collect::<Vec<_>>());
        assert_eq!(at_bank(&bank, "StayingSince").1, "03/2019");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_sent_again_by_her_word_that_had_arrived_is_hers() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |p| p.settle_by_ms = 1).await;
    applied(&tablet).await;
    let since = question(&tablet, "StayingSince").await;
    // The list before the answer is good, and none after it.
    let list = Fault::new(Kind::Status { code: 503, retry_after: None }).on("getUserActions");
    bank.set_faults(vec![Fault::new(Kind::LostClose).on("updateUserAction").times(1), list.skip(1)]);
    tablet.satchel.answer(since, Answer::Date(jiff::civil::date(2019, 3, 1))).await.unwrap();
    tablet.until(since, Place::AsksYou).await;
    let asked = tablet.satchel.asks().await.unwrap()[0].about[0].question;
    tablet.satchel.decide(vec![asked], Decision::SendAgain).await.unwrap();
    bank.clear_faults();
    tablet.until(since, Place::AtBank).await;
    assert_eq!(tablet.satchel.action(since).await.unwrap().stage, ActionStage::Answered);
    assert_eq!(bank.ledger().iter().filter(|entry| entry.effect.kind == "answer").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_corrected_and_a_lost_correction_goes_again() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    let since = question(&tablet, "StayingSince").await;
    tablet.satchel.answer(since, Answer::Date(jiff::civil::date(2019, 3, 1))).await.unwrap();
    tablet.until(since, Place::AtBank).await;
    tablet.satchel.answer(since, Answer::Date(jiff::civil::date(2020, 4, 1))).await.unwrap();
    tablet.until(since, Place::AtBank).await;
    assert_eq!(at_bank(&bank, "StayingSince").1, "04/2020");
    // Not carried out: the list says *submitted* all the same, of the answer before.
    bank.set_faults(vec![
        Fault::new(Kind::Status { code: 502, retry_after: None }).on("updateUserAction").times(1),
    ]);
    tablet.satchel.answer(since, Answer::Date(jiff::civil::date(2021, 5, 1))).await.unwrap();
    tablet.until(since, Place::InDoubt).await;
    tablet.until(since, Place::AtBank).await;
    assert_eq!(at_bank(&bank, "StayingSince").1, "05/2021");
}

/// What is there may be her own of before, or somebody else's: the list says *submitted* of both.
#[tokio::test(flavor = "multi_thread")]
async fn what_she_writes_while_her_answer_is_in_doubt_goes_over_nobodys_unseen() {
    let month = |month| Answer::Date(jiff::civil::date(2020, month, 1));
    for (again, place) in [(month(4), Place::AtBank), (month(5), Place::Refused)] {
        let bank = sandbox().await;
        let tablet = Tablet::onboarding(&bank, |_| {}).await;
        applied(&tablet).await;
        let since = question(&tablet, "StayingSince").await;
        bank.set_faults(vec![Fault::new(Kind::LostClose).on("updateUserAction").times(1)]);
        tablet.satchel.answer(since, month(4)).await.unwrap();
        tablet.until(since, Place::InDoubt).await;
        tablet.satchel.answer(since, again).await.unwrap();
        tablet.until(since, place).await;
        assert_eq!(at_bank(&bank, "StayingSince").1, "04/2020");
        if place == Place::AtBank {
            continue; // the same once more: there was nothing to send
        }
        assert_eq!(tablet.standing(since).await.why.as_deref(), Some("answered_already"));
        let waiting = tablet.satchel.waiting(EntryId(0), 500).await.unwrap();
        let asked = waiting.iter().find_map(|entry| entry.question).unwrap();
        tablet.satchel.decide(vec![asked], Decision::SendAgain).await.unwrap();
        tablet.until(since, Place::AtBank).await;
        assert_eq!(at_bank(&bank, "StayingSince").1, "05/2020");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_arrived_goes_again_after_the_quiet_period() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    applied(&tablet).await;
    // Not carried out, and the tablet cannot know.
    bank.set_faults(vec![
        Fault::new(Kind::Status { code: 502, retry_after: None }).on("updateUserAction").times(1),
    ]);
    let since = question(&tablet, "StayingSince").await;
    tablet.satchel.answer(since, Answer::Date(jiff::civil::date(2019, 3, 1))).await.unwrap();
    tablet.until(since, Place::InDoubt).await;
    tablet.until(since, Place::AtBank).await;
    assert_eq!(at_bank(&bank, "StayingSince").1, "03/2019");
}

#[tokio::test(flavor = "multi_thread")]
async fn requirements_are_asked_for_once_whatever_becomes_of_the_reply() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    let id = applied(&tablet).await;
    bank.set_faults(vec![Fault::new(Kind::LostClose).on("createPreRequirements").times(1)]);
    tablet.satchel.ask_requirements(id).await.unwrap();
    tablet.satchel.ask_requirements(id).await.unwrap();
    tablet.until(id, Place::InDoubt).await;
    tablet.until(id, Place::AtBank).await;
    tablet.satchel.download_actions().await.unwrap();
    let made = bank.actions().iter().filter(|a| a.identifier().starts_with("TimeOnCurrentAddress")).count();
    assert_eq!(made, 1);
    let date = question(&tablet, "TimeOnCurrentAddress").await;
    tablet.satchel.answer(date, Answer::Date(jiff::civil::date(2019, 3, 7))).await.unwrap();
    tablet.until(date, Place::AtBank).await;
    assert_eq!(at_bank(&bank, "TimeOnCurrentAddress").1, "07/03/2019");
}

/// More than is held in memory: some of it goes through the staging table, and all of it keeps its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_comes_in_whole_and_in_its_order() {
    let bank = sandbox().await;
    let tablet = Tablet::onboarding(&bank, |_| {}).await;
    let id = applied(&tablet).await;
    let application = tablet.satchel.application(id).await.unwrap().application_id.unwrap();
    let few = tablet.satchel.actions(Query::default()).await.unwrap().len();
    let words = "x".repeat(1_000);
    for n in 0..1_500 {
        let given = serde_json::json!({
            "UserActionName": format!("Long{n}"), "UserActionIdentifier": format!("Long{n}"),
            "ActionMetaData": { "Description": words },
        });
        bank.create_action(&application, &given);
    }
    assert_eq!(tablet.satchel.download_actions().await.unwrap().new, 1_500);
    let all = tablet.satchel.actions(Query::default()).await.unwrap();
    let numbers = all.iter().filter_map(|asking| asking.action.name.strip_prefix("Long")?.parse().ok());
    assert_eq!(all.len(), few + 1_500);
    assert_eq!(numbers.collect::<Vec<u32>>(), (0..1_500).collect::<Vec<_>>());
    let again = tablet.satchel.download_actions().await.unwrap();
    assert_eq!((again.new, again.changed, again.gone), (0, 0, 0));
}
