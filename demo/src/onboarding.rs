//! Who applied, what was answered and which papers were taken: what the officer noted, and the audit of it.

use crate::Result;
use satchel::onboarding::{ApplicationId, Attached, OnboardingSecrets};
use satchel::record::Record;
use satchel::{Decision, Satchel};
use satchel_sandbox::Running;
use satchel_sandbox::onboarding::Person;
use std::collections::BTreeMap;

/// What the tablet acknowledged.
#[derive(Default)]
pub struct Applied {
    /// Names of those who apply, first name and family name.
    pub people: Vec<String>,
    /// Of these, how many applied with somebody.
    pub with: usize,
    /// Papers, by the name that they are sent under: the hash of their bytes.
    pub papers: BTreeMap<String, String>,
    /// Answers, by the bank's own name of the question.
    pub answers: BTreeMap<String, String>,
}

/// What became of it.
#[derive(Default)]
pub struct Onboarding {
    /// Applications at the bank once.
    pub applications: usize,
    /// Papers at the bank once, with every byte.
    pub documents: usize,
    /// Answers at the bank as given.
    pub actions: usize,
    /// Acknowledged, and not there.
    pub lost: Vec<String>,
    /// There more than once.
    pub doubled: usize,
}

impl Applied {
    /// Somebody applies.
    pub fn applies(&mut self, person: &satchel::onboarding::Person) {
        self.people.push(format!("{} {}", person.first_name, person.last_name));
    }

    /// A paper was taken.
    pub fn took(&mut self, attached: &Attached) {
        self.papers.insert(attached.document.name.clone(), attached.document.sha256.clone());
    }

    /// The notes against what the bank holds.
    pub fn audit(&self, bank: &Running) -> Onboarding {
        let mut audit = Onboarding::default();
        let people = people(bank);
        for name in &self.people {
            audit.once(name, people.iter().filter(|there| there.name() == *name).count());
        }
        let papers = bank.documents();
        for (name, sha256) in &self.papers {
            audit.once(name, papers.iter().filter(|there| there.name == *name).count());
            audit.documents += usize::from(papers.iter().any(|p| p.name == *name && p.sha256 == *sha256));
        }
        let actions = bank.actions();
        for (question, answer) in &self.answers {
            let there = actions.iter().find(|action| action.identifier() == question);
            match there.is_some_and(|action| action.status() == "Submitted" && action.response == *answer) {
                true => audit.actions += 1,
                false => audit.lost.push(format!("the answer to {question}")),
            }
        }
        if audit.documents < self.papers.len() {
            audit.lost.push("a paper's bytes".to_owned());
        }
        audit.applications = bank.applications().len();
        if audit.applications + self.with != self.people.len() {
            audit.lost.push(format!(
                "{} applications of {}",
                audit.applications,
                self.people.len() - self.with
            ));
        }
        audit
    }
}

impl Onboarding {
    fn once(&mut self, what: &str, times: usize) {
        match times {
            0 => self.lost.push(what.to_owned()),
            more => self.doubled += more - 1,
        }
    }
}

fn people(bank: &Running) -> Vec<Person> {
    bank.applications().into_iter().flat_map(|application| application.people).collect()
}

/// She looks at the bank's own list: what is there has arrived.
pub async fn decision(satchel: &Satchel, bank: &Running, record: Record) -> Result<Decision> {
    let arrived = match record {
        Record::Application(id) => {
            let person = satchel.application(id).await?.person;
            let name = format!("{} {}", person.first_name, person.last_name);
            let there = bank.applications();
            let of = there.iter().find(|there| there.applicant().is_some_and(|one| one.name() == name));
            of.map(|there| there.id.clone())
        }
        Record::CoApplicant(id) => {
            let all = satchel.applications(ApplicationId(0), 500).await?;
            let one = all.iter().flat_map(|one| &one.co_applicants).find(|one| one.id == id);
            let name = one.map(|one| format!("{} {}", one.person.first_name, one.person.last_name));
            name.filter(|name| people(bank).iter().any(|there| there.name() == *name)).map(|_| String::new())
        }
        Record::Document(id) => {
            let name = satchel.document(id).await?.name;
            bank.documents().iter().any(|there| there.name == name).then(String::new)
        }
        Record::Prospect(_) | Record::Action(_) | Record::CollectionResult(_) | Record::CrmObject(_) => None,
    };
    Ok(arrived.map_or(Decision::SendAgain, |code| Decision::Arrived { code }))
}

/// The headers that the bank takes in that session.
pub fn headers(session: &str) -> OnboardingSecrets {
    let one = || [("x-session".to_owned(), session.into())].into();
    OnboardingSecrets { authenticated: one(), anonymous: one() }
}
