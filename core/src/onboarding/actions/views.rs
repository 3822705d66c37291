//! Actions in the orders in which an officer looks at them. Nothing is copied; each takes time `n log n`.

use super::model::{Action, Status};
use std::collections::BTreeMap;

/// Where an action stands for the officer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// It waits for her.
    Open,
    /// It is answered: by her, sent or not, or by someone else.
    Answered,
    /// The bank does not want it any more.
    Withdrawn,
}

/// Something that is or has an action.
pub trait Asked {
    /// The action.
    fn action(&self) -> &Action;

    /// Where it stands for the officer; by itself only the bank's status is known.
    fn mark(&self) -> Mark {
        if self.action().status == Status::Submitted { Mark::Answered } else { Mark::Open }
    }
}

impl Asked for Action {
    fn action(&self) -> &Action {
        self
    }
}

impl<T: Asked> Asked for &T {
    fn action(&self) -> &Action {
        (*self).action()
    }
    fn mark(&self) -> Mark {
        (*self).mark()
    }
}

/// How far some actions have come. What was withdrawn is not counted at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Answered.
    pub answered: usize,
    /// To be answered before it goes on.
    pub left: usize,
    /// Open, but may be skipped: not left.
    pub skippable: usize,
}

impl Progress {
    /// How much is done, in whole percent, rounded down: 100 only if nothing is left. What may be skipped keeps nothing from
    /// being complete; of nothing at all everything is done.
    #[must_use]
    pub fn percent(&self) -> u8 {
        let (answered, all) = (self.answered as u128, self.answered as u128 + self.left as u128);
        (answered * 100).checked_div(all).and_then(|percent| u8::try_from(percent).ok()).unwrap_or(100)
    }

    fn count(&mut self, asked: &impl Asked) {
        match asked.mark() {
            Mark::Answered => self.answered += 1,
            Mark::Open if asked.action().skippable => self.skippable += 1,
            Mark::Open => self.left += 1,
            Mark::Withdrawn => {}
        }
    }
}

/// Actions that belong together, in the order of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section<'a, K, T> {
    /// What they have in common.
    pub of: K,
    /// They.
    pub items: Vec<&'a T>,
    /// How far they have come.
    pub progress: Progress,
}

/// How far they have come.
pub fn progress<'a, T: Asked + 'a>(all: impl IntoIterator<Item = &'a T>) -> Progress {
    let mut progress = Progress::default();
    all.into_iter().for_each(|asked| progress.count(asked));
    progress
}

/// By group, in the order in which the bank lists them.
#[must_use]
pub fn by_group<T: Asked>(all: &[T]) -> Vec<Section<'_, &str, T>> {
    sections(all, |asked| asked.action().group.as_str())
}

/// By person, by the bank's number of her; those that the bank gives none for are in a section of their own. In the order
/// of first mention.
#[must_use]
pub fn by_person<T: Asked>(all: &[T]) -> Vec<Section<'_, Option<&str>, T>> {
    sections(all, |asked| asked.action().party.as_deref())
}

/// What is open, what may not be skipped first, else in the order of the list.
#[must_use]
pub fn to_do<T: Asked>(all: &[T]) -> Vec<&T> {
    let mut open: Vec<&T> = all.iter().filter(|asked| asked.mark() == Mark::Open).collect();
    open.sort_by_key(|asked| asked.action().skippable);
    open
}

fn sections<'a, K: Ord + Copy, T: Asked>(all: &'a [T], of: impl Fn(&'a T) -> K) -> Vec<Section<'a, K, T>> {
    let (mut places, mut sections) = (BTreeMap::new(), Vec::<Section<'a, K, T>>::new());
    for asked in all {
        let of = of(asked);
        let place = *places.entry(of).or_insert(sections.len());
        if place == sections.len() {
            sections.push(Section { of, items: vec![], progress: Progress::default() });
        }
        if let Some(section) = sections.get_mut(place) {
            section.items.push(asked);
            section.progress.count(asked);
        }
    }
    sections
}

#[cfg(test)]
mod tests;
