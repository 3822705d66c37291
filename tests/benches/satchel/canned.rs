//! A network that holds one sealed reply, in a file: no socket, no server, nothing in memory.

use satchel::world::{BoxFuture, Call, Cause, Class, Failure, Head, Http, Incoming, Reply};
use std::fs::File;
use std::path::{Path, PathBuf};

pub struct Canned(PathBuf);

impl Canned {
    pub fn new(reply: &Path) -> Self {
        Canned(reply.to_owned())
    }
}

impl Http for Canned {
    fn change(&self, _: Call) -> BoxFuture<'_, Result<Reply, Failure>> {
        Box::pin(async { Err(Failure { class: Class::NotExecuted, cause: Cause::Offline }) })
    }

    fn read(&self, _: Call) -> BoxFuture<'_, Result<Incoming, Failure>> {
        let opened = File::open(&self.0)
            .map(|file| Incoming { head: Head { status: 200, ..Head::default() }, body: Box::new(file) });
        Box::pin(async { opened.map_err(|_| Failure { class: Class::NotExecuted, cause: Cause::Offline }) })
    }
}
