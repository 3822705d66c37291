//! What the machine can do: the same jobs by hand, straight on SQLCipher and sockets, with nothing of the core's but the
//! schema and the search key's spelling.

pub mod book;
pub mod call;
pub mod intake;
pub mod seal;
