//! Officers and their login sessions.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An officer who may call the services.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// The user name of HTTP Basic, and the owner of the data.
    pub user: String,
    /// The password of HTTP Basic.
    pub password: String,
    /// The first login session.
    pub session: String,
}

impl Officer {
    /// An officer with a first session.
    pub fn new(user: impl Into<String>, password: impl Into<String>, session: impl Into<String>) -> Officer {
        Officer { user: user.into(), password: password.into(), session: session.into() }
    }
}

impl fmt::Debug for Officer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Officer(…)")
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Seat {
    officer: Officer,
    token: String,
    expired: bool,
    calls_left: Option<u64>,
    until_ms: Option<i64>,
    renewals: u64,
}

impl Seat {
    fn valid(&self, now_ms: i64) -> bool {
        !self.expired && self.calls_left != Some(0) && self.until_ms.is_none_or(|until| now_ms < until)
    }
}

/// Everybody who may call, and which session of theirs is good.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Sessions(Vec<Seat>);

/// One officer's session, as the inspector and the control routes show it.
#[derive(Clone, Serialize)]
pub struct SessionView {
    /// The officer.
    pub user: String,
    /// The session that is, or was, the last good one.
    pub session: String,
    /// Whether it is good now.
    pub valid: bool,
    /// After how many more calls it ends.
    pub calls_left: Option<u64>,
    /// When it ends, in milliseconds since 1970.
    pub until_ms: Option<i64>,
    /// How often it was renewed.
    pub renewals: u64,
}

impl Sessions {
    /// These officers, each with their first session.
    pub fn new(officers: impl IntoIterator<Item = Officer>) -> Sessions {
        let mut sessions = Sessions::default();
        officers.into_iter().for_each(|officer| sessions.add(officer));
        sessions
    }

    /// Adds an officer, or gives a known one a new password and session.
    pub fn add(&mut self, officer: Officer) {
        self.0.retain(|seat| seat.officer.user != officer.user);
        let token = officer.session.clone();
        self.0.push(Seat { officer, token, expired: false, calls_left: None, until_ms: None, renewals: 0 });
    }

    /// Whether somebody has this user name and password.
    pub fn knows(&self, user: &str, password: &str) -> bool {
        self.0.iter().any(|seat| seat.officer.user == user && seat.officer.password == password)
    }

    /// The user whose good session this is.
    pub fn whose(&self, session: &str, now_ms: i64) -> Option<&str> {
        let seat = self.0.iter().find(|seat| seat.token == session && seat.valid(now_ms))?;
        Some(&seat.officer.user)
    }

    /// Counts one call in the user's session.
    pub fn spend(&mut self, user: &str) {
        if let Some(left) = self.seat(user).and_then(|seat| seat.calls_left.as_mut()) {
            *left = left.saturating_sub(1);
        }
    }

    /// Ends the user's session. False: no such user.
    pub fn expire(&mut self, user: &str) -> bool {
        self.seat(user).map(|seat| seat.expired = true).is_some()
    }

    /// Ends the user's session after so many more calls. False: no such user.
    pub fn expire_after(&mut self, user: &str, calls: u64) -> bool {
        self.seat(user).map(|seat| seat.calls_left = Some(calls)).is_some()
    }

    /// Ends the user's session at a time in milliseconds since 1970. False: no such user.
    pub fn expire_at(&mut self, user: &str, until_ms: i64) -> bool {
        self.seat(user).map(|seat| seat.until_ms = Some(until_ms)).is_some()
    }

    /// Signs the user in anew: a new session, good until further notice; the old one is not. None: no such user.
    pub fn renew(&mut self, user: &str) -> Option<String> {
        let seat = self.seat(user)?;
        seat.renewals += 1;
        seat.token = format!("{}.{}", seat.officer.session, seat.renewals);
        (seat.expired, seat.calls_left, seat.until_ms) = (false, None, None);
        Some(seat.token.clone())
    }

    /// Gives the user another password for HTTP Basic; the session stays. False: no such user.
    pub fn set_password(&mut self, user: &str, password: &str) -> bool {
        self.seat(user).map(|seat| password.clone_into(&mut seat.officer.password)).is_some()
    }

    /// The first officer's user name; empty when there is none.
    pub fn first_user(&self) -> &str {
        self.0.first().map_or("", |seat| &seat.officer.user)
    }

    /// Everybody, each with the session that is, or was, the last good one.
    pub fn officers(&self) -> Vec<Officer> {
        let now = |seat: &Seat| Officer { session: seat.token.clone(), ..seat.officer.clone() };
        self.0.iter().map(now).collect()
    }

    /// Everybody's session.
    pub fn view(&self, now_ms: i64) -> Vec<SessionView> {
        let show = |seat: &Seat| SessionView {
            user: seat.officer.user.clone(),
            session: seat.token.clone(),
            valid: seat.valid(now_ms),
            calls_left: seat.calls_left,
            until_ms: seat.until_ms,
            renewals: seat.renewals,
        };
        self.0.iter().map(show).collect()
    }

    /// Puts saved sessions in place of those of the same officers.
    pub(crate) fn adopt(&mut self, saved: Sessions) {
        self.0.retain(|seat| saved.0.iter().all(|other| other.officer.user != seat.officer.user));
        self.0.splice(0..0, saved.0);
    }

    fn seat(&mut self, user: &str) -> Option<&mut Seat> {
        self.0.iter_mut().find(|seat| seat.officer.user == user)
    }
}
