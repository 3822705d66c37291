//! Somebody else changes, rejects and adds prospects of this officer while her tablet has no link.

use crate::Result;
use crate::notebook::Wish;
use crate::stage::Stage;
use satchel::prospect::{Field, FieldChange, Prospect};
use satchel::standing::Place;

/// Two write the same prospects: merged by field, a true conflict waits for the officer, a rejection is noticed.
pub async fn two_tablets(stage: &mut Stage) -> Result<()> {
    stage.show.chapter(
        "Two tablets",
        "a colleague changes and rejects some of the same prospects while this one has no link",
    );
    let chosen = stage.at_bank(8).await?;
    let [both_phone, both_comment, other_field, other_too, gone_edited, gone_clean, ..] = chosen.as_slice()
    else {
        return Err("too few prospects at the bank".into());
    };
    stage.online(false);
    clash(stage, both_phone, Field::Phone, "012 111 222", "099 888 777").await?;
    clash(stage, both_comment, Field::OfficerComment, "នាងចង់បាន", "គេមិនចង់បាន").await?;
    beside(stage, other_field).await?;
    beside(stage, other_too).await?;
    let late = FieldChange::text(Field::Comment, "មកវិញ");
    stage.edit(gone_edited.id, vec![late]).await?;
    stage.notebook.wish(gone_clean.id, Wish::GaveUp);
    for gone in [gone_edited, gone_clean] {
        expect(stage.bank.reject_as_other_device(code(gone)), "a colleague's rejection")?;
    }
    let before = stage.officer.conflicts;
    let new = [("NameEn", "Somebody Else"), ("NameKh", "អ្នកផ្សេង"), ("Phone", "012000001")];
    let new = stage.bank.insert_as_other_device(new);
    stage.online(true);
    stage.settle().await?;
    stage.satchel.download(None).await?;
    stage.settle().await?;
    look(stage, gone_clean, &new, before).await
}

/// Both write the same field.
async fn clash(stage: &mut Stage, prospect: &Prospect, field: Field, mine: &str, theirs: &str) -> Result<()> {
    stage.edit(prospect.id, vec![FieldChange::text(field, mine)]).await?;
    expect(stage.bank.edit_as_other_device(code(prospect), [(field.wire(), theirs)]), "a colleague's edit")
}

/// Each writes another field.
async fn beside(stage: &mut Stage, prospect: &Prospect) -> Result<()> {
    stage.edit(prospect.id, vec![FieldChange::text(Field::Occupation, "កសិករ និងអ្នកលក់ដូរ")]).await?;
    let theirs = FieldChange::text(Field::ReferName, "សុខ ចាន់");
    // Whatever she had typed there before has reached the bank: the colleague's is the newer one.
    stage.notebook.typed(prospect.id, &[theirs]);
    expect(stage.bank.edit_as_other_device(code(prospect), [("ReferName", "សុខ ចាន់")]), "a colleague's edit")
}

fn code(prospect: &Prospect) -> &str {
    prospect.code.as_deref().unwrap_or_default()
}

fn expect(done: bool, what: &str) -> Result<()> {
    if done { Ok(()) } else { Err(format!("{what} did not happen").into()) }
}

async fn look(stage: &mut Stage, gone: &Prospect, new: &str, before: (u64, u64)) -> Result<()> {
    let (mine, theirs) = (stage.officer.conflicts.0 - before.0, stage.officer.conflicts.1 - before.1);
    expect(mine >= 1 && theirs >= 1, "a conflict on each of the two fields")?;
    expect(stage.satchel.standing(gone.id).await?.place == Place::GoneElsewhere, "noticing a rejection")?;
    expect(stage.satchel.get_by_code(new).await.is_ok(), "the download of a colleague's prospect")?;
    stage.show.done("2 merged by themselves: each had written another field");
    stage.show.done(&format!(
        "{} conflicts shown to the officer: {mine} decided hers, {theirs} the colleague's",
        mine + theirs
    ));
    stage
        .show
        .done("2 rejected by the colleague: noticed, none silently gone; 1 new one came with the download");
    Ok(())
}
