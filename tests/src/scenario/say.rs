//! What the library gives, as the format spells it.

use satchel::Ask;
use satchel::collection::CollectionResultId;
use satchel::crm::CrmObjectId;
use satchel::feed::Subject;
use satchel::onboarding::actions::Answer;
use satchel::onboarding::{
    ActionId, Application, ApplicationId, Asking, CoApplicantId, Document, DocumentId,
};
use satchel::outbox::remote::Taken;
use satchel::prospect::{Field, Prospect, ProspectId};
use satchel::record::Record;
use satchel::standing::Standing;
use satchel::{Health, Summary};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub(super) fn json_of(value: &impl Serialize) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|e| e.to_string())
}

pub(super) fn standing(standing: &Standing) -> Result<Value, String> {
    let mut value = json_of(standing)?;
    value["words"] = json!(standing.words);
    Ok(value)
}

pub(super) fn summary(summary: &Summary) -> Result<Value, String> {
    json_of(summary)
}

pub(super) fn health(health: &Health) -> Result<Value, String> {
    let mut value = json_of(health)?;
    let names = health.concerns.iter().map(|concern| Ok(json_of(concern)?["concern"].clone()));
    value["concerns"] = Value::Array(names.collect::<Result<_, String>>()?);
    Ok(value)
}

pub(super) fn prospect(prospect: &Prospect) -> Value {
    let given = Field::ALL.into_iter().filter(|field| !prospect.fields.get(*field).is_empty());
    let fields: Map<_, _> =
        given.map(|field| (field.name().to_owned(), json!(prospect.fields.get(field)))).collect();
    let conflict = prospect.conflict.iter().flat_map(|conflict| &conflict.fields);
    let conflict: Map<_, _> = conflict
        .map(|c| (c.field.name().to_owned(), json!({ "base": c.base, "mine": c.mine, "theirs": c.theirs })))
        .collect();
    json!({
        "has_code": prospect.code.is_some(),
        "fields": fields,
        "conflict": conflict,
        "life": prospect.life,
        "unsent": prospect.unsent,
        "revision": prospect.revision,
    })
}

pub(super) fn ask(ask: &Ask, name: impl Fn(Record) -> String) -> Value {
    let about = ask.about.iter().map(|about| json!({ "of": name(about.record), "rows": about.rows.len() }));
    json!({ "code": ask.code, "about": about.collect::<Vec<_>>() })
}

pub(super) fn application(of: &Application, name: impl Fn(Record) -> String) -> Value {
    let with = of.co_applicants.iter().map(|co| name(co.id.into()));
    json!({
        "has_id": of.application_id.is_some(),
        "first_name": of.person.first_name,
        "last_name": of.person.last_name,
        "mobile_number": of.person.mobile_number,
        "prospect": of.prospect.map(|id| name(id.into())),
        "co_applicants": with.collect::<Vec<_>>(),
        "unsent": of.unsent,
    })
}

pub(super) fn action(asking: &Asking, name: impl Fn(Record) -> String) -> Result<Value, String> {
    let papers = |ids: &[DocumentId]| ids.iter().map(|id| name((*id).into())).collect::<Vec<_>>();
    let answer = asking.answer.as_ref().map(|answer| match answer {
        Answer::Text(text) => json!({ "text": text }),
        Answer::Date(day) => json!({ "date": day.to_string() }),
        Answer::Choice(values) => json!({ "choice": values }),
        Answer::Papers(ids) => json!({ "papers": papers(ids) }),
    });
    Ok(json!({
        "stage": json_of(&asking.stage)?,
        "title": asking.action.title,
        "information": asking.action.information_text,
        "answer": answer,
        "papers": papers(&asking.documents),
        "unsent": asking.unsent,
    }))
}

pub(super) fn paper(document: &Document) -> Result<Value, String> {
    Ok(json!({
        "name": document.name,
        "stage": json_of(&document.stage)?,
        "mime": document.mime,
        "pages": document.paper.pages,
        "bytes": document.paper.after.bytes,
        "has_id": document.document_id.is_some(),
    }))
}

pub(super) fn taken(taken: &Taken) -> Value {
    json!({
        "rows": taken.rows,
        "new": taken.new,
        "changed": taken.changed,
        "skipped": taken.skipped,
        "conflicts": taken.conflicts,
        "gone": taken.gone,
        "settled": taken.settled,
    })
}

pub(super) fn subject(subject: &Subject, name: impl Fn(Record) -> String) -> String {
    match subject {
        Subject::Prospect(id) => name(ProspectId(*id).into()),
        Subject::Application(id) => name(ApplicationId(*id).into()),
        Subject::CoApplicant(id) => name(CoApplicantId(*id).into()),
        Subject::Action(id) => name(ActionId(*id).into()),
        Subject::Document(id) => name(DocumentId(*id).into()),
        Subject::CollectionResult(id) => name(CollectionResultId(*id).into()),
        Subject::CrmObject(id) => name(CrmObjectId(*id).into()),
        Subject::Task(_) => "task".to_owned(),
        Subject::Prospects(..) => "prospects".to_owned(),
        Subject::Draft(_) => "draft".to_owned(),
        Subject::Session(_) => "session".to_owned(),
        Subject::Remote(_) => "remote".to_owned(),
        Subject::Other(_) => "other".to_owned(),
    }
}
