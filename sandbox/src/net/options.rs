//! How to start a sandbox.

use crate::sessions::Officer;
use std::path::PathBuf;

/// How the sandbox shows itself to its clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// No TLS.
    #[default]
    Plain,
    /// A certificate for this machine, signed by the sandbox's own authority.
    Good,
    /// Well signed, but for another host.
    WrongHost,
    /// Well signed, but no longer valid.
    Expired,
    /// For this machine, but signed by an authority other than [`Running::ca_pem`](crate::Running::ca_pem).
    UnknownCa,
}

/// How to start a sandbox. No `Debug`: it holds a key and passwords.
#[derive(Clone)]
pub struct Options {
    /// TLS or not.
    pub tls: Tls,
    /// The SQLite file that holds data, ledger and sessions; in memory if none.
    pub state: Option<PathBuf>,
    /// The seed of every chance.
    pub seed: u64,
    /// The key of the prospect service's envelope: 16, 24 or 32 bytes.
    pub key: Vec<u8>,
    /// The IV of the prospect service's envelope.
    pub iv: [u8; 16],
    /// Who may call. Officers in the state file are kept beside them, with the sessions they had.
    pub officers: Vec<Officer>,
    /// A late commit happens at most so many milliseconds after its connection was closed.
    pub lateness_ms: u64,
    /// The port on 127.0.0.1; 0: a free one.
    pub port: u16,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            tls: Tls::Plain,
            state: None,
            seed: 1,
            key: vec![7; 32],
            iv: [9; 16],
            officers: vec![Officer::new("dara", "secret", "S-1")],
            lateness_ms: 60_000,
            port: 0,
        }
    }
}
