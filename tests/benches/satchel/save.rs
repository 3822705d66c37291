//! A save: from the officer's tap to its rows on the disk.

use crate::Done;
use crate::floor::book::{self, Saving, newest_saves};
use crate::floor::intake;
use crate::report::{Goal, Pair, Report, timed, us};
use crate::sample;
use crate::shelf::Shelf;
use crate::world::{Setup, Through, wait};
use rusqlite::Connection;
use satchel::Satchel;
use satchel::world::World;
use std::path::Path;
use std::sync::Arc;

/// A product's book and a floor's, that grow by the same rows.
struct Twins {
    setup: Setup,
    product: Satchel,
    /// A second look at the product's file: whatever it saved, the floor then saves to the letter.
    look: Connection,
    floor: Connection,
    saving: Saving,
    saved: u64,
}

impl Twins {
    fn new(folder: &Path, vfs: Option<&'static str>) -> Done<Twins> {
        Twins::holding(folder, vfs, None)
    }

    /// Both hold what that reply brings.
    fn holding(folder: &Path, vfs: Option<&'static str>, reply: Option<&Path>) -> Done<Twins> {
        let mut setup = Setup::canned(&folder.join("product"), reply.unwrap_or(Path::new("")))?;
        if let Some(vfs) = vfs {
            setup.world = World { disk: Arc::new(Through(vfs)), ..setup.world };
        }
        let product = setup.signed_in()?;
        let mut floor = book::create(&folder.join("floor.db"), vfs)?;
        if let Some(reply) = reply {
            wait(product.download(None))?;
            intake::take(&mut floor, reply)?;
        }
        let look = book::open(&setup.file()?, None)?;
        let saving = Saving::new(&floor)?;
        Ok(Twins { setup, product, look, floor, saving, saved: 0 })
    }

    /// Saves `n` more in turns, save by save: a disk is not as fast from one second to the next. The times, in µs.
    fn round(&mut self, n: u64) -> Done<Pair> {
        let mut pair = Pair::default();
        for _ in 0..n {
            pair.product.push(self.add()?);
            for saved in newest_saves(&self.look, 1)? {
                let (time, done) = timed(|| self.saving.save(&mut self.floor, &saved));
                done?;
                pair.floor.push(us(time));
            }
        }
        Ok(pair)
    }

    /// The product's save alone.
    fn add(&mut self) -> Done<f64> {
        self.saved += 1;
        self.setup.clock.pass();
        let typed = sample::typed(self.saved);
        let (time, added) = timed(|| wait(self.product.add(typed, None)));
        added?;
        Ok(us(time))
    }

    /// Rounds in turns: the median save of each round.
    fn rounds(&mut self, rounds: usize, saves: u64) -> Done<Pair> {
        self.round(saves / 2)?; // files grow, caches fill
        let mut medians = Pair::default();
        for _ in 0..rounds {
            let round = self.round(saves)?;
            medians.product.push(round.product.median());
            medians.floor.push(round.floor.median());
        }
        Ok(medians)
    }

    fn end(self) -> Done<()> {
        Ok(wait(self.product.lock())?)
    }
}

/// On a real disk, each save synced.
pub fn disk(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let folder = shelf.folder()?;
    let mut twins = Twins::new(folder.path(), None)?;
    report.add("save_disk", "us", Goal::RatioAtMost(1.2), twins.rounds(7, 100)?);
    twins.end()
}

/// Without the disk's share: what the library itself costs.
pub fn ram(_: &mut Shelf, report: &mut Report) -> Done<()> {
    let folder = Shelf::ram()?;
    let mut twins = Twins::new(folder.path(), None)?;
    report.add("save_ram", "us", Goal::MoreByAtMost(60.0), twins.rounds(7, 100)?);
    twins.end()
}

/// The same in a book of ten thousand: the look for similar records grows with the book.
pub fn ram_10k(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let folder = Shelf::ram()?;
    let mut twins = Twins::holding(folder.path(), None, Some(&shelf.reply(10_000)?))?;
    report.add("save_ram_10k", "us", Goal::MoreByAtMost(60.0), twins.rounds(5, 60)?);
    twins.end()
}

/// How often the log is synced for a save, checkpoints and all, over ten thousand saves.
pub fn wal_syncs(_: &mut Shelf, report: &mut Report) -> Done<()> {
    const SAVES: u64 = 10_000;
    let folder = Shelf::ram()?; // a sync counts the same where it is cheap
    let mut twins = Twins::new(folder.path(), Some(counting_vfs::register()?))?;
    let start = counting_vfs::syncs().wal;
    for _ in 0..SAVES {
        twins.add()?;
    }
    let product = counting_vfs::syncs().wal - start;
    let rows = newest_saves(&twins.look, SAVES)?;
    let start = counting_vfs::syncs().wal;
    for saved in &rows {
        twins.saving.save(&mut twins.floor, saved)?;
    }
    let floor = counting_vfs::syncs().wal - start;
    let per_save = |syncs: u64| (syncs as f64 / SAVES as f64).into();
    let pair = Pair { product: per_save(product), floor: per_save(floor) };
    report.add("save_disk_wal_syncs", "syncs", Goal::AtMost(1.05), pair);
    twins.end()
}
