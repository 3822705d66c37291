//! The switches that are set, and the drawing of lots.

use super::{Armed, Fault, Kind, Stage};
use std::collections::BTreeMap;

/// What the board has to know of a request.
pub(crate) struct Case<'a> {
    pub remote: &'a str,
    pub endpoint: &'a str,
    /// The request's body is yet to come; with the length it is said to have.
    pub arriving: Option<Option<u64>>,
    /// Whether it passed the service's checks.
    pub accepted: bool,
    /// Whether it would change anything.
    pub changes: bool,
    pub entries: usize,
}

impl<'a> Case<'a> {
    /// A whole request that was not accepted.
    pub fn new(remote: &'a str, endpoint: &'a str) -> Case<'a> {
        Case { remote, endpoint, arriving: None, accepted: false, changes: false, entries: 0 }
    }

    /// Whether the fault could be seen at all: one that could not must not use up its count.
    fn fits(&self, fault: &Fault) -> bool {
        let here = fault.endpoint.as_deref().is_none_or(|endpoint| endpoint == self.endpoint);
        let many = self.accepted && self.changes && self.entries > 1;
        let answers = self.accepted && self.changes && self.entries > 0;
        here && match &fault.kind {
            Kind::CutUpload { after } => {
                self.arriving.is_some_and(|length| length.is_none_or(|n| n > *after))
            }
            Kind::Throttle { .. } => self.arriving.is_some(),
            _ if self.arriving.is_some() => false,
            Kind::RoundMinutes => self.remote == "prospect" && self.accepted && self.changes,
            Kind::WrongKey => self.remote == "prospect",
            Kind::Opstatus { .. } => self.remote != "prospect",
            // A list of tasks has no code of its own.
            Kind::ReplyCode { .. } => match self.remote {
                "collection" => self.accepted && self.changes,
                remote => ["onboarding", "vbot"].contains(&remote) && self.accepted,
            },
            Kind::LateCommit { .. } | Kind::ArriveAfterClose { .. } => self.accepted && self.changes,
            Kind::RefuseBatch | Kind::SwapReplies => many,
            Kind::DuplicateReply { .. } | Kind::WrongReference | Kind::MissingReply => answers,
            Kind::TooMany { max } => self.entries > *max,
            _ => true,
        }
    }
}

/// What befalls one request: at most one fault of each stage.
#[derive(Default)]
pub(crate) struct Plan(Vec<Kind>);

impl Plan {
    pub fn at(&self, stage: Stage) -> Option<&Kind> {
        self.0.iter().find(|kind| kind.stage() == stage)
    }

    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(Kind::name).collect()
    }
}

#[derive(Default)]
pub(crate) struct Board {
    armed: Vec<Armed>,
    fired: BTreeMap<String, u64>,
    last_id: u64,
}

impl Board {
    pub fn armed(&self) -> &[Armed] {
        &self.armed
    }

    /// How often each kind fired since the start, whatever was set and taken back since.
    pub fn fired(&self) -> &BTreeMap<String, u64> {
        &self.fired
    }

    pub fn set(&mut self, faults: Vec<Fault>) {
        self.armed.clear();
        faults.into_iter().for_each(|fault| {
            self.add(fault);
        });
    }

    pub fn add(&mut self, fault: Fault) -> u64 {
        self.last_id += 1;
        self.armed.push(Armed { id: self.last_id, fault, seen: 0, fired: 0 });
        self.last_id
    }

    pub fn remove(&mut self, id: u64) -> bool {
        let before = self.armed.len();
        self.armed.retain(|armed| armed.id != id);
        self.armed.len() < before
    }

    /// Draws what befalls a request. Switches are asked in the order in which they were set; one whose stage is
    /// taken is not asked.
    pub fn draw(&mut self, case: &Case<'_>, rng: &mut fastrand::Rng) -> Plan {
        let mut plan = Plan::default();
        for armed in &mut self.armed {
            let taken = plan.at(armed.fault.kind.stage()).is_some();
            if taken || armed.spent() || !case.fits(&armed.fault) {
                continue;
            }
            armed.seen += 1;
            // The lot is drawn even for a sure fault, so that changing a probability does not shift every later draw.
            let lot = rng.f64();
            if armed.seen > armed.fault.skip && lot < armed.fault.chance {
                armed.fired += 1;
                *self.fired.entry(armed.fault.kind.name().to_owned()).or_default() += 1;
                plan.0.push(armed.fault.kind.clone());
            }
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPLOAD: Case<'static> = Case {
        remote: "prospect",
        endpoint: "Add",
        arriving: None,
        accepted: true,
        changes: true,
        entries: 3,
    };

    fn fires(board: &mut Board, case: &Case<'_>, rng: &mut fastrand::Rng) -> bool {
        !board.draw(case, rng).names().is_empty()
    }

    #[test]
    fn count_and_skip() {
        let (mut board, mut rng) = (Board::default(), fastrand::Rng::with_seed(1));
        board.set(vec![Fault::new(Kind::LostClose).skip(2).times(2)]);
        let seen: Vec<bool> = (0..6).map(|_| fires(&mut board, &UPLOAD, &mut rng)).collect();
        assert_eq!(seen, [false, false, true, true, false, false]);
        assert_eq!(board.fired()["lost_close"], 2);
    }

    #[test]
    fn a_fault_that_cannot_be_seen_keeps_its_count() {
        let (mut board, mut rng) = (Board::default(), fastrand::Rng::with_seed(1));
        board.set(vec![Fault::new(Kind::RefuseBatch).times(1)]);
        assert!(!fires(&mut board, &Case { entries: 1, ..UPLOAD }, &mut rng));
        assert!(!fires(&mut board, &Case { accepted: false, ..UPLOAD }, &mut rng));
        assert!(fires(&mut board, &UPLOAD, &mut rng));
    }

    #[test]
    fn probability_is_seeded_and_kept() {
        let run = |seed| {
            let (mut board, mut rng) = (Board::default(), fastrand::Rng::with_seed(seed));
            board.set(vec![Fault::new(Kind::Garbage).chance(0.3)]);
            (0..1000).map(|_| fires(&mut board, &UPLOAD, &mut rng)).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let hits = run(7).iter().filter(|hit| **hit).count();
        assert!((250..350).contains(&hits), "{hits} of 1000 at 0.3");
    }

    #[test]
    fn one_fault_of_a_stage_and_other_endpoints_left_alone() {
        let (mut board, mut rng) = (Board::default(), fastrand::Rng::with_seed(1));
        board.set(vec![
            Fault::new(Kind::LostClose).on("Add").times(1),
            Fault::new(Kind::LostReset),
            Fault::new(Kind::Gzip),
        ]);
        assert_eq!(board.draw(&UPLOAD, &mut rng).names(), ["lost_close", "gzip"]);
        assert_eq!(board.draw(&UPLOAD, &mut rng).names(), ["lost_reset", "gzip"]);
        let read = Case { accepted: true, ..Case::new("prospect", "Get") };
        assert_eq!(board.draw(&read, &mut rng).names(), ["lost_reset", "gzip"]);
    }

    #[test]
    fn what_befalls_a_body_is_drawn_when_it_comes_and_at_no_other_time() {
        let (mut board, mut rng) = (Board::default(), fastrand::Rng::with_seed(1));
        board.set(vec![
            Fault::new(Kind::LostClose),
            Fault::new(Kind::CutUpload { after: 100 }).times(1),
            Fault::new(Kind::Throttle { bytes_per_second: 9 }),
        ]);
        let coming = |length| Case { arriving: Some(length), ..UPLOAD };
        assert_eq!(board.draw(&UPLOAD, &mut rng).names(), ["lost_close"]);
        assert_eq!(board.draw(&coming(Some(100)), &mut rng).names(), ["throttle"], "there is nothing to cut");
        assert_eq!(board.draw(&coming(None), &mut rng).names(), ["cut_upload", "throttle"]);
        assert_eq!(board.draw(&coming(Some(101)), &mut rng).names(), ["throttle"], "it is spent");
    }

    #[test]
    fn each_service_has_faults_of_its_own() {
        let fits = |kind: Kind, remote| {
            Case { accepted: true, changes: true, ..Case::new(remote, "e") }.fits(&Fault::new(kind))
        };
        for kind in [Kind::WrongKey, Kind::RoundMinutes] {
            assert!(fits(kind.clone(), "prospect"));
            assert!(!fits(kind.clone(), "onboarding") && !fits(kind, "collection"));
        }
        for kind in [Kind::Opstatus { code: 1 }, Kind::ReplyCode { code: 0 }] {
            assert!(fits(kind.clone(), "onboarding") && fits(kind.clone(), "collection"));
            assert!(!fits(kind, "prospect"));
        }
        let list = Case { accepted: true, ..Case::new("collection", "e") };
        assert!(list.fits(&Fault::new(Kind::Opstatus { code: 1 })));
        assert!(!list.fits(&Fault::new(Kind::ReplyCode { code: 1 })));
    }
}
