//! A long run in several sittings: what it has come to is kept in a file, and the next call goes on from there. Only what
//! held is kept: once the fault is mended, the block that failed is run again.

use crate::search::{Search, Sum};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;
use std::time::Instant;

/// So many schedules are run between two writes of the file.
const BLOCK: u64 = 1_000;
/// So many are run again at the beginning: code that has changed since leaves another trace.
const PROBE: u64 = 50;

#[derive(Serialize, Deserialize)]
struct Kept {
    from: u64,
    naive: bool,
    probe: String,
    seconds: f64,
    sum: Sum,
}

/// Runs the search, from where it stood if `keep` names a file that says so, to its end or to the first block that fails.
/// Returns the sum and the seconds of all sittings. A sitting that is cut off loses at most its last thousand schedules.
///
/// # Errors
/// The file cannot be read or written, or is of another search or of other code; nothing was run.
pub fn run(
    search: &Search,
    keep: Option<&Path>,
    progress: &(dyn Fn(&Sum) + Sync),
) -> Result<(Sum, f64), String> {
    let Some(path) = keep else {
        let start = clock();
        let sum = search.go_on(Sum::default(), progress);
        return Ok((sum, start.elapsed().as_secs_f64()));
    };
    let mut kept = begin(search, path)?;
    while kept.sum.schedules < search.schedules {
        let start = clock();
        let block = Search { schedules: search.schedules.min(kept.sum.schedules + BLOCK), ..*search };
        kept.sum = block.go_on(kept.sum, progress);
        kept.seconds += start.elapsed().as_secs_f64();
        if kept.sum.violations > 0 && !search.naive {
            break;
        }
        write(path, &kept)?;
    }
    Ok((kept.sum, kept.seconds))
}

fn begin(search: &Search, path: &Path) -> Result<Kept, String> {
    let probe = Search { schedules: PROBE, ..*search }.go_on(Sum::default(), &|_| ()).trace;
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let kept: Kept = match fs::read(path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| told(&error))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Kept {
                from: search.from,
                naive: search.naive,
                probe,
                seconds: 0.0,
                sum: Sum::default(),
            });
        }
        Err(error) => return Err(told(&error)),
    };
    match (kept.from, kept.naive, &kept.probe) == (search.from, search.naive, &probe) {
        true => Ok(kept),
        false => Err(told(&"of another search, or of code that has changed since: begin a new one")),
    }
}

/// Whole or not at all.
fn write(path: &Path, kept: &Kept) -> Result<(), String> {
    let fresh = path.with_extension("new");
    let text = serde_json::to_vec(kept).map_err(|error| error.to_string())?;
    fs::write(&fresh, text)
        .and_then(|()| fs::rename(&fresh, path))
        .map_err(|error| format!("{}: {error}", path.display()))
}

#[allow(clippy::disallowed_methods, reason = "how long the run took is no part of what it decides")]
fn clock() -> Instant {
    Instant::now()
}
