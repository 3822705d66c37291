//! What was measured, for people and for machines.

use std::fmt;
use std::time::{Duration, Instant};

/// What is asked of a job.
#[derive(Clone, Copy)]
pub enum Goal {
    /// Product ÷ floor, where less is better.
    RatioAtMost(f64),
    /// Product ÷ floor, where more is better.
    RatioAtLeast(f64),
    /// Product − floor.
    MoreByAtMost(f64),
    /// The product's own figure.
    AtMost(f64),
    /// No goal: it is told.
    Told,
}

impl Goal {
    fn met(self, product: f64, floor: f64) -> bool {
        match self {
            Goal::RatioAtMost(most) => product / floor <= most,
            Goal::RatioAtLeast(least) => product / floor >= least,
            Goal::MoreByAtMost(most) => product - floor <= most,
            Goal::AtMost(most) => product <= most,
            Goal::Told => true,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Goal::RatioAtMost(n) => write!(f, "ratio <= {n}"),
            Goal::RatioAtLeast(n) => write!(f, "ratio >= {n}"),
            Goal::MoreByAtMost(n) => write!(f, "product - floor <= {n}"),
            Goal::AtMost(n) => write!(f, "product <= {n}"),
            Goal::Told => f.write_str("none"),
        }
    }
}

/// The figures of some rounds.
#[derive(Clone, Default)]
pub struct Figures(Vec<f64>);

impl From<f64> for Figures {
    fn from(one: f64) -> Self {
        Figures(vec![one])
    }
}

impl Figures {
    pub fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// The middle one; of none, no number.
    pub fn median(&self) -> f64 {
        self.sorted().get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    pub fn least(&self) -> f64 {
        self.sorted().first().copied().unwrap_or(f64::NAN)
    }

    pub fn most(&self) -> f64 {
        self.sorted().last().copied().unwrap_or(f64::NAN)
    }

    /// So many per cent are at most this.
    pub fn percentile(&self, percent: usize) -> f64 {
        let sorted = self.sorted();
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied().unwrap_or(f64::NAN)
    }
}

/// Product and floor, round by round.
#[derive(Clone, Default)]
pub struct Pair {
    pub product: Figures,
    pub floor: Figures,
}

/// One figure that has a goal.
pub struct Measured {
    pub job: String,
    pub unit: &'static str,
    pub goal: Goal,
    pub pair: Pair,
}

/// Collects, and says each job as it is done.
pub struct Report {
    json: bool,
    done: Vec<Measured>,
}

impl Report {
    pub fn new(json: bool) -> Self {
        Report { json, done: vec![] }
    }

    /// Says what runs now.
    pub fn begin(&self, job: &str) {
        if !self.json {
            eprintln!("… {job}");
        }
    }

    pub fn add(&mut self, job: impl Into<String>, unit: &'static str, goal: Goal, pair: Pair) {
        let one = Measured { job: job.into(), unit, goal, pair };
        if self.json {
            println!("{}", one.json());
        }
        self.done.push(one);
    }

    pub fn end(&self) {
        if !self.json {
            self.table();
        }
    }

    fn table(&self) {
        let width = self.done.iter().map(|one| one.job.len()).max().unwrap_or(0);
        println!(
            "{:width$}  {:>22}  {:>22}  {:<9} {:>7}  {:<24} met",
            "job", "product (least)", "floor (least)", "unit", "ratio", "goal"
        );
        for one in &self.done {
            let Pair { product, floor } = &one.pair;
            println!(
                "{:width$}  {:>22}  {:>22}  {:<9} {:>7.3}  {:<24} {}",
                one.job,
                shown(product),
                shown(floor),
                one.unit,
                one.ratio(),
                one.goal.to_string(),
                if one.met() { "yes" } else { "NO" },
            );
        }
        let met = self.done.iter().filter(|one| one.met()).count();
        println!("{met} of {} goals met", self.done.len());
    }
}

fn shown(figures: &Figures) -> String {
    format!("{:.3} ({:.3})", figures.median(), figures.least())
}

impl Measured {
    fn ratio(&self) -> f64 {
        self.pair.product.median() / self.pair.floor.median()
    }

    fn met(&self) -> bool {
        self.goal.met(self.pair.product.median(), self.pair.floor.median())
    }

    fn json(&self) -> serde_json::Value {
        let Pair { product, floor } = &self.pair;
        serde_json::json!({
            "job": self.job, "product": product.median(), "floor": floor.median(), "unit": self.unit,
            "ratio": self.ratio(), "goal": self.goal.to_string(), "met": self.met(),
            "product_least": product.least(), "floor_least": floor.least(),
            "product_most": product.most(), "floor_most": floor.most(), "rounds": product.0.len(),
        })
    }
}

/// How long something took, and what it gave.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed(), done)
}

/// Milliseconds.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Microseconds.
pub fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
