//! What the officers noted: each person and paper, and each answer, with how sure it is.

use crate::notebook::{Said, Word};
use satchel::record::Record;
use std::collections::{BTreeMap, BTreeSet};

/// What a thing is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Somebody who applies.
    Applicant,
    /// Somebody who applies with her.
    CoApplicant,
    /// A paper.
    Paper,
}

/// Something that is to be at the bank once.
#[derive(Clone, Debug)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// A first name, or a file's name: nobody else has it.
    pub tag: String,
    /// Whose.
    pub officer: usize,
    /// Its number, once the tablet gave one.
    pub id: Option<Record>,
    /// Was it kept, and when?
    pub kept: (Word, i64),
    /// When the tablet said that it is taken back.
    pub taken_back: Option<i64>,
    /// She gave it up, or may have.
    pub dropped: Word,
    /// The bank's codes for it, one for each time that it came.
    pub arrived: Vec<String>,
    /// A paper's bytes.
    pub bytes: Vec<u8>,
    /// The question that it is for.
    pub question: String,
    /// The page of the application that a co-applicant joins.
    pub with: Option<usize>,
}

/// All of it.
#[derive(Default)]
pub struct Onboarded {
    /// Persons and papers.
    pub things: Vec<Thing>,
    /// What was answered, by officer and question, oldest first.
    pub answers: BTreeMap<(usize, String), Vec<Said>>,
    /// Papers that the newest answer speaks of, by question, and when it was kept.
    pub spoken_of: BTreeMap<String, (Vec<String>, i64)>,
    /// The newest of hers that the bank has had, by officer and question.
    pub latest: BTreeMap<(usize, String), usize>,
    /// Questions that somebody else has answered or the bank has taken back, and when, if that is what stands there.
    pub elsewhere: BTreeMap<String, Option<i64>>,
    /// Answers that she gave up, by officer and question: they are kept, and the bank may have another.
    pub given_up: BTreeSet<(usize, String)>,
    /// How often the bank was asked for more: asked for here, and done there, by officer.
    pub required: BTreeMap<usize, (u64, u64)>,
}

impl Onboarded {
    /// Her answer goes over whatever the bank has, by her word.
    pub fn goes_over(&mut self, question: &str) {
        if let Some(at) = self.elsewhere.get_mut(question) {
            *at = None;
        }
    }

    /// Whether what she has answered is still kept nobody knows; the words of before.
    pub fn doubt_answers(&mut self, key: &(usize, String)) -> Vec<Word> {
        let said = self.answers.get_mut(key).into_iter().flatten();
        let doubted = |word: &mut Word| std::mem::replace(word, (*word).min(Word::Perhaps));
        said.map(|said| doubted(&mut said.word)).collect()
    }

    /// A new page; its number.
    pub fn page(&mut self, kind: Kind, officer: usize, question: &str) -> usize {
        let n = self.things.len();
        let tag = match kind {
            Kind::Applicant => format!("a{n}"),
            Kind::CoApplicant => format!("c{n}"),
            Kind::Paper => format!("p{n}.pdf"),
        };
        self.things.push(Thing {
            kind,
            tag,
            officer,
            id: None,
            kept: (Word::Perhaps, i64::MAX),
            taken_back: None,
            dropped: Word::No,
            arrived: vec![],
            bytes: vec![],
            question: question.to_owned(),
            with: None,
        });
        n
    }

    /// The page of that tag.
    #[must_use]
    pub fn tagged(&self, tag: &str) -> Option<usize> {
        let digits: String = tag.chars().filter(char::is_ascii_digit).collect();
        let page: usize = digits.parse().ok()?;
        self.things.get(page).is_some_and(|thing| thing.tag == tag).then_some(page)
    }

    /// The page of that record of an officer's.
    #[must_use]
    pub fn find(&self, officer: usize, id: Record) -> Option<usize> {
        self.things.iter().position(|thing| thing.officer == officer && thing.id == Some(id))
    }

    /// The records of a kind that an officer has.
    #[must_use]
    pub fn of(&self, officer: usize, kind: Kind) -> Vec<(usize, Record)> {
        let mine = self.things.iter().enumerate();
        let mine = mine.filter(|(_, thing)| thing.officer == officer && thing.kind == kind);
        mine.filter_map(|(page, thing)| Some((page, thing.id?))).collect()
    }

    /// A backup of an officer's book was put back: nothing that was said since is sure any more.
    pub fn rolled_back(&mut self, officer: usize, taken: i64) {
        for thing in self.things.iter_mut().filter(|thing| thing.officer == officer) {
            thing.taken_back = None;
            thing.dropped = thing.dropped.min(Word::Perhaps);
            if thing.kept.1 >= taken {
                thing.kept.0 = thing.kept.0.min(Word::Perhaps);
                thing.id = None;
            }
        }
        let hers = self.answers.iter_mut().filter(|((whose, _), _)| *whose == officer);
        for said in hers.flat_map(|(_, said)| said).filter(|said| said.kept >= taken) {
            said.word = said.word.min(Word::Perhaps);
        }
    }
}
