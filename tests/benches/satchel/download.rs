//! A full download of a hundred thousand rows, into an empty book and into one that holds them already.

use crate::floor::{book, intake};
use crate::report::{Goal, Pair, Report, ms, timed};
use crate::shelf::Shelf;
use crate::world::{Setup, wait};
use crate::{Done, child};

const ROWS: u64 = 100_000;
const ROUNDS: usize = 2;

pub fn empty(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let (reply, mut pair) = (shelf.reply(ROWS)?, Pair::default());
    for round in 0..ROUNDS {
        let root = shelf.place(&format!("downloaded-{round}"));
        let setup = Setup::canned(&root, &reply)?;
        let satchel = setup.signed_in()?;
        let (time, taken) = timed(|| wait(satchel.download(None)));
        let taken = taken?;
        wait(satchel.lock())?;
        pair.product.push(ms(time));

        let by_hand = shelf.folder()?;
        let mut db = book::create(&by_hand.path().join("floor.db"), None)?;
        let (time, staged) = timed(|| intake::take(&mut db, &reply));
        pair.floor.push(ms(time));
        if (taken.new, staged?) != (ROWS, ROWS as usize) {
            return Err(format!("{} rows came in", taken.new).into());
        }
        if intake::digest(&db)? != intake::digest(&book::open(&setup.file()?, None)?)? {
            return Err("product and floor do not hold the same".into());
        }
        if round == 0 { shelf.keep(ROWS, &root) } else { std::fs::remove_dir_all(&root)? }
    }
    report.add("download_empty", "ms", Goal::RatioAtMost(2.0), pair);
    Ok(())
}

pub fn full(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let (setup, reply) = (shelf.book(ROWS)?, shelf.reply(ROWS)?);
    let (satchel, mut pair) = (setup.open()?, Pair::default());
    let mut db = book::open(&setup.file()?, None)?;
    for _ in 0..ROUNDS + 1 {
        let (time, taken) = timed(|| wait(satchel.download(None)));
        pair.product.push(ms(time));
        let (time, differing) = timed(|| intake::take(&mut db, &reply));
        pair.floor.push(ms(time));
        let (taken, differing) = (taken?, differing?);
        if (taken.rows, taken.new, taken.changed, differing) != (ROWS, 0, 0, 0) {
            return Err(format!("{taken:?} by the product, {differing} by hand").into());
        }
    }
    wait(satchel.lock())?;
    report.add("download_full", "ms", Goal::RatioAtMost(1.3), pair);
    Ok(())
}

/// What a download costs others: memory, and the officer's saves. In a process of its own, so that the memory is its.
pub fn meanwhile(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let reply = shelf.reply(ROWS)?;
    let root = shelf.place("meanwhile");
    for job in ["download_empty", "download_full"] {
        let seen = child::start(&root, &reply)?;
        let alone = |figure: f64| Pair { product: figure.into(), floor: seen.start_mib.into() };
        report.add(format!("{job}_memory"), "MiB", Goal::AtMost(64.0), alone(seen.grown_mib));
        let saves = Pair { product: seen.busy_p99_ms.into(), floor: seen.idle_p99_ms.into() };
        report.add(format!("{job}_save_p99"), "ms", Goal::RatioAtMost(5.0), saves);
    }
    Ok(())
}
