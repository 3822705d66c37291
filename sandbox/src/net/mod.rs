//! Sockets, TLS and the wall clock: the part that is not deterministic.

mod accept;
mod body;
mod collection;
mod onboarding;
mod options;
mod running;
mod tls;
mod vbot;
mod wire;

pub use options::{Options, Tls};
pub use running::{Running, Sandbox};

use crate::server::Server;
use crate::state::StateFile;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

/// What every connection and page works on.
pub(crate) struct Shared {
    state: Mutex<State>,
    due: Notify,
    pub place: Place,
}

struct State {
    server: Server,
    file: Option<StateFile>,
    trouble: Option<String>,
}

/// Where the sandbox listens.
#[derive(Clone)]
pub(crate) struct Place {
    pub base_url: String,
    pub onboarding_url: String,
    pub collection_result_url: String,
    pub collection_tasks_url: String,
    pub vbot_url: String,
    pub root_url: String,
    pub ca_pem: Option<String>,
}

impl Shared {
    pub fn new(server: Server, file: Option<StateFile>, place: Place) -> Arc<Shared> {
        let state = Mutex::new(State { server, file, trouble: None });
        Arc::new(Shared { state, due: Notify::new(), place })
    }

    /// Does something with the server, now, and saves what it changed before it returns.
    pub fn with<R>(&self, work: impl FnOnce(&mut Server, i64) -> R) -> R {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = work(&mut state.server, now_ms());
        let State { server, file, trouble } = &mut *state;
        if let (Some(file), Some(changes)) = (file, server.unsaved()) {
            *trouble = file.save(&changes).err().map(|e| e.to_string());
        }
        drop(state);
        self.due.notify_one();
        result
    }

    /// Why the state file could not be written the last time; none if it could.
    pub fn trouble(&self) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    /// Executes late commits when they are due, for ever.
    async fn keep_time(self: Arc<Self>) {
        loop {
            let due = self.with_quietly(|server| server.next_due());
            match due {
                None => self.due.notified().await,
                Some(due) => {
                    let wait = Duration::from_millis(u64::try_from(due - now_ms()).unwrap_or(0));
                    tokio::select! {
                        () = tokio::time::sleep(wait) => self.with(|server, now| server.tick(now)),
                        () = self.due.notified() => {}
                    }
                }
            }
        }
    }

    fn with_quietly<R>(&self, look: impl FnOnce(&Server) -> R) -> R {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner).server)
    }
}

/// The wall clock, in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
