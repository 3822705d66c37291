//! What the tests over the real core and the real sandbox share.
//!
//! * [`tablet`]: a tablet with one officer's book, its sandbox, and waiting on conditions;
//! * [`scenario`]: scenarios that a person can read, from JSON files that other languages run too;
//! * [`fuzz`]: what must hold for every input of a decoder;
//! * `line`: the way between a tablet and its bank, which breaks where it is told to;
//! * [`papers`]: papers that an officer hands in;
//! * [`naive`]: the client that on an error sends again, to show that the faults bite;
//! * [`raw`]: a peer that answers any bytes and remembers what it was sent;
//! * [`vault`]: a key vault in files, so that a book outlives its process;

pub mod fuzz;
pub mod line;
pub mod naive;
pub mod papers;
pub mod raw;
pub mod scenario;
pub mod tablet;
pub mod vault;
