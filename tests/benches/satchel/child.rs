//! A process that does something long and saves at the same time, and says what that took.

use crate::onboarding::{DEADLINE, applied, setup, signed_in};
use crate::report::{Figures, ms, timed};
use crate::world::{Setup, wait};
use crate::{Done, sample};
use satchel::Satchel;
use satchel::onboarding::Source;
use satchel::outbox::plan::Link;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

/// The first argument of such a process.
pub const WORD: &str = "--child";

/// What it says.
#[derive(Serialize, Deserialize)]
pub struct Seen {
    /// Resident when the book was open and nothing had been done.
    pub start_mib: f64,
    /// By how much the most that was ever resident is above that.
    pub grown_mib: f64,
    /// A save with nothing else going on, in the same book, afterwards.
    pub idle_p99_ms: f64,
    /// A save meanwhile.
    pub busy_p99_ms: f64,
}

/// Runs one that downloads that reply.
pub fn start(root: &Path, reply: &Path) -> Done<Seen> {
    seen(Command::new(std::env::current_exe()?).args([WORD, "download"]).arg(root).arg(reply))
}

/// Runs one that attaches (`attach`) or sends (`upload`) that paper, again and again, at the services of those addresses.
pub fn with_papers(what: &str, root: &Path, paper: &Path, urls: [&str; 2]) -> Done<Seen> {
    seen(Command::new(std::env::current_exe()?).args([WORD, what]).arg(root).arg(paper).args(urls))
}

fn seen(child: &mut Command) -> Done<Seen> {
    let said = child.output()?;
    if !said.status.success() {
        return Err(String::from_utf8_lossy(&said.stderr).into());
    }
    Ok(serde_json::from_slice(&said.stdout)?)
}

/// In the child.
pub fn run(given: impl Iterator<Item = String>) -> Done<()> {
    let given: Vec<_> = given.collect();
    let seen = match given.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["download", root, reply] => download(Path::new(root), Path::new(reply))?,
        [what @ ("attach" | "upload"), root, paper, base_url, onboarding_url] => {
            papers(what, &setup(Path::new(root), base_url, onboarding_url)?, Path::new(paper))?
        }
        _ => return Err("a child of nobody".into()),
    };
    println!("{}", serde_json::to_string(&seen)?);
    Ok(())
}

fn download(root: &Path, reply: &Path) -> Done<Seen> {
    let setup = Setup::canned(root, reply)?;
    let satchel = setup.signed_in()?;
    measured(&setup, &satchel, || Ok(wait(satchel.download(None)).map(drop)?))
}

/// So often, that saves fall into it.
const PAPERS: usize = 8;

fn papers(what: &str, setup: &Setup, paper: &Path) -> Done<Seen> {
    let satchel = signed_in(setup)?;
    let action = applied(&satchel)?;
    let kind = paper.extension().unwrap_or_default().to_string_lossy();
    let attach = |n: usize| -> Done<()> {
        let source = Source::Path(paper.to_owned());
        Ok(wait(satchel.attach(action, source, &format!("{n}.{kind}"), "")).map(drop)?)
    };
    if what == "attach" {
        satchel.link_changed(Link::None);
        return measured(setup, &satchel, || (0..PAPERS).try_for_each(attach));
    }
    satchel.link_changed(Link::None);
    (0..PAPERS).try_for_each(attach)?;
    satchel.link_changed(Link::Unmetered);
    wait(satchel.pause_remote(satchel::PROSPECT, "the saves stay"))?;
    measured(setup, &satchel, || {
        // What is saved meanwhile waits: only the papers are to be sent.
        while wait(satchel.summary())?.by_state.get("done").copied().unwrap_or_default() <= PAPERS as i64 {
            wait(satchel.drain(DEADLINE))?;
        }
        Ok(())
    })
}

/// What the work takes, with saves as long as it runs and some afterwards.
fn measured(setup: &Setup, satchel: &Satchel, work: impl FnOnce() -> Done<()> + Send) -> Done<Seen> {
    let start_mib = memory("VmRSS:")?;
    let busy = meanwhile(setup, satchel, work)?;
    let grown_mib = memory("VmHWM:")? - start_mib;
    let mut idle = Figures::default();
    for n in 0..200 {
        idle.push(save(setup, satchel, 1_000_000 + n)?);
    }
    wait(satchel.lock())?;
    Ok(Seen { start_mib, grown_mib, idle_p99_ms: idle.percentile(99), busy_p99_ms: busy.percentile(99) })
}

/// Saves as long as the work runs.
fn meanwhile(setup: &Setup, satchel: &Satchel, work: impl FnOnce() -> Done<()> + Send) -> Done<Figures> {
    let over = AtomicBool::new(false);
    let (worked, saves) = thread::scope(|scope| {
        let working = scope.spawn(|| {
            let done = work().map_err(|why| why.to_string());
            over.store(true, SeqCst);
            done
        });
        let mut saves = Figures::default();
        for n in 0.. {
            match save(setup, satchel, n) {
                Ok(time) => saves.push(time),
                Err(why) => return (working.join(), Err(why.to_string())),
            }
            if over.load(SeqCst) {
                break;
            }
            thread::sleep(Duration::from_millis(20)); // an officer, not a loop
        }
        (working.join(), Ok(saves))
    });
    worked.map_err(|_| "the work panicked")??;
    Ok(saves?)
}

/// How long it took, in ms.
fn save(setup: &Setup, satchel: &Satchel, n: u64) -> Done<f64> {
    setup.clock.pass();
    let (time, added) = timed(|| wait(satchel.add(sample::typed(n), None)));
    added?;
    Ok(ms(time))
}

/// A line of the system's status of this process, in MiB; 0 where the system has none.
fn memory(line: &str) -> Done<f64> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let Some(rest) = status.lines().find_map(|l| l.strip_prefix(line)) else { return Ok(0.0) };
    Ok(rest.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}
