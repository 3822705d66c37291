//! The real core on a simulated world: one seed decides everything.
//!
//! A **schedule** is what happens to one tablet in some hours or days: officers add, edit, reject and answer; another
//! device changes the same records; the link comes and goes; replies are lost, requests arrive late, sessions end; the
//! process dies between any two writes, the power fails, the clock jumps, a backup is put back. The code that runs is
//! the shipped core; only its [`World`](satchel::world::World) is another one:
//!
//! ```text
//! plan      what happens and when, from the seed          tablet    files (sim-files), vault, processes
//! desk      one queue: tasks, jobs, sleeps, time          call      the way to the server and back
//! schedule  carries the plan out                          bank      the sandbox's server, and an auditor of its ledger
//! acts      what officers do; notebook: what they know    screens   what the feed shows, and what is kept
//! settle    everything heals, settles, is compared        search    many schedules; coverage: what they must have seen
//! naive     a client that sends again on every error      shrink    the shortest plan that still fails
//! sitting   a long run that may be cut off and goes on
//! collection  late payers and visits: what is done, what the ledger says, what must be true
//! onboarding  people who apply, papers, answers: what is done, what the ledger says, what must be true
//! ```
//!
//! The same seed gives the same [trace](trace::Trace), byte for byte, on any number of threads and in any process.

pub mod acts;
pub mod bank;
pub mod call;
pub mod collection;
pub mod coverage;
pub mod desk;
pub mod naive;
pub mod notebook;
pub mod onboarding;
pub mod plan;
pub mod schedule;
pub mod screens;
pub mod search;
mod settle;
pub mod shrink;
pub mod sitting;
pub mod tablet;
mod template;
pub mod trace;

pub use schedule::{How, Report, run};
