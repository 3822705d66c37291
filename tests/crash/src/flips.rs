//! One bit turned over anywhere in a killed store's database or log: noticed, harmless, or the log's tail lost with a
//! copy kept. Never a wrong row.

mod salvage;
mod template;

use crate::Result;
use crate::report::Progress;
use salvage::Had;
use satchel::Error;
use satchel::store::Store;
use serde::Serialize;
use sim_files::Files;
use std::path::Path;
use template::{Kind, Template, dump};

/// As many findings are told in words.
const TOLD: usize = 20;

/// What became of the flipped bits.
#[derive(Default, Debug, Serialize)]
pub struct Flips {
    /// How many.
    pub flips: u64,
    /// The store says that it is damaged: when it is opened, or when the page is read.
    pub detected: u64,
    /// Every row is as it was.
    pub harmless: u64,
    /// The book is as it was after an earlier save, the log was copied aside, and `log_damage` says so.
    pub tail_lost: u64,
    /// The book is as it was before the very last save, and the log looks as if the power had failed in it: nobody can
    /// tell.
    pub last_save_lost: u64,
    /// Rows that salvage gave as they were, of the books that were damaged or lost their log's tail.
    pub salvaged_rows: u64,
    /// Rows of these of which it has only an older copy: they lay on the damaged page.
    pub salvaged_older: u64,
    /// Rows of these of which it has nothing: likewise.
    pub salvage_lost: u64,
    /// A row that never was, a loss that nobody was told of, a row that salvage lost from a page that was whole.
    pub wrong: u64,
    /// The first wrong ones in words.
    #[serde(skip)]
    pub words: Vec<String>,
}

impl Flips {
    /// Whether no row was wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.wrong == 0
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let Flips { flips, detected, harmless, tail_lost, last_save_lost, wrong, words, .. } = self;
        let Flips { salvaged_rows, salvaged_older, salvage_lost, .. } = self;
        let mut text = match flips {
            0 => String::new(),
            _ => format!(
                "{:36} {flips:>6} bits  {detected} detected  {harmless} harmless  {tail_lost} tail lost and kept aside  {last_save_lost} last save lost  {wrong} wrong\n{:36} {salvaged_rows} rows as they were  {salvaged_older} older  {salvage_lost} lost with their page\n",
                "bit turned over", "of these salvaged"
            ),
        };
        words.iter().for_each(|word| text += &format!("    {word}\n"));
        text
    }

    fn count(&mut self, (class, had): (Class, Had), again: impl FnOnce() -> String) {
        self.flips += 1;
        self.salvaged_rows += had.rows;
        self.salvaged_older += had.older;
        self.salvage_lost += had.lost;
        match class {
            Class::Detected => self.detected += 1,
            Class::Harmless => self.harmless += 1,
            Class::TailLost => self.tail_lost += 1,
            Class::LastSaveLost => self.last_save_lost += 1,
            Class::Wrong(what) => {
                self.wrong += 1;
                self.words.push(format!("{}: {what}", again()));
                self.words.truncate(TOLD);
            }
        }
    }

    fn add(&mut self, other: Flips) {
        self.flips += other.flips;
        self.detected += other.detected;
        self.harmless += other.harmless;
        self.tail_lost += other.tail_lost;
        self.last_save_lost += other.last_save_lost;
        self.salvaged_rows += other.salvaged_rows;
        self.salvaged_older += other.salvaged_older;
        self.salvage_lost += other.salvage_lost;
        self.wrong += other.wrong;
        self.words.extend(other.words);
        self.words.truncate(TOLD);
    }
}

enum Class {
    Detected,
    Harmless,
    TailLost,
    LastSaveLost,
    Wrong(String),
}

/// Turns so many bits over, one at a time, each in a fresh copy of a killed store.
///
/// # Errors
/// When the stores cannot be made.
pub async fn run(seed: u64, flips: u64, threads: u64, progress: &Progress) -> Result<Flips> {
    let mut templates = vec![];
    for kind in [Kind::InTheLog, Kind::Half, Kind::CheckedIn] {
        templates.push(Template::make(kind).await?);
    }
    let mut found = Flips::default();
    std::thread::scope(|scope| {
        let part = |thread: u64| {
            let mut found = Flips::default();
            for n in (thread..flips).step_by(threads.max(1) as usize) {
                let number = seed.wrapping_add(n);
                found.count(flip(&templates, number), || {
                    format!("crash --seed {number} --flips 1 --only flips")
                });
                progress.by(1);
            }
            found
        };
        let parts: Vec<_> = (0..threads.max(1)).map(|thread| scope.spawn(move || part(thread))).collect();
        for part in parts {
            match part.join() {
                Ok(part) => found.add(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    Ok(found)
}

/// The book damaged, what becomes of it, and what salvage gives of it.
fn flip(templates: &[Template], number: u64) -> (Class, Had) {
    let mut rng = fastrand::Rng::with_seed(number);
    let template = &templates[rng.usize(..templates.len())];
    let name = if template.log_bytes > 0 && rng.bool() { &template.log } else { &template.database };
    let bit = rng.u64(..);
    let damaged = || {
        let files = Files::load(&template.image);
        files.flip(name, bit);
        files
    };
    let class = open(template, &damaged());
    if !matches!(class, Class::Detected | Class::TailLost) {
        return (class, Had::default());
    }
    match template.salvage(&damaged().process("/t")) {
        Ok(had) => (class, had),
        Err(wrong) => (Class::Wrong(wrong), Had::default()),
    }
}

fn open(template: &Template, files: &Files) -> Class {
    let before = [&template.database, &template.log].map(|name| files.read_file(name));
    let process = files.process("/t");
    let opened =
        Store::open(&template.world(&process), Path::new("/t/books"), template::OFFICER, &template.profile);
    let store = match opened {
        Ok(store) => store,
        Err(Error::StoreDamaged { .. }) if files.read_file(&template.database) == before[0] => {
            return Class::Detected;
        }
        Err(Error::StoreDamaged { .. }) => {
            return Class::Wrong("opening failed and touched the database".to_owned());
        }
        Err(e) => return Class::Wrong(format!("an error that does not say damage: {e}")),
    };
    match dump(&store) {
        Ok(rows) => template.judge(rows, &store, files, before[1].as_deref()),
        Err(Error::StoreDamaged { .. }) => Class::Detected,
        Err(e) => Class::Wrong(format!("an error that does not say damage: {e}")),
    }
}

impl Template {
    /// What a store that could be read is worth.
    fn judge(&self, rows: u64, store: &Store, files: &Files, log: Option<&[u8]>) -> Class {
        let last = self.states.len() - 1;
        let kept =
            store.log_damage().map(|damage| files.read_file(&format!("{}/{}", self.folder, damage.kept)));
        match (self.states.iter().rposition(|state| *state == rows), kept) {
            (Some(at), _) if at == last => Class::Harmless,
            (Some(_), Some(copy)) if copy.as_deref() == log => Class::TailLost,
            (Some(_), Some(_)) => Class::Wrong("the copy of the log is not the log".to_owned()),
            (Some(at), None) if at + 1 == last => Class::LastSaveLost,
            (Some(at), None) => Class::Wrong(format!("{} saves are gone and nobody was told", last - at)),
            (None, _) => Class::Wrong("rows that never were".to_owned()),
        }
    }
}
