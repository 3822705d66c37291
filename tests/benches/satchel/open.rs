//! Opening a book of a hundred thousand records.

use crate::Done;
use crate::floor::book;
use crate::report::{Goal, Pair, Report, ms, timed};
use crate::shelf::Shelf;
use crate::world::wait;

/// Floor: open, key, pragmas, one read. Closing is not measured.
pub fn run(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let setup = shelf.book(100_000)?;
    let file = setup.file()?;
    let mut pair = Pair::default();
    for round in 0..22 {
        let (product, satchel) = timed(|| setup.open());
        wait(satchel?.lock())?;
        let (floor, db) = timed(|| -> Done<_> {
            let db = book::open(&file, None)?;
            db.query_row("SELECT officer FROM book", [], |row| row.get::<_, String>(0))?;
            Ok(db)
        });
        drop(db?);
        if round >= 2 {
            pair.product.push(ms(product));
            pair.floor.push(ms(floor));
        }
    }
    report.add("open_100k", "ms", Goal::RatioAtMost(1.3), pair);
    Ok(())
}
