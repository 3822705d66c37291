//! A started sandbox.

use super::{Options, Place, Shared, Tls, accept, now_ms, tls};
use crate::collection;
use crate::faults::Fault;
use crate::ledger::LedgerEntry;
use crate::onboarding;
use crate::prospect::{Envelope, Prospects, Row, Settings};
use crate::server::Server;
use crate::sessions::{Officer, Sessions};
use crate::state::StateFile;
use crate::vbot;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The way to start one.
pub struct Sandbox;

impl Sandbox {
    /// Starts a sandbox on 127.0.0.1, on the tokio runtime of the caller. It listens on return.
    ///
    /// Errors: `InvalidInput` for a key of a wrong length, `InvalidData` for a state file that is not one, and
    /// whatever binding the port or opening the file gives.
    pub async fn start(options: Options) -> io::Result<Running> {
        let envelope = Envelope::new(&options.key, options.iv)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the key has 16, 24 or 32 bytes"))?;
        let sessions = Sessions::new(options.officers);
        let mut server = Server::new(options.seed, sessions, Prospects::new(envelope), options.lateness_ms);
        let (file, saved) = options.state.map(|path| StateFile::open(&path)).transpose()?.unzip();
        if let Some(saved) = saved.flatten() {
            server.restore(saved).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        }
        let listener = bind(options.port).await?;
        let port = listener.local_addr()?.port();
        let identity = tls::identity(options.tls, now_ms()).map_err(io::Error::other)?;
        let scheme = if options.tls == Tls::Plain { "http" } else { "https" };
        let root_url = format!("{scheme}://127.0.0.1:{port}/");
        let (ca_pem, acceptor) = identity.unzip();
        let base_url = format!("{root_url}api/");
        let onboarding_url = format!("{root_url}{}", onboarding::BASE.trim_start_matches('/'));
        let [collection_result_url, collection_tasks_url] =
            collection::ENDPOINTS.map(|endpoint| format!("{root_url}{endpoint}"));
        let place = Place {
            base_url,
            onboarding_url,
            collection_result_url,
            collection_tasks_url,
            vbot_url: format!("{root_url}{}", vbot::BASE.trim_start_matches('/')),
            root_url,
            ca_pem,
        };
        let shared = Shared::new(server, file, place);
        // Once for the sake of a new state file: it holds the sessions from the start.
        shared.with(|server, now| server.tick(now));
        let tasks = vec![
            tokio::spawn(accept::accept(listener, shared.clone(), acceptor)),
            tokio::spawn(shared.clone().keep_time()),
        ];
        Ok(Running { shared, tasks })
    }
}

/// Binds the port. One that is taken is tried again for two seconds: the sandbox that had it may be ending.
async fn bind(port: u16) -> io::Result<TcpListener> {
    for _ in 0..40 {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Err(e) if e.kind() == io::ErrorKind::AddrInUse => {
                tokio::time::sleep(Duration::from_millis(50)).await
            }
            bound => return bound,
        }
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

/// A started sandbox. Dropping it ends it: every connection is closed, what is on the state file stays.
pub struct Running {
    pub(super) shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Running {
    /// What the prospect service's paths are appended to: `https://127.0.0.1:PORT/api/`.
    pub fn base_url(&self) -> &str {
        &self.shared.place.base_url
    }

    /// `https://127.0.0.1:PORT/`.
    pub fn root_url(&self) -> &str {
        &self.shared.place.root_url
    }

    /// Where a browser finds the inspector.
    pub fn inspector_url(&self) -> &str {
        self.root_url()
    }

    /// The certificate authority to trust; none without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.shared.place.ca_pem.as_deref()
    }

    /// Every committed effect, oldest first.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.shared.with(|server, _| server.ledger().to_vec())
    }

    /// Every prospect in the order in which they were made, rejected ones too.
    pub fn prospects(&self) -> Vec<Row> {
        self.shared.with(|server, _| server.prospects().rows().cloned().collect())
    }

    /// Sets these faults in place of all that were set.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.shared.with(|server, _| server.set_faults(faults));
    }

    /// Takes all faults back.
    pub fn clear_faults(&self) {
        self.set_faults(Vec::new());
    }

    /// How often each kind of fault fired since the start.
    pub fn fired(&self) -> BTreeMap<String, u64> {
        self.shared.with(|server, _| server.fired().clone())
    }

    /// Ends the user's session. False: no such user.
    pub fn expire_session(&self, user: &str) -> bool {
        self.shared.with(|server, _| server.sessions_mut().expire(user))
    }

    /// Ends the user's session after so many more calls. False: no such user.
    pub fn expire_session_after(&self, user: &str, calls: u64) -> bool {
        self.shared.with(|server, _| server.sessions_mut().expire_after(user, calls))
    }

    /// Signs the user in anew and returns the new session; empty if there is no such user.
    pub fn renew_session(&self, user: &str) -> String {
        self.shared.with(|server, _| server.sessions_mut().renew(user)).unwrap_or_default()
    }

    /// Gives the user another password for HTTP Basic; the session stays. False: no such user.
    pub fn change_password(&self, user: &str, password: &str) -> bool {
        self.shared.with(|server, _| server.sessions_mut().set_password(user, password))
    }

    /// Sets fields of a prospect as another device would; dates as in an upload. False: no such code or field.
    pub fn edit_as_other_device<N: Into<String>, V: Into<String>>(
        &self,
        code: &str,
        edits: impl IntoIterator<Item = (N, V)>,
    ) -> bool {
        let edits = pairs(edits);
        self.shared.with(|server, now| server.elsewhere(now, |prospects| prospects.edit(code, &edits, now)))
    }

    /// Rejects a prospect as somebody else would. False: no such code.
    pub fn reject_as_other_device(&self, code: &str) -> bool {
        self.shared.with(|server, now| server.elsewhere(now, |prospects| prospects.remove(code, now)))
    }

    /// Makes a prospect for the first officer as another device of theirs would and returns its code; empty if a
    /// field is not known. Fields not given get usual values.
    pub fn insert_as_other_device<N: Into<String>, V: Into<String>>(
        &self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> String {
        let user = self.shared.with(|server, _| server.sessions().first_user().to_owned());
        self.insert_for(&user, fields)
    }

    /// [`insert_as_other_device`](Running::insert_as_other_device) for any officer.
    pub fn insert_for<N: Into<String>, V: Into<String>>(
        &self,
        user: &str,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> String {
        let fields = pairs(fields);
        let insert = |server: &mut Server, now| server.elsewhere(now, |all| all.insert(user, &fields, now));
        self.shared.with(insert).unwrap_or_default()
    }

    /// Everybody who may call, each with the session that is good now.
    pub fn officers(&self) -> Vec<Officer> {
        self.shared.with(|server, _| server.sessions().officers())
    }

    /// How the prospect service is set up.
    pub fn settings(&self) -> Settings {
        self.shared.with(|server, _| server.prospects().settings().clone())
    }

    /// Sets the prospect service up anew.
    pub fn set_settings(&self, settings: Settings) {
        self.shared.with(|server, now| {
            server.elsewhere(now, |prospects| (prospects.set_settings(settings), Vec::new()));
        });
    }

    /// How many requests to the remotes came.
    pub fn requests_seen(&self) -> u64 {
        self.shared.with(|server, _| server.requests_seen())
    }

    /// How many accepted calls are not executed yet.
    pub fn in_flight(&self) -> usize {
        self.shared.with(|server, _| server.in_flight())
    }

    /// The sandbox's clock, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        now_ms()
    }

    /// Ends the sandbox: it accepts nothing from now on, and its connections close as soon as the runtime gets to
    /// them. Another may be started on the same port and state file at once.
    pub fn stop(self) {}
}

pub(super) fn pairs<N: Into<String>, V: Into<String>>(
    given: impl IntoIterator<Item = (N, V)>,
) -> Vec<(String, String)> {
    given.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}
