//! An officer's app as a process that can be killed: it opens a book, adds what it is told, sends, and never ends.
//!
//! `officer FOLDER BASE_URL SESSION [NAME …]`: adds the names; after each that is saved prints `saved` and how many are,
//! and `open` when all are. What was printed is acknowledged. When something fails it prints `failed`, the error and what
//! to do about it, and ends.

use satchel::Satchel;
use satchel::outbox::plan::Link;
use satchel_tests::tablet::{off_the_minute, person, profile, secrets, world};
use satchel_tests::vault::FileVault;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, base_url, session, names @ ..] = args.as_slice() else { return Err("too few words".into()) };
    let folder = Path::new(folder);
    let profile = profile(base_url);
    let world = world(&profile, Arc::new(FileVault::in_folder(&folder.join("vault"))?));
    let satchel = Satchel::open(world, &folder.join("books"), "dara", profile).await?;
    satchel.sign_in(secrets(session), None).await?;
    satchel.link_changed(Link::Unmetered);
    satchel.resume();
    for (n, name) in names.iter().enumerate() {
        off_the_minute().await;
        if let Err(error) = satchel.add(person(name, "012 345 678"), None).await {
            say(&format!("failed {error:?} {:?}", error.what_now()))?;
            return Ok(());
        }
        say(&format!("saved {}", n + 1))?;
    }
    say("open")?;
    loop {
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
