//! What can go wrong.

use serde::{Deserialize, Serialize};

/// Where in a reply something begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// At its first byte.
    Head,
    /// At the first byte after the head.
    Body,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// The request is executed; the connection is closed without an answer.
    LostClose,
    /// The request is executed; the connection is reset without an answer.
    LostReset,
    /// The request is accepted and the connection closed; it is executed later.
    LateCommit {
        /// How much later, in milliseconds; never more than the server's stated lateness.
        after_ms: u64,
    },
    /// The server stays silent until the client has left; then the request is executed.
    ArriveAfterClose {
        /// How long after the client left, in milliseconds.
        after_ms: u64,
    },
    /// Creation times are stored without their seconds.
    RoundMinutes,
    /// A call with more than one entry is refused whole.
    RefuseBatch,
    /// A call with more entries than this gets 413, unexecuted.
    TooMany {
        /// The most entries that pass.
        max: usize,
    },
    /// An HTTP status in place of executing the call: 413, 429, 500, 503, …
    Status {
        /// The status.
        code: u16,
        /// The `Retry-After` header, as it is.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// The call is executed and answered with an HTTP error.
    FailAfterCommit {
        /// The status.
        code: u16,
    },
    /// The reply is let out drop by drop.
    Drip {
        /// From its first byte or from its body.
        part: Part,
        /// Bytes at a time.
        bytes: u64,
        /// The pause after each, in milliseconds.
        every_ms: u64,
    },
    /// The connection is closed in the middle of the reply.
    Cut {
        /// Where counting starts.
        part: Part,
        /// How many bytes still leave.
        after: u64,
    },
    /// The sealed message lacks its end.
    Truncate {
        /// How many bytes of it stay; a random number if none.
        #[serde(default)]
        bytes: Option<u64>,
    },
    /// Random bytes in place of the sealed message.
    Garbage,
    /// The reply is sealed under another key.
    WrongKey,
    /// The answer is that the session has expired; nothing is executed, the session stays good.
    ExpiredSession,
    /// An HTML page with status 200.
    CaptivePortal {
        /// Whether the call is executed all the same.
        reaches: bool,
    },
    /// A redirect in place of executing the call.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// Where to.
        to: String,
    },
    /// The call is executed; the reply has so many bytes.
    Giant {
        /// Up to 1 GiB.
        bytes: u64,
    },
    /// `Content-Length` is off by so many bytes.
    LyingLength {
        /// More than there is if positive.
        by: i64,
    },
    /// The reply is compressed, though nobody asked.
    Gzip,
    /// A well sealed reply of so many nested arrays.
    DepthBomb {
        /// How deep, up to a million.
        depth: usize,
    },
    /// The reply bears another content type.
    ContentType {
        /// Which.
        value: String,
    },
    /// The entries of a reply come in the opposite order.
    SwapReplies,
    /// One entry of a reply comes twice.
    DuplicateReply {
        /// Whether the copy says the opposite.
        #[serde(default)]
        contradict: bool,
    },
    /// One entry of a reply answers somebody who never asked.
    WrongReference,
    /// One entry of a reply is not there.
    MissingReply,
    /// The answer waits.
    Delay {
        /// So long, in milliseconds.
        ms: u64,
        /// And up to so much longer.
        #[serde(default)]
        jitter_ms: u64,
    },
    /// The `Date` header is wrong.
    ClockSkew {
        /// By so many seconds.
        seconds: i64,
    },
    /// The connection is closed while the request's body comes in; nothing is executed.
    CutUpload {
        /// How many bytes of the body are read first.
        after: u64,
    },
    /// The request's body is read no faster than this.
    Throttle {
        /// Bytes a second; at least one.
        bytes_per_second: u64,
    },
    /// A failure under HTTP 200; nothing is executed. Not at the prospect service.
    Opstatus {
        /// The reply's `opstatus`; at collection its `respon_code`.
        code: i64,
    },
    /// The call is executed; the reply's `httpStatusCode`, at collection its `respon_code`, is another. Not at the
    /// prospect service.
    ReplyCode {
        /// Which; collection writes it with two digits at least.
        code: i64,
    },
}

/// When a fault acts. At most one fault of a stage acts on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Arrival,
    Rate,
    Instead,
    Store,
    Entries,
    Code,
    Body,
    Type,
    Encoding,
    Length,
    Clock,
    Wait,
    Wire,
}

impl Kind {
    /// The names of the kinds that can befall the prospect service's calls as the simulator makes them, as in JSON;
    /// [`since_onboarding`](Kind::since_onboarding) has the others.
    pub fn names() -> impl Iterator<Item = &'static str> {
        super::CATALOGUE.iter().flat_map(|group| group.levers).map(|lever| lever.kind)
    }

    /// The names of the kinds that came with the onboarding service, as in JSON.
    pub fn since_onboarding() -> impl Iterator<Item = &'static str> {
        super::SINCE_ONBOARDING.iter().flat_map(|group| group.levers).map(|lever| lever.kind)
    }

    /// The name, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::LostClose => "lost_close",
            Kind::LostReset => "lost_reset",
            Kind::LateCommit { .. } => "late_commit",
            Kind::ArriveAfterClose { .. } => "arrive_after_close",
            Kind::RoundMinutes => "round_minutes",
            Kind::RefuseBatch => "refuse_batch",
            Kind::TooMany { .. } => "too_many",
            Kind::Status { .. } => "status",
            Kind::FailAfterCommit { .. } => "fail_after_commit",
            Kind::Drip { .. } => "drip",
            Kind::Cut { .. } => "cut",
            Kind::Truncate { .. } => "truncate",
            Kind::Garbage => "garbage",
            Kind::WrongKey => "wrong_key",
            Kind::ExpiredSession => "expired_session",
            Kind::CaptivePortal { .. } => "captive_portal",
            Kind::Redirect { .. } => "redirect",
            Kind::Giant { .. } => "giant",
            Kind::LyingLength { .. } => "lying_length",
            Kind::Gzip => "gzip",
            Kind::DepthBomb { .. } => "depth_bomb",
            Kind::ContentType { .. } => "content_type",
            Kind::SwapReplies => "swap_replies",
            Kind::DuplicateReply { .. } => "duplicate_reply",
            Kind::WrongReference => "wrong_reference",
            Kind::MissingReply => "missing_reply",
            Kind::Delay { .. } => "delay",
            Kind::ClockSkew { .. } => "clock_skew",
            Kind::CutUpload { .. } => "cut_upload",
            Kind::Throttle { .. } => "throttle",
            Kind::Opstatus { .. } => "opstatus",
            Kind::ReplyCode { .. } => "reply_code",
        }
    }

    pub(crate) fn stage(&self) -> Stage {
        match self {
            Kind::CutUpload { .. } => Stage::Arrival,
            Kind::Throttle { .. } => Stage::Rate,
            Kind::LateCommit { .. }
            | Kind::ArriveAfterClose { .. }
            | Kind::RefuseBatch
            | Kind::TooMany { .. }
            | Kind::Status { .. }
            | Kind::ExpiredSession
            | Kind::Opstatus { .. }
            | Kind::CaptivePortal { reaches: false }
            | Kind::Redirect { .. } => Stage::Instead,
            Kind::RoundMinutes => Stage::Store,
            Kind::SwapReplies | Kind::DuplicateReply { .. } | Kind::WrongReference | Kind::MissingReply => {
                Stage::Entries
            }
            Kind::FailAfterCommit { .. }
            | Kind::CaptivePortal { reaches: true }
            | Kind::Truncate { .. }
            | Kind::Garbage
            | Kind::WrongKey
            | Kind::DepthBomb { .. }
            | Kind::Giant { .. } => Stage::Body,
            Kind::ReplyCode { .. } => Stage::Code,
            Kind::ContentType { .. } => Stage::Type,
            Kind::Gzip => Stage::Encoding,
            Kind::LyingLength { .. } => Stage::Length,
            Kind::ClockSkew { .. } => Stage::Clock,
            Kind::Delay { .. } => Stage::Wait,
            Kind::LostClose | Kind::LostReset | Kind::Drip { .. } | Kind::Cut { .. } => Stage::Wire,
        }
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        let status = |code: u16, from: u16, to: u16| match (from..=to).contains(&code) {
            true => Ok(()),
            false => Err(format!("the status is from {from} to {to}")),
        };
        match self {
            Kind::Status { code, .. } | Kind::FailAfterCommit { code } => status(*code, 200, 599),
            Kind::Redirect { status: code, to } if header_safe(to) => status(*code, 300, 399),
            Kind::ContentType { value } if header_safe(value) => Ok(()),
            Kind::Redirect { .. } | Kind::ContentType { .. } => {
                Err("a header holds visible ASCII alone".into())
            }
            Kind::Giant { bytes } if *bytes > 1 << 30 => Err("`bytes` is at most 1073741824".into()),
            Kind::DepthBomb { depth } if *depth > 1_000_000 => Err("`depth` is at most 1000000".into()),
            Kind::Drip { bytes: 0, .. } => Err("`bytes` is at least 1".into()),
            Kind::Throttle { bytes_per_second: 0 } => Err("`bytes_per_second` is at least 1".into()),
            Kind::Opstatus { code: 0 } => Err("an `opstatus` of 0 is no failure".into()),
            _ => Ok(()),
        }?;
        match self {
            Kind::Status { retry_after: Some(text), .. } if !header_safe(text) => {
                Err("a header holds visible ASCII alone".into())
            }
            _ => Ok(()),
        }
    }
}

fn header_safe(text: &str) -> bool {
    text.bytes().all(|b| (0x20..0x7f).contains(&b))
}
