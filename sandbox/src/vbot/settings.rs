//! Ways in which a real server may be set up. The document leaves all of this open.

use serde::{Deserialize, Serialize};

/// By which names a row's code is taken where the document's table and its sample differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keys {
    /// Either.
    #[default]
    Either,
    /// The table's alone.
    Table,
    /// The sample's alone.
    Sample,
}

/// Switches of VBot that are no faults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// See [`Keys`].
    pub keys: Keys,
    /// A create under a known code is refused; else it makes a second row.
    pub refuse_second: bool,
    /// A code that is refused; empty: none.
    pub poison: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { keys: Keys::default(), refuse_second: false, poison: "POISON".to_owned() }
    }
}
