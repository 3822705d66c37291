//! A bank that forgets the seconds of a time: then a lost create can no longer be told from absence by the tablet alone.

use crate::Result;
use crate::people::Person;
use crate::stage::Stage;
use satchel::prospect::{Field, FieldChange};
use satchel_sandbox::{Fault, Kind};

/// Two questions that only the officer can answer, answered by what the tablet shows her.
pub async fn hard_questions(stage: &mut Stage) -> Result<()> {
    stage.show.chapter(
        "Two questions for the officer",
        "the bank forgets a time's seconds: the tablet asks, it does not guess",
    );
    let (arrived, again) = (stage.officer.arrived, stage.officer.sent_again);
    let add = |kind| Fault::new(kind).on("ProspectAddV2").times(1);
    stage.bank.set_faults(vec![add(Kind::RoundMinutes), add(Kind::LostClose)]);
    let whole_minute = save(stage, "Kem Sokunthea", "គឹម សុគន្ធា", "085 700 100").await?;
    stage.settle().await?;
    stage.bank.set_faults(vec![add(Kind::Status { code: 500, retry_after: None })]);
    save(stage, "Oum Sreyneang", "អ៊ុំ ស្រីនាង", "085 700 200").await?;
    stage.settle().await?;
    stage.bank.clear_faults();
    if whole_minute {
        // One time in sixty there are no seconds to forget, and then there is nothing to ask.
        stage.show.done("the record was made on the full minute: nothing was forgotten, so nothing is asked");
        return Ok(());
    }
    let asked = stage.officer.arrived > arrived && stage.officer.sent_again > again;
    stage.expect(asked, "the tablet asks where it cannot know");
    if !asked {
        return Ok(());
    }
    stage.show.done("\"is it that one?\": the bank's row was shown; yes, it had arrived: not sent again");
    stage.show.done("\"it is not there; send again?\": nothing like it was at the bank: sent again, once");
    Ok(())
}

/// Saves her, and says whether that was on the full minute.
async fn save(stage: &mut Stage, en: &str, kh: &str, phone: &str) -> Result<bool> {
    let form =
        [(Field::NameEn, en), (Field::NameKh, kh), (Field::Phone, phone), (Field::Village, "03070105")];
    let form = Person(form.map(|(field, text)| FieldChange::text(field, text)).to_vec());
    let id = stage.satchel.add(form.0.clone(), None).await?.id;
    stage.notebook.saved(id, &form);
    Ok(stage.satchel.get(id).await?.created_at.is_some_and(|at| at.second() == 0))
}
