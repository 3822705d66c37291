//! One action of a list, from its JSON. Any key may be missing, and a value that makes no sense is taken for missing: what
//! is there is shown.

use super::html::information;
use super::model::{Action, DateForm, Kind, Level, Status, Unreadable};
use super::options::options;
use super::title::fill;
use crate::json::{Object, scalar};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The longest action that is read, in bytes.
pub const ACTION_BYTES: usize = 256 << 10;

/// The action that this JSON is.
///
/// # Errors
/// [`Unreadable`]: it is no object, has a key twice, has no identifier, or is longer than [`ACTION_BYTES`].
pub fn decode(group: &str, json: &str) -> Result<Action, Box<Unreadable>> {
    let object = if json.len() <= ACTION_BYTES { Object::read(json.as_bytes()) } else { None };
    let identifier = object.as_ref().and_then(|object| object.text("UserActionIdentifier"));
    match (object, identifier) {
        (Some(object), Some(identifier)) => Ok(action(group, identifier, &object, json)),
        _ => Err(Box::new(Unreadable {
            group: group.to_owned(),
            identifier: identifier_of(json),
            raw: json.to_owned(),
        })),
    }
}

/// The one identifier that an entry gives, whatever else is wrong with it.
fn identifier_of(json: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named<'a> {
        #[serde(rename = "UserActionIdentifier", borrow)]
        identifier: &'a RawValue,
    }
    let named = Some(json)
        .filter(|json| json.starts_with('{'))
        .and_then(|json| serde_json::from_str::<Named<'_>>(json).ok());
    scalar(named?.identifier.get()).filter(|identifier| !identifier.is_empty())
}

fn action(group: &str, identifier: String, object: &Object, raw: &str) -> Action {
    let meta = object.object("ActionMetaData").unwrap_or_default();
    // What one reply has within the metadata, the other has beside it.
    let text = |key: &str| meta.text(key).or_else(|| object.text(key)).unwrap_or_default();
    let flag = |key: &str| meta.flag(key).or_else(|| object.flag(key)).unwrap_or(false);
    let data = dynamic_data(object, &meta);
    let name = object.text("UserActionName").unwrap_or_default();
    let (title_raw, description, assist_title) = (text("Title"), text("Description"), text("AssistTitle"));
    let information = information(&text("InformationText"));
    let given = meta.get("Options").or_else(|| object.get("Options")).map_or(Some(vec![]), options);
    let (kind, options) = kind(&text("UserActionType"), given.unwrap_or_default());
    let party = object.any(&["PartyId", "appliesToId"]);
    let (its_party, its_application) = parts(&identifier, &name, party.as_deref());
    Action {
        party: party.or(its_party),
        application: its_application.or_else(|| category(&meta)),
        group: group.to_owned(),
        status: Status::of(&object.text("UserActionStatus").unwrap_or_default()),
        title: [fill(&title_raw, &data), name.clone()]
            .into_iter()
            .find(|t| !t.is_empty())
            .unwrap_or_default(),
        information_html: information.html,
        information_text: information.text,
        many: kind == Kind::Choice && is_many(&text("OptionsType"), &text("UserActionType")),
        date_form: date_form(&kind, &[&description, &title_raw, &assist_title]),
        level: Level::of(&text("ActionLevel")),
        skippable: flag("Skippable"),
        needs_review: flag("NeedsReview"),
        prerequirement: flag("isPreRequirement"),
        applies_to: object.text("appliesTo").or_else(|| full_name(&data)),
        raw: raw.to_owned(),
        identifier,
        name,
        title_raw,
        description,
        assist_title,
        kind,
        options,
    }
}

fn dynamic_data(object: &Object, meta: &Object) -> BTreeMap<String, String> {
    let mut data = BTreeMap::new();
    for values in [meta.object("DynamicData"), object.object("DynamicData")].into_iter().flatten() {
        data.extend(values.keys().map(|key| (key.to_owned(), values.text(key).unwrap_or_default())));
    }
    data
}

fn full_name(data: &BTreeMap<String, String>) -> Option<String> {
    let names = ["FirstName", "LastName"].map(|key| data.get(key).map_or("", |name| name.trim()));
    Some(names.join(" ").trim().to_owned()).filter(|name| !name.is_empty())
}

/// Party and application of `NAME_PARTY_APPLICATION`. A name may have such a stroke of its own: the form is only taken for
/// one where it agrees with the action's name and party, or, without a name, where the party is a number.
fn parts(identifier: &str, name: &str, party: Option<&str>) -> (Option<String>, Option<String>) {
    let mut from_behind = identifier.rsplitn(3, '_');
    let (application, its_party, its_name) = (from_behind.next(), from_behind.next(), from_behind.next());
    let (Some(application), Some(its_party), Some(its_name)) = (application, its_party, its_name) else {
        return (None, None);
    };
    let number = !its_party.is_empty() && its_party.bytes().all(|b| b.is_ascii_digit());
    let named = if name.is_empty() { number && !its_name.is_empty() } else { its_name == name };
    let agrees = named && !its_party.is_empty() && party.is_none_or(|party| party == its_party);
    match agrees && !application.is_empty() {
        true => (Some(its_party.to_owned()), Some(application.to_owned())),
        false => (None, None),
    }
}

/// The application that `CategoryMetadata` names.
fn category(meta: &Object) -> Option<String> {
    let category = meta.object("CategoryMetadata")?;
    let applies = category.text("type").is_some_and(|of| Level::of(&of) == Level::Application);
    category.text("identifier").filter(|_| applies)
}

/// What answer is wanted. Where there are options, one of them, unless a paper or a date is asked for; where a choice is
/// asked for and there are none, no list can be held against the officer.
fn kind(word: &str, options: Vec<super::Choice>) -> (Kind, Vec<super::Choice>) {
    match Kind::of(word) {
        kind @ (Kind::DocumentUpload | Kind::Date) => (kind, vec![]),
        Kind::Choice if options.is_empty() => (Kind::Other(word.to_owned()), vec![]),
        kind if options.is_empty() => (kind, vec![]),
        _ => (Kind::Choice, options),
    }
}

/// The seed leaves `OptionsType` empty; these words can mean nothing else.
fn is_many(options_type: &str, action_type: &str) -> bool {
    [options_type, action_type].iter().any(|word| {
        let word = word.to_ascii_lowercase();
        ["multi", "checkbox", "many"].iter().any(|sign| word.contains(sign))
    })
}

/// How the action's own words want a date. A text is only taken for a month where they ask for one.
fn date_form(kind: &Kind, words: &[&str]) -> Option<DateForm> {
    let words = words.join("\n").to_ascii_lowercase();
    let day = words.contains("dd/mm/yyyy");
    let month = !day && ["month and year", "month/year", "mm/yyyy"].iter().any(|sign| words.contains(sign));
    match kind {
        Kind::Date | Kind::Text if month => Some(DateForm::Month),
        Kind::Date => Some(DateForm::Day),
        Kind::Text if day => Some(DateForm::Day),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
