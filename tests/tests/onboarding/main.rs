//! Onboarding over real sockets: applications, what the bank asks, papers.

mod answers;
mod papers;
mod people;

use satchel::onboarding::{ActionId, ApplicationId, Person, Query};
use satchel::standing::Place;
use satchel_sandbox::Running;
use satchel_tests::tablet::{Tablet, applicant};

/// Somebody who applies.
fn sok() -> Person {
    Person { email: "dara@mail.example".into(), branch: "GB0010001".into(), ..applicant() }
}

/// An application that the bank has, and its questions.
async fn applied(tablet: &Tablet) -> ApplicationId {
    let id = tablet.satchel.start_application(sok(), None).await.expect("it is saved");
    tablet.until(id, Place::AtBank).await;
    tablet.satchel.download_actions().await.expect("a list");
    id
}

/// The number here of the question of that name.
async fn question(tablet: &Tablet, name: &str) -> ActionId {
    let all = Query { include_closed: true, ..Query::default() };
    let found = tablet.satchel.actions(all).await.expect("the questions");
    let one = found.iter().find(|asking| asking.action.name == name);
    one.unwrap_or_else(|| panic!("the bank does not ask {name}")).id
}

/// What the bank has of the question of that name: its status and the answer.
fn at_bank(sandbox: &Running, name: &str) -> (String, String) {
    let found = sandbox.actions().into_iter().find(|action| action.identifier().starts_with(name));
    let action = found.expect("the bank knows it");
    (action.status().to_owned(), action.response.clone())
}
