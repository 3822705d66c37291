//! The outbox: what must reach a remote, and what is known about it.
//!
//! An entry is made in the transaction of the change it carries. From then on:
//!
//! ```text
//! ready → sending(attempt) → done(receipt) | refused(reason) | doubtful(since) | ready (proven not executed)
//! doubtful → done | ready | asks              asks → done (later evidence) | ready (officer: send again) | closed
//! refused → ready (edited) | closed           blocked: its parent is refused, asks or closed
//! ```
//!
//! Two pure functions decide: [`plan`] what to do next, [`policy`] what an outcome or a reading means. One short loop
//! for each remote and class (`worker`) looks, asks `plan` and acts through `calls`, the only place that touches the
//! network. Every move is a compare-and-set in `rows`; zero rows means that somebody else moved the entry. A remote
//! is known through one trait ([`remote::Remote`]).

pub mod backoff;
pub(crate) mod calls;
pub(crate) mod doubt;
pub mod entry;
pub mod plan;
pub mod policy;
pub(crate) mod progress;
pub mod remote;
pub(crate) mod remote_row;
// Open for this project's own tests alone: no part of its promise.
#[doc(hidden)]
pub mod rows;
pub(crate) mod session;
pub(crate) mod settling;
pub(crate) mod staged;
pub(crate) mod status;
pub(crate) mod worker;

pub use remote_row::KeyTrust;
