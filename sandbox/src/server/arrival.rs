//! What befalls a request while it still comes in.

use super::Server;
use crate::exchange::{Exchange, shortened};
use crate::faults::{Case, Kind, Plan, Stage};

/// How a request's body is to be read. The default: whole, and as fast as it comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// The connection is closed when so many bytes of the body were read; the request is not executed.
    pub cut_after: Option<u64>,
    /// So many bytes of the body are read each second at most.
    pub bytes_per_second: Option<u64>,
    /// Names of the faults that fired.
    pub fired: Vec<&'static str>,
}

impl Server {
    /// A request's head has come. `length` is what it says of its body; none if it does not say.
    pub fn arriving(&mut self, path: &str, length: Option<u64>) -> Arrival {
        let Some((which, endpoint)) = self.remotes.route(path) else { return Arrival::default() };
        let case = Case { arriving: Some(length), ..Case::new(self.remotes.get(which).name(), endpoint) };
        let plan = self.faults.draw(&case, &mut self.rng);
        Arrival { cut_after: cut(&plan), bytes_per_second: rate(&plan), fired: plan.names() }
    }

    /// The connection was closed in the middle of a request's body, as its [`Arrival`] said. Returns its number.
    pub fn broken_off(&mut self, path: &str, arrival: &Arrival, now_ms: i64) -> u64 {
        self.tick(now_ms);
        self.requests += 1;
        self.meta_changed = true;
        let endpoint = self.remotes.route(path).map_or(path, |(_, endpoint)| endpoint);
        self.exchanges.push(Exchange {
            id: self.requests,
            at_ms: now_ms,
            endpoint: shortened(endpoint),
            officer: String::new(),
            asked: String::new(),
            answered: String::new(),
            status: None,
            delivery: "cut while it came".to_owned(),
            fired: arrival.fired.clone(),
            committed: Vec::new(),
        });
        self.requests
    }
}

fn cut(plan: &Plan) -> Option<u64> {
    match plan.at(Stage::Arrival) {
        Some(Kind::CutUpload { after }) => Some(*after),
        _ => None,
    }
}

fn rate(plan: &Plan) -> Option<u64> {
    match plan.at(Stage::Rate) {
        Some(Kind::Throttle { bytes_per_second }) => Some(*bytes_per_second),
        _ => None,
    }
}
