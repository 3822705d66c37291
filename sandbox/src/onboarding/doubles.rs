//! What looks as if it had been done twice.

use super::Onboarding;
use super::model::{Action, Application, Person};
use crate::table::repeated;

impl Onboarding {
    /// How many applications look like one made before: the same officer, names, birthday and mobile number of the
    /// applicant.
    pub fn double_applications(&self) -> u64 {
        let applicant = |application| Application::applicant(application).map(Person::likeness);
        repeated(self.applications.rows().map(|application| (&application.officer, applicant(application))))
    }

    /// How many co-applicants look like one of the same application.
    pub fn double_people(&self) -> u64 {
        let people = self.applications.rows().flat_map(|application| {
            application.co_applicants().iter().map(|person| (application.id.as_str(), person.likeness()))
        });
        repeated(people)
    }

    /// How many documents have the bytes of one of the same action.
    pub fn double_documents(&self) -> u64 {
        repeated(self.documents.rows().map(|document| (&document.action, &document.sha256)))
    }

    /// How many actions that are not withdrawn have the identifier of another.
    pub fn double_actions(&self) -> u64 {
        repeated(self.actions.rows().filter(|action| !action.withdrawn).map(Action::identifier))
    }
}
