//! Three applications, what the bank asks of them, and five papers: begun without a link, answered without one, and sent
//! through a bank that loses its answers.

use crate::Result;
use crate::papers::{PNG, SEED_PDF, photograph};
use crate::stage::Stage;
use jiff::civil::date;
use satchel::Error;
use satchel::onboarding::actions::{Answer, Kind, response};
use satchel::onboarding::{ActionStage, Asking, Person, Query, Source};
use satchel_sandbox::{Fault, Kind as Breaks};
use std::collections::BTreeMap;
use std::time::Duration;

/// The day after: somebody whom the bank wants applies.
pub async fn onboarding_day(stage: &mut Stage) -> Result<()> {
    stage.show.chapter(
        "Onboarding",
        "three apply; the bank asks questions, and papers are photographed at the kitchen table, without a link",
    );
    people_apply(stage).await?;
    questions_are_answered(stage).await?;
    papers_are_taken(stage).await?;
    everything_leaves(stage).await
}

fn person(first: &str, last: &str, number: &str) -> Person {
    Person {
        first_name: first.into(),
        last_name: last.into(),
        date_of_birth: Some(date(1985, 10, 10)),
        mobile_country_code: "+855".into(),
        mobile_number: number.into(),
        branch: "GB0010001".into(),
        consent: true,
        ..Person::default()
    }
}

async fn people_apply(stage: &mut Stage) -> Result<()> {
    let known = stage.at_bank(1).await?;
    let prospect = known.first().ok_or("no prospect at the bank")?;
    stage.online(false);
    let hers = Person {
        date_of_birth: Some(date(1990, 3, 1)),
        branch: "GB0010001".into(),
        consent: true,
        ..Person::of(&prospect.fields)
    };
    let first = stage.satchel.start_application(hers.clone(), Some(prospect.id)).await?;
    stage.applied.applies(&hers);
    for other in [person("Dara", "Chan", "12345678"), person("Sophal", "Kim", "12345679")] {
        stage.satchel.start_application(other.clone(), None).await?;
        stage.applied.applies(&other);
    }
    // The bank does not know the application yet that she joins.
    let with = person("Bopha", "Chan", "12345680");
    stage.satchel.add_co_applicant(first, with.clone()).await?;
    stage.applied.applies(&with);
    stage.applied.with += 1;
    let before = lost(stage);
    stage.bank.set_faults(vec![Fault::new(Breaks::LostClose).on("createProspectProfile").times(1)]);
    stage.online(true);
    stage.settle().await?;
    stage.expect(lost(stage) == before + 1, "the answer to an application is lost");
    let there = stage.bank.applications().len();
    stage.expect(there == 3, "three applications are at the bank");
    stage.show.done("3 applications, one of a prospect of hers and one with a co-applicant; one answer was lost, she looked");
    Ok(())
}

/// How often the bank has done what it was asked and nobody heard of it.
fn lost(stage: &Stage) -> u64 {
    stage.bank.fired().get("lost_close").copied().unwrap_or(0)
}

async fn asked(stage: &Stage) -> Result<Vec<Asking>> {
    let open = Query { to_do: true, ..Query::default() };
    Ok(stage.satchel.actions(open).await?)
}

async fn questions_are_answered(stage: &mut Stage) -> Result<()> {
    stage.satchel.download_actions().await?;
    stage.online(false);
    let mut answered = 0;
    for asking in asked(stage).await? {
        let answer = match &asking.action.kind {
            Kind::Text | Kind::Date => Answer::Date(date(2019, 3, 1)),
            Kind::Choice => match asking.action.options.first() {
                Some(option) => Answer::Choice(vec![option.value.clone()]),
                None => continue,
            },
            Kind::DocumentUpload | Kind::Other(_) => continue,
        };
        let says = response(&asking.action, &answer);
        stage.satchel.answer(asking.id, answer).await?;
        stage.applied.answers.insert(asking.action.identifier, says);
        answered += 1;
    }
    stage.expect(answered >= 6, "the bank asks what can be answered without papers");
    stage.show.done(&format!("{answered} questions answered without a link: months, days, choices"));
    Ok(())
}

async fn papers_are_taken(stage: &mut Stage) -> Result<()> {
    let wanted = asked(stage).await?;
    let wanted: Vec<_> = wanted.into_iter().filter(|one| one.action.kind == Kind::DocumentUpload).collect();
    let [income, licence, more, ..] = wanted.as_slice() else {
        return Err("the bank asks for no papers".into());
    };
    // What its name says is not what it is: said while the customer is still at the table.
    let wrong = stage.satchel.attach(income.id, written(stage, PNG).await?, "payslip.pdf", "").await;
    let refused = matches!(wrong, Err(Error::InvalidInput { .. }));
    stage.expect(refused, "a picture that calls itself a PDF is refused at the desk");
    let (slot, path) = stage.satchel.capture_slot().await?;
    std::fs::write(&path, photograph(1)?)?;
    let mut taken = vec![(income, Source::Captured(slot), "salary slip.jpg")];
    taken.push((income, written(stage, SEED_PDF).await?, "bank statement.pdf"));
    taken.push((licence, written(stage, &photograph(2)?).await?, "licence front.jpg"));
    taken.push((licence, written(stage, &photograph(3)?).await?, "licence back.jpg"));
    taken.push((more, written(stage, &photograph(4)?).await?, "house.jpg"));
    let (mut before, mut after) = (0, 0);
    let mut papers = BTreeMap::<_, Vec<_>>::new();
    for (asking, source, name) in taken {
        let attached = stage.satchel.attach(asking.id, source, name, "").await?;
        before += attached.document.paper.before.bytes;
        after += attached.document.paper.after.bytes;
        papers.entry(asking.id).or_default().push(attached.document.id);
        stage.applied.took(&attached);
    }
    for (asking, papers) in papers {
        stage.satchel.answer(asking, Answer::Papers(papers)).await?;
        let identifier = stage.satchel.action(asking).await?.action.identifier;
        stage.applied.answers.insert(identifier, String::new());
    }
    stage.expect(!path.exists(), "the camera's file is gone once it lies in the store");
    stage.show.done(&format!(
        "5 papers taken, 4 photographs fitted and freed of where they were taken: {} kB became {} kB; 1 refused at once",
        before / 1000,
        after / 1000
    ));
    Ok(())
}

async fn written(stage: &Stage, bytes: &[u8]) -> Result<Source> {
    let mut writer = stage.satchel.write_paper();
    writer.write(bytes).await?;
    Ok(Source::Written(writer.finish().await?))
}

async fn everything_leaves(stage: &mut Stage) -> Result<()> {
    stage.bank.set_faults(vec![
        Fault::new(Breaks::LostClose).on("uploadDocument").times(1),
        Fault::new(Breaks::LostClose).on("updateUserAction").times(2),
    ]);
    let before = lost(stage);
    stage.online(true);
    // The tablet goes off in the middle of it.
    tokio::time::sleep(Duration::from_millis(150)).await;
    stage.restart().await?;
    stage.settle().await?;
    stage.bank.clear_faults();
    stage.satchel.download_actions().await?;
    let all = Query { include_closed: true, ..Query::default() };
    let answered = stage.satchel.actions(all).await?;
    let answered = answered.iter().filter(|one| one.stage == ActionStage::Answered).count();
    stage.expect(answered == stage.applied.answers.len(), "every answer is known to be at the bank");
    stage.show.done(&format!(
        "{answered} answers and 5 papers at the bank, each once; {} replies were lost, and the tablet went off in between",
        lost(stage) - before
    ));
    Ok(())
}
