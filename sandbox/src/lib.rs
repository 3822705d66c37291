//! The remote systems as a developer's server: `satchel-sandbox`.
//!
//! A client under test needs a server that misbehaves on demand and tells the truth about what it did. This one
//! answers as the documents of the real services say, breaks where a [`Fault`] says so, and writes every committed
//! effect into a [ledger](LedgerEntry), so that *lost* and *done twice* can be counted instead of believed.
//!
//! Three layers, each knowing only the one below it:
//!
//! * [`Server`]: a pure state machine. No socket, no clock, no thread: a [`Request`] and a time go in, a [`Reaction`]
//!   comes out. The same seed and the same calls give the same reactions, so a simulator can drive it.
//! * [`Remote`]: one remote system behind the frame. The prospect service is [`prospect::Prospects`], the
//!   onboarding service [`onboarding::Onboarding`], the collection service [`collection::Collection`], VBot [`vbot::Vbot`].
//! * [`Sandbox`]: sockets, TLS, wall clock, state file, control routes and the web inspector.
//!
//! It shares no code with the client, so that it cannot inherit the client's mistakes. It is for development alone:
//! it listens on loopback only, keeps what it is sent in the clear and shows it to whoever opens the inspector.
//!
//! ```no_run
//! # async fn run() -> std::io::Result<()> {
//! use satchel_sandbox::{Fault, Kind, Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::default()).await?;
//! sandbox.set_faults(vec![Fault::new(Kind::LostClose).on("ProspectAddV2").times(1)]);
//! println!("call {}", sandbox.base_url());
//! // … let the client work …
//! assert_eq!(sandbox.ledger().len(), 1);
//! # Ok(()) }
//! ```

pub mod collection;
mod control;
mod exchange;
mod faults;
mod fields;
mod inspector;
mod ledger;
mod message;
mod net;
pub mod onboarding;
pub mod prospect;
mod remote;
mod server;
mod sessions;
mod state;
mod table;
pub mod vbot;

pub use exchange::Exchange;
pub use faults::{Armed, Fault, Kind, Part};
pub use fields::Fields;
pub use ledger::{Effect, Fate, LedgerEntry};
pub use message::{Answer, Hangup, Pace, Payload, Reaction, Request, Response};
pub use net::{Options, Running, Sandbox, Tls};
pub use prospect::Row;
pub use remote::{Call, Damage, Knobs, Outcome, Phrase, Refusal, Remote, Reply, Tile, Tone, Twist};
pub use server::{Arrival, Saved, Server};
pub use sessions::{Officer, SessionView, Sessions};
