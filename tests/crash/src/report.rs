//! What was found, for people and for machines.

use crate::flips::Flips;
use crate::truth::{Truth, Verdict};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// As many findings are told in words.
const TOLD: usize = 20;

/// What one kind of runs found.
#[derive(Default, Debug, Serialize)]
pub struct Found {
    /// Runs in which what was to happen did happen.
    pub runs: u64,
    /// Prospects, or papers, that were acknowledged in them.
    pub acknowledged: u64,
    /// Entries that were in doubt at some time.
    pub doubts: u64,
    /// What was acknowledged and is gone.
    pub lost: u64,
    /// What the bank has more than once.
    pub doubled: u64,
    /// Anything else that is not as it must be.
    pub wrong: u64,
    /// The first of them in words, with how to see them again.
    #[serde(skip)]
    pub words: Vec<String>,
}

impl Found {
    /// From the checks of one run, or of some on one book.
    pub fn of(runs: u64, truth: &Truth, verdict: Verdict, again: impl FnOnce() -> String) -> Found {
        Found::said(runs, truth.acknowledged() as u64, verdict, again)
    }

    /// Likewise, of so many that were acknowledged.
    pub fn said(runs: u64, acknowledged: u64, verdict: Verdict, again: impl FnOnce() -> String) -> Found {
        let mut words = vec![];
        if !verdict.is_good() {
            let Verdict { lost, doubled, wrong, .. } = &verdict;
            words.push(format!("{}: lost {lost:?}, doubled {doubled:?}, wrong {wrong:?}", again()));
        }
        Found {
            runs,
            acknowledged,
            doubts: verdict.doubts,
            lost: verdict.lost.len() as u64,
            doubled: verdict.doubled.len() as u64,
            wrong: verdict.wrong.len() as u64,
            words,
        }
    }

    /// Adds another.
    pub fn add(&mut self, other: Found) {
        self.runs += other.runs;
        self.acknowledged += other.acknowledged;
        self.doubts += other.doubts;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.wrong += other.wrong;
        self.words.extend(other.words);
        self.words.truncate(TOLD);
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.lost + self.doubled + self.wrong == 0
    }
}

/// The sweep over every call.
#[derive(Default, Debug, Serialize)]
pub struct Sweep {
    /// Simulated files: the power fails.
    pub power_cuts: Found,
    /// Simulated files: the process dies.
    pub kills: Found,
    /// Simulated files: an I/O error.
    pub eio: Found,
    /// Simulated files: no room.
    pub full: Found,
    /// Real files: an I/O error.
    pub real_eio: Found,
    /// Real files: no room.
    pub real_full: Found,
}

impl Sweep {
    /// Each kind with its name.
    pub fn parts(&self) -> [(&'static str, &Found); 6] {
        [
            ("power cut at each call", &self.power_cuts),
            ("kill at each call", &self.kills),
            ("EIO at each call", &self.eio),
            ("disk full at each call", &self.full),
            ("EIO at each call, real files", &self.real_eio),
            ("disk full at each call, real files", &self.real_full),
        ]
    }
}

/// The whole run.
#[derive(Default, Debug)]
pub struct Report {
    /// Where chance began.
    pub seed: u64,
    /// How long it took.
    pub seconds: f64,
    /// Kills at random moments.
    pub random: Found,
    /// Kills a second in that part.
    pub kills_per_second: f64,
    /// Kills at each boundary.
    pub boundaries: Found,
    /// Kills while papers are taken in and sent.
    pub papers: Found,
    /// Every call.
    pub sweep: Sweep,
    /// Two processes on one book.
    pub pairs: Found,
    /// Flipped bits.
    pub flips: Flips,
}

impl Report {
    fn parts(&self) -> Vec<(&'static str, &Found)> {
        let mut parts = vec![
            ("kill at a random moment", &self.random),
            ("kill at each boundary", &self.boundaries),
            ("kill while papers are on their way", &self.papers),
        ];
        parts.extend(self.sweep.parts());
        parts.push(("two processes, one killed", &self.pairs));
        parts
    }

    /// Whether nothing was lost, doubled or wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.parts().iter().all(|(_, found)| found.is_good()) && self.flips.is_good()
    }

    /// One JSON object.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let sum = |of: fn(&Found) -> u64| self.parts().iter().map(|(_, found)| of(found)).sum::<u64>();
        serde_json::json!({
            "kills": self.random.runs,
            "acknowledged": sum(|f| f.acknowledged),
            "doubts": sum(|f| f.doubts),
            "lost": sum(|f| f.lost),
            "doubled": sum(|f| f.doubled),
            "wrong": sum(|f| f.wrong) + self.flips.wrong,
            "boundaries": self.boundaries.runs,
            "papers": self.papers,
            "pairs": self.pairs.runs,
            "sweep": self.sweep,
            "flips": self.flips,
            "seed": self.seed,
            "seconds": (self.seconds * 10.0).round() / 10.0,
            "kills_per_second": (self.kills_per_second * 10.0).round() / 10.0,
        })
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, found) in self.parts().into_iter().filter(|(_, found)| found.runs > 0) {
            let Found { runs, acknowledged, doubts, lost, doubled, wrong, words } = found;
            text += &format!(
                "{name:36} {runs:>6} runs  {acknowledged:>6} acknowledged  {doubts:>5} in doubt  {lost} lost  {doubled} doubled  {wrong} wrong\n"
            );
            words.iter().for_each(|word| text += &format!("    {word}\n"));
        }
        text += &self.flips.text();
        text + &format!(
            "{:.0} s, seed {}, {:.1} kills a second\n",
            self.seconds, self.seed, self.kills_per_second
        )
    }
}

/// A bar on standard error; none where nobody looks.
pub struct Progress(ProgressBar);

impl Progress {
    /// For so many steps; 0 when nobody knows.
    #[must_use]
    pub fn new(what: &'static str, steps: u64) -> Progress {
        let bar = if steps > 0 { ProgressBar::new(steps) } else { ProgressBar::new_spinner() };
        let template = "{msg:36} {pos:>6} {wide_bar} {elapsed}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Progress(bar.with_style(style).with_message(what))
    }

    /// No bar at all.
    #[must_use]
    pub fn hidden() -> Progress {
        Progress(ProgressBar::hidden())
    }

    /// Some more are done.
    pub fn by(&self, steps: u64) {
        self.0.inc(steps);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
