//! What the library gives, as the format spells it.

use satchel::Ask;
use satchel::feed::Subject;
use satchel::outbox::remote::Taken;
use satchel::prospect::{Field, Prospect, ProspectId};
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

pub(super) fn ask(ask: &Ask, name: impl Fn(ProspectId) -> String) -> Value {
    let about = ask.about.iter().map(|about| {
        let prospect = about.record.prospect().map(&name);
        json!({ "prospect": prospect, "rows": about.rows.len() })
    });
    json!({ "code": ask.code, "about": about.collect::<Vec<_>>() })
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

pub(super) fn subject(subject: &Subject, name: impl Fn(ProspectId) -> String) -> String {
    match subject {
        Subject::Prospect(id) => name(ProspectId(*id)),
        Subject::Prospects(..) => "prospects".to_owned(),
        Subject::Application(_) => "application".to_owned(),
        Subject::CoApplicant(_) => "co_applicant".to_owned(),
        Subject::Action(_) => "action".to_owned(),
        Subject::Document(_) => "document".to_owned(),
        Subject::Draft(_) => "draft".to_owned(),
        Subject::Session(_) => "session".to_owned(),
        Subject::Remote(_) => "remote".to_owned(),
        Subject::Other(_) => "other".to_owned(),
    }
}
