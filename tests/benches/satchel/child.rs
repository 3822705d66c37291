//! A process that downloads and saves at the same time, and says what that took.

use crate::report::{Figures, ms, timed};
use crate::world::{Setup, wait};
use crate::{Done, sample};
use satchel::Satchel;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
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
    /// A save with nothing else going on, in the same book, after the download.
    pub idle_p99_ms: f64,
    /// A save during the download.
    pub busy_p99_ms: f64,
}

/// Runs one to its end.
pub fn start(root: &Path, reply: &Path) -> Done<Seen> {
    let said = Command::new(std::env::current_exe()?).arg(WORD).arg(root).arg(reply).output()?;
    if !said.status.success() {
        return Err(String::from_utf8_lossy(&said.stderr).into());
    }
    Ok(serde_json::from_slice(&said.stdout)?)
}

/// In the child: book and reply are the arguments.
pub fn run(mut given: impl Iterator<Item = String>) -> Done<()> {
    let (root, reply) = (given.next().ok_or("no book")?, given.next().ok_or("no reply")?);
    let setup = Setup::canned(&PathBuf::from(root), &PathBuf::from(reply))?;
    let satchel = setup.signed_in()?;
    let start_mib = memory("VmRSS:")?;
    let busy = during_download(&setup, &satchel)?;
    let grown_mib = memory("VmHWM:")? - start_mib;
    let mut idle = Figures::default();
    for n in 0..200 {
        idle.push(save(&setup, &satchel, 1_000_000 + n)?);
    }
    wait(satchel.lock())?;
    let seen =
        Seen { start_mib, grown_mib, idle_p99_ms: idle.percentile(99), busy_p99_ms: busy.percentile(99) };
    println!("{}", serde_json::to_string(&seen)?);
    Ok(())
}

/// Saves as long as the download runs.
fn during_download(setup: &Setup, satchel: &Satchel) -> Done<Figures> {
    let over = AtomicBool::new(false);
    let (downloaded, saves) = thread::scope(|scope| {
        let download = scope.spawn(|| {
            let taken = wait(satchel.download(None));
            over.store(true, SeqCst);
            taken
        });
        let mut saves = Figures::default();
        for n in 0.. {
            match save(setup, satchel, n) {
                Ok(time) => saves.push(time),
                Err(why) => return (download.join(), Err(why.to_string())),
            }
            if over.load(SeqCst) {
                break;
            }
            thread::sleep(Duration::from_millis(20)); // an officer, not a loop
        }
        (download.join(), Ok(saves))
    });
    downloaded.map_err(|_| "the download panicked")??;
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
