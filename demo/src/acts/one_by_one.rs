//! Chance may have left a fault out: each of these now happens for certain, one after the other.

use crate::Result;
use crate::stage::Stage;
use crate::weather;
use satchel::prospect::{Field, FieldChange};

/// How often a fault is waited for before it is said that it cannot happen.
const TRIES: usize = 4;

/// Every fault that has not happened yet.
pub async fn one_by_one(stage: &mut Stage) -> Result<()> {
    let missing = weather::missing(&stage.bank.fired());
    if missing.is_empty() {
        return Ok(());
    }
    stage.show.chapter("What the storm left out", "every fault happens at least once; these are made to");
    let mut visit = 0;
    for ill in missing {
        let name = ill.fault.kind.name();
        if stage.bank.fired().contains_key(name) {
            continue;
        }
        stage.bank.set_faults(vec![ill.fault]);
        for _ in 0..TRIES {
            visit += 1;
            some_work(stage, visit).await?;
            stage.settle().await?;
            if stage.bank.fired().contains_key(name) {
                stage.show.done(ill.words);
                break;
            }
        }
        stage.bank.clear_faults();
    }
    Ok(())
}

/// A few edits, so that there is something to send, and more than one at a time.
async fn some_work(stage: &mut Stage, visit: usize) -> Result<()> {
    for prospect in stage.at_bank(6).await? {
        stage.edit(prospect.id, vec![FieldChange::text(Field::Comment, format!("លើកទី {visit}"))]).await?;
    }
    Ok(())
}
