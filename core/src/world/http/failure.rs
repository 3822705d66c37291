//! Why a call failed, and whether the server can have acted all the same.

use std::fmt;
use std::io;

/// A call without a usable reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct Failure {
    /// Whether the server can have acted.
    pub class: Class,
    /// Why, for people and back-off. Nothing is ever sent again because of it.
    pub cause: Cause,
}

/// Whether the server can have acted on a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Proven: no connection, no trust, or the body's last byte never left our hands.
    NotExecuted,
    /// It may have.
    Unknown,
}

/// Why a call failed. Safe to log: a code and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Nobody answered: refused, unreachable, no network.
    Offline,
    /// The name could not be looked up.
    Dns,
    /// A limit of time ran out.
    Timeout,
    /// We do not trust whom we reached.
    Untrusted(TrustProblem),
    /// It speaks no TLS that we accept: plain HTTP on the port, or only old versions.
    NotTls,
    /// The connection ended early.
    Closed,
    /// Longer than [`super::Limits::reply_bytes`].
    ReplyTooLong,
    /// Too many or too long headers.
    HeadTooLong,
    /// A redirect; never followed.
    Redirect,
    /// A compressed reply; never asked for and never unpacked.
    Encoded,
    /// Not what was agreed: not HTTP, not the envelope, not JSON. Deliberately one cause for all of them.
    Undecodable,
    /// Our own body could not be read, or did not have the length it announced.
    Body,
    /// The key vault did not answer, and nothing may leave that it knows nothing of.
    Vault,
    /// The profile or the call is wrong; nothing was tried.
    NotConfigured(Setting),
}

/// Why a server is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustProblem {
    /// Signed by nobody we know.
    UnknownAuthority,
    /// A certificate for another name.
    WrongHost,
    /// No longer valid, or the tablet's clock is wrong.
    Expired,
    /// Not valid yet, or the tablet's clock is wrong.
    NotYetValid,
    /// It does not hold the certificate's key, or the certificate is forged.
    BadSignature,
    /// Trusted, but none of the pinned keys.
    Pin,
    /// The host app said no.
    HostRefused,
    /// The host app gave no answer: it panicked, or took too long.
    HostSilent,
    /// Anything else, such as a revoked certificate.
    Other,
}

/// Which setting of the profile or the call is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Not a URL of a host, or one with a password in it.
    Url,
    /// Plain `http://` to another machine.
    PlainHttp,
    /// A header that cannot be sent or is the transport's own.
    Header,
    /// No root certificate, or one that cannot be read.
    Roots,
    /// An empty set of pins.
    Pins,
    /// The platform's own verifier cannot be used here.
    Platform,
    /// Key or IV of a wrong length.
    Envelope,
}

impl Cause {
    /// Stable, and safe to log and to show.
    pub fn code(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Dns => "dns",
            Self::Timeout => "timeout",
            Self::Untrusted(problem) => problem.code(),
            Self::NotTls => "not_tls",
            Self::Closed => "closed",
            Self::ReplyTooLong => "reply_too_long",
            Self::HeadTooLong => "head_too_long",
            Self::Redirect => "redirect",
            Self::Encoded => "encoded",
            Self::Undecodable => "undecodable",
            Self::Body => "body",
            Self::Vault => "vault",
            Self::NotConfigured(setting) => setting.code(),
        }
    }

    /// The cause inside an error of [`super::Incoming::body`] or of a decoder on top of it.
    pub fn of(error: &io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>());
        inner.copied().unwrap_or(Self::Undecodable)
    }
}

impl TrustProblem {
    /// Stable, and safe to log and to show.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownAuthority => "untrusted_authority",
            Self::WrongHost => "untrusted_wrong_host",
            Self::Expired => "untrusted_expired",
            Self::NotYetValid => "untrusted_not_yet_valid",
            Self::BadSignature => "untrusted_signature",
            Self::Pin => "untrusted_pin",
            Self::HostRefused => "untrusted_host_refused",
            Self::HostSilent => "untrusted_host_silent",
            Self::Other => "untrusted",
        }
    }
}

impl Setting {
    /// Stable, and safe to log and to show.
    pub fn code(self) -> &'static str {
        match self {
            Self::Url => "setting_url",
            Self::PlainHttp => "setting_plain_http",
            Self::Header => "setting_header",
            Self::Roots => "setting_roots",
            Self::Pins => "setting_pins",
            Self::Platform => "setting_platform",
            Self::Envelope => "setting_envelope",
        }
    }
}

macro_rules! shown_as_code {
    ($($error:ty),*) => {$(
        impl fmt::Display for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
        impl std::error::Error for $error {}
    )*};
}
shown_as_code!(Cause, TrustProblem, Setting);

impl serde::Serialize for TrustProblem {
    /// As its code.
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl From<Setting> for Cause {
    fn from(setting: Setting) -> Self {
        Self::NotConfigured(setting)
    }
}

impl From<Cause> for io::Error {
    fn from(cause: Cause) -> Self {
        let kind = match cause {
            Cause::Timeout => io::ErrorKind::TimedOut,
            Cause::Closed | Cause::Offline | Cause::Dns => io::ErrorKind::ConnectionAborted,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_survives_the_way_through_a_reader() {
        for cause in [Cause::Timeout, Cause::ReplyTooLong, Cause::Untrusted(TrustProblem::Pin)] {
            assert_eq!(Cause::of(&io::Error::from(cause)), cause);
        }
        assert_eq!(Cause::of(&io::Error::other("someone else's")), Cause::Undecodable);
        assert_eq!(Cause::of(&io::ErrorKind::UnexpectedEof.into()), Cause::Undecodable);
    }
}
