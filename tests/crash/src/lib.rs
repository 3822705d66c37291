//! The real core, killed, cut off and damaged, on real files and on simulated ones.
//!
//! * [`kills`]: a child process on real files is ended by SIGKILL at random moments, and at every boundary in turn (a
//!   write, a sync, a call of the store for its own files, a request, a reply);
//! * [`papers`]: likewise while papers are taken in and sent;
//! * [`sweep`]: at every call that changes a file in an officer's day an I/O error, a full disk, a kill or a power cut,
//!   on simulated files; the errors on real files as well;
//! * [`flips`]: one bit turned over in a killed store;
//! * [`pairs`]: two processes on one book, the one that sends killed with a call under way.
//!
//! All of them let [an officer's day](day) run, note what was acknowledged to her, and [hold it](truth) against what a
//! fresh process finds in the book and, when all is settled, against what the bank has.

pub mod boundary;
pub mod day;
pub mod flips;
pub mod kills;
pub mod pairs;
pub mod papers;
pub mod report;
pub mod run;
pub mod sweep;
pub mod tablet;
pub mod truth;

/// The result of what can fail only because the machine does: no room, no process, no socket.
pub type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;
