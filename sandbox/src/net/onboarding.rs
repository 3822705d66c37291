//! The onboarding service of a started sandbox: what it holds, and what somebody else does to it.

use super::Running;
use super::running::pairs;
use crate::onboarding::{Action, Application, Document, Settings};
use serde_json::Value;

impl Running {
    /// What the onboarding service's paths are appended to:
    /// `https://127.0.0.1:PORT/services/data/v1/CustomerActionsManagement/operations/`.
    pub fn onboarding_url(&self) -> &str {
        &self.shared.place.onboarding_url
    }

    /// Every application in the order in which they were made, with its people.
    pub fn applications(&self) -> Vec<Application> {
        self.shared.with(|server, _| server.onboarding().applications().cloned().collect())
    }

    /// Every action in the order in which they were made, withdrawn ones too.
    pub fn actions(&self) -> Vec<Action> {
        self.shared.with(|server, _| server.onboarding().actions().cloned().collect())
    }

    /// Every document in the order in which they came. Their bytes are shared, not copied.
    pub fn documents(&self) -> Vec<Document> {
        self.shared.with(|server, _| server.onboarding().documents().cloned().collect())
    }

    /// Makes an application for the first officer as another device of theirs would and returns its
    /// `Application_id`; empty if a field is not known. `Application_id` and `Party_Id`, if given, are its own.
    pub fn insert_application<N: Into<String>, V: Into<String>>(
        &self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> String {
        let user = self.shared.with(|server, _| server.sessions().first_user().to_owned());
        self.insert_application_for(&user, fields)
    }

    /// [`insert_application`](Running::insert_application) for any officer.
    pub fn insert_application_for<N: Into<String>, V: Into<String>>(
        &self,
        user: &str,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> String {
        let fields = pairs(fields);
        let insert = |server: &mut crate::Server, now| {
            server.elsewhere_in_onboarding(now, |all| all.insert_application(user, &fields, now))
        };
        self.shared.with(insert).unwrap_or_default()
    }

    /// Makes an action of an application as the bank would and returns its identifier; empty if there is no such
    /// application, no `UserActionName`, or a member of the wrong kind. `members` is an object of members as
    /// getUserActions shows them, laid over a question for a text; null leaves a member out.
    pub fn create_action(&self, application: &str, members: &Value) -> String {
        let create = |server: &mut crate::Server, now| {
            server.elsewhere_in_onboarding(now, |all| all.create_action(application, members, now))
        };
        self.shared.with(create).unwrap_or_default()
    }

    /// Takes an action back as the bank would: it is no longer listed. False: no such action.
    pub fn withdraw_action(&self, identifier: &str) -> bool {
        self.shared.with(|server, now| {
            server.elsewhere_in_onboarding(now, |all| all.withdraw_action(identifier, now))
        })
    }

    /// Answers an action as somebody else would; it is submitted then. False: no such action.
    pub fn answer_as_someone_else(&self, identifier: &str, response: &str) -> bool {
        self.shared.with(|server, now| {
            server.elsewhere_in_onboarding(now, |all| all.answer_as_someone_else(identifier, response, now))
        })
    }

    /// How the onboarding service is set up.
    pub fn onboarding_settings(&self) -> Settings {
        self.shared.with(|server, _| server.onboarding().settings().clone())
    }

    /// Sets the onboarding service up anew.
    pub fn set_onboarding_settings(&self, settings: Settings) {
        self.shared.with(|server, now| {
            server.elsewhere_in_onboarding(now, |all| (all.set_settings(settings), Vec::new()));
        });
    }
}
