//! Back in town: the link is there, and everything goes wrong at once while the officer goes on working.

use crate::Result;
use crate::notebook::Wish;
use crate::show::Bar;
use crate::stage::{Stage, USER, count};
use crate::weather;
use satchel::Summary;
use satchel::prospect::{Field, FieldChange};
use satchel::standing::Place;
use std::time::Duration;

/// A few good minutes, then the storm until everything is settled.
pub async fn storm(stage: &mut Stage) -> Result<()> {
    stage.show.chapter(
        "A link, and a storm",
        "answers lost, saved late, cut, garbled; a batch refused; sessions that end",
    );
    stage.online(true);
    let mut bar = stage.show.bar(stage.notebook.len());
    good_minutes(stage, &mut bar).await?;
    stage.bank.set_faults(weather::storm());
    let total = stage.notebook.len() as i64;
    let mut events = EVENTS.iter().peekable();
    let happens = async |stage: &mut Stage, summary: &Summary, bar: &mut Bar| {
        let percent = 100 * count(summary, Place::AtBank) / total.max(1);
        while let Some((_, event)) = events.next_if(|(at, _)| percent >= *at) {
            let note = event.happen(stage).await?;
            bar.note(&stage.show, &note);
        }
        Ok(())
    };
    let settled = stage.settle_with(&mut bar, happens).await;
    bar.end();
    settled?;
    stage.bank.clear_faults();
    let fired: u64 = stage.bank.fired().values().sum();
    let summary = stage.satchel.summary().await?;
    stage
        .show
        .done(&format!("{fired} faults weathered; {} prospects at the bank", count(&summary, Place::AtBank)));
    Ok(())
}

/// The first prospects go through while the bank is well.
async fn good_minutes(stage: &mut Stage, bar: &mut Bar) -> Result<()> {
    for _ in 0..1_000 {
        let summary = stage.attend().await?;
        let arrived = count(&summary, Place::AtBank);
        bar.at(arrived, "good weather");
        if arrived >= 12 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("nothing reached a bank that was well".into())
}

/// What happens once so many percent are at the bank.
const EVENTS: [(i64, Event); 5] = [
    (15, Event::Edits),
    (25, Event::SessionEnds),
    (35, Event::SwitchedOff),
    (50, Event::Rejects),
    (60, Event::LinkGone),
];

#[derive(Clone, Copy)]
enum Event {
    Edits,
    SessionEnds,
    SwitchedOff,
    Rejects,
    LinkGone,
}

impl Event {
    async fn happen(self, stage: &mut Stage) -> Result<String> {
        match self {
            Event::Edits => edits(stage).await,
            Event::SessionEnds => {
                stage.bank.expire_session(USER);
                Ok("the officer's session ended; she signs in again".to_owned())
            }
            Event::SwitchedOff => {
                stage.restart().await?;
                Ok("the tablet was switched off in the middle of it, and on again".to_owned())
            }
            Event::Rejects => rejects(stage).await,
            Event::LinkGone => {
                stage.online(false);
                tokio::time::sleep(Duration::from_millis(300)).await;
                stage.online(true);
                Ok("a tunnel: the link was gone for a moment".to_owned())
            }
        }
    }
}

/// Whatever she edits, wherever it is: waiting, on its way, in doubt, at the bank.
async fn edits(stage: &mut Stage) -> Result<String> {
    let ids: Vec<_> =
        stage.notebook.notes().filter(|(_, note)| note.wish == Wish::AtBank).map(|(id, _)| id).collect();
    let chosen: Vec<_> = ids.into_iter().step_by(12).collect();
    for id in &chosen {
        stage.edit(*id, vec![FieldChange::text(Field::Comment, "ទូរស័ព្ទមកវិញ")]).await?;
    }
    Ok(format!("the officer edits {} prospects: waiting, on their way, in doubt, at the bank", chosen.len()))
}

async fn rejects(stage: &mut Stage) -> Result<String> {
    let chosen = stage.at_bank(5).await?;
    for prospect in &chosen {
        stage.satchel.reject(prospect.id).await?;
        stage.notebook.wish(prospect.id, Wish::TakenBack);
    }
    Ok(format!("the officer rejects {} prospects that the bank has", chosen.len()))
}
