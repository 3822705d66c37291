//! A day in the villages: no link, everything is saved on the tablet.

use crate::Result;
use crate::notebook::Wish;
use crate::people::Person;
use crate::stage::Stage;
use satchel::Error;
use satchel::prospect::{About, Field, FieldChange, ProspectId};
use std::time::Instant;

/// Prospects that the bank will not take as they are: without a phone number.
const WITHOUT_PHONE: [usize; 4] = [10, 25, 40, 50];

/// Saves everybody, corrects some, takes some back; nothing can leave.
pub async fn villages(stage: &mut Stage, people: &[Person]) -> Result<()> {
    stage.show.chapter(
        "Out in the villages",
        "no link; every save is on the tablet's disk, encrypted, before it returns",
    );
    stage.online(false);
    stage.satchel.resume();
    let ids = save_all(stage, people).await?;
    a_draft(stage, &people[3]).await?;
    a_warning(stage, &people[0]).await?;
    corrections(stage, &ids).await?;
    a_wrong_form(stage, &people[5]).await?;
    let summary = stage.satchel.summary().await?;
    stage.show.done(&format!("{} prospects wait on the tablet for a link", summary.unsent));
    Ok(())
}

async fn save_all(stage: &mut Stage, people: &[Person]) -> Result<Vec<ProspectId>> {
    let (began, bar) = (Instant::now(), stage.show.bar(people.len()));
    let mut ids = Vec::new();
    for (i, person) in people.iter().enumerate() {
        let form = if WITHOUT_PHONE.contains(&i) { person.with(Field::Phone, "") } else { person.clone() };
        let id = stage.satchel.add(form.0.clone(), None).await?.id;
        stage.notebook.saved(id, &form);
        if WITHOUT_PHONE[..2].contains(&i) {
            let phone = FieldChange::text(Field::Phone, person.get(Field::Phone));
            stage.officer.mend.insert(id, phone);
        }
        ids.push(id);
        bar.step();
    }
    bar.end();
    let ms = began.elapsed().as_millis() as usize / people.len().max(1);
    stage.show.done(&format!("{} prospects saved, about {ms} ms each", people.len()));
    Ok(ids)
}

/// A form half typed, put away, taken up again and saved.
async fn a_draft(stage: &mut Stage, like: &Person) -> Result<()> {
    let about = About::New("visit-1".to_owned());
    stage.satchel.save_draft(about.clone(), r#"{"name_en":"Chan Dara","phone":"01"}"#.to_owned()).await?;
    let kept = stage.satchel.draft(about.clone()).await?.is_some();
    let form = like
        .with(Field::NameEn, "Chan Darareaksmey")
        .with(Field::NameKh, "ចាន់ ដារារស្មី")
        .with(Field::Phone, "011 600 700");
    let id = stage.satchel.add(form.0.clone(), Some(about)).await?.id;
    stage.notebook.saved(id, &form);
    let left = stage.satchel.drafts(10).await?.len();
    if !kept || left != 0 {
        return Err("a draft was not kept, or outlived its record".into());
    }
    stage.show.done("a half-typed form kept as a draft, then saved; the draft went with it");
    Ok(())
}

/// The same person twice: the tablet warns, the officer takes the second one back.
async fn a_warning(stage: &mut Stage, person: &Person) -> Result<()> {
    let added = stage.satchel.add(person.0.clone(), None).await?;
    stage.notebook.saved(added.id, person);
    if added.similar.is_empty() {
        return Err("no warning about the same person".into());
    }
    stage.satchel.withdraw(added.id).await?;
    stage.notebook.wish(added.id, Wish::TakenBack);
    stage.show.done("a second Pha dy (ជា ឌី): the tablet warned, the officer took it back");
    Ok(())
}

async fn corrections(stage: &mut Stage, ids: &[ProspectId]) -> Result<()> {
    let corrected: Vec<_> = ids.iter().copied().skip(1).step_by(10).collect();
    for id in &corrected {
        stage.edit(*id, vec![FieldChange::text(Field::OfficerComment, "បានជួបម្ដងទៀត")]).await?;
    }
    let rejected: Vec<_> = ids.iter().copied().skip(17).step_by(ids.len() / 5).take(4).collect();
    for id in &rejected {
        stage.satchel.reject(*id).await?;
        stage.notebook.wish(*id, Wish::TakenBack);
    }
    // The bank refuses a whole call because of this one.
    let poison = ids[ids.len() - 6];
    stage.edit(poison, vec![FieldChange::text(Field::NameEn, "POISON")]).await?;
    stage.show.done(&format!(
        "{} corrected, {} rejected before they ever left",
        corrected.len() + 1,
        rejected.len()
    ));
    Ok(())
}

/// What the tablet can know to be wrong never reaches the bank.
async fn a_wrong_form(stage: &Stage, person: &Person) -> Result<()> {
    match stage.satchel.add(person.with(Field::Phone, "no phone").0, None).await {
        Err(Error::InvalidInput { field: "phone", .. }) => {
            stage.show.done("a form with letters for a phone number: refused at the desk, the field named");
            Ok(())
        }
        Err(why) => Err(why.into()),
        Ok(_) => Err("letters were taken for a phone number".into()),
    }
}
