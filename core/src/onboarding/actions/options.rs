//! The options of a choice. The seed shows the field empty and nothing else: whatever a server may mean by it is read.

use crate::json::{Object, scalar};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// So many options an officer may be shown; a list of more is no list of options.
pub const MOST_OPTIONS: usize = 1000;

/// One of the options of a choice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
}
crate::prospect::shows!(Choice {});

/// The options that this JSON says, each value once: a list of texts or numbers or objects, an object of values and
/// labels, any of these as a text, or a text of parts between line breaks, `|`, `;` or `,`. `None`: more than
/// [`MOST_OPTIONS`].
pub(super) fn options(json: &str) -> Option<Vec<Choice>> {
    let text = scalar(json);
    let found = match text.as_deref().map(str::trim) {
        Some(inner) if inner.starts_with(['[', '{']) => structured(inner).unwrap_or_else(|| parts(inner)),
        Some(inner) => parts(inner),
        None => structured(json).unwrap_or_default(),
    };
    let mut seen = BTreeSet::new();
    let mut each = found.into_iter().filter(|choice| seen.insert(choice.value.clone()));
    let options: Vec<Choice> = each.by_ref().take(MOST_OPTIONS).collect();
    if each.next().is_none() { Some(options) } else { None }
}

fn parts(text: &str) -> Vec<Choice> {
    let at = ['\n', '|', ';', ','].into_iter().find(|at| text.contains(*at)).unwrap_or('\n');
    let parts = text.split(at).map(str::trim).filter(|part| !part.is_empty());
    parts.take(MOST_OPTIONS + 1).map(alike).collect()
}

fn alike(text: &str) -> Choice {
    Choice { value: text.to_owned(), label: text.to_owned() }
}

/// A JSON list or object; `None` for what is no JSON.
fn structured(json: &str) -> Option<Vec<Choice>> {
    if json.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
        return Some(items.iter().take(4 * MOST_OPTIONS).filter_map(|item| of_item(item.get())).collect());
    }
    let object = Object::read(json.as_bytes())?;
    let mut keys = object.keys();
    match (keys.next(), keys.next()) {
        // A list under whatever name.
        (Some(key), None) if object.get(key).is_some_and(|inner| inner.starts_with('[')) => {
            structured(object.get(key)?)
        }
        _ => Some(object.keys().filter_map(|key| labelled(&object, key)).collect()),
    }
}

fn labelled(object: &Object, key: &str) -> Option<Choice> {
    let label = object.text(key).unwrap_or_else(|| key.to_owned());
    (!key.is_empty()).then(|| Choice { value: key.to_owned(), label })
}

/// An item of a list: a text, a number, or an object with a value, a label, or both.
fn of_item(json: &str) -> Option<Choice> {
    if let Some(text) = scalar(json) {
        return (!text.is_empty()).then(|| alike(&text));
    }
    let object = Object::read(json.as_bytes())?;
    let value = object.any(&["value", "Value", "id", "Id", "ID", "code", "Code", "key", "Key"]);
    let label = object.any(&["label", "Label", "name", "Name", "text", "Text", "description", "Description"]);
    let value = value.clone().or_else(|| label.clone())?;
    Some(Choice { label: label.unwrap_or_else(|| value.clone()), value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &str) -> Vec<String> {
        let options = options(json).expect("not too many");
        options.into_iter().map(|choice| format!("{}={}", choice.value, choice.label)).collect()
    }

    #[test]
    fn every_form_is_read() {
        let two = ["Y=Yes", "N=No"];
        let table = [
            (r#"[{"value":"Y","label":"Yes"},{"value":"N","label":"No"}]"#, &two[..]),
            (r#"[{"id":"Y","name":"Yes"},{"code":"N","description":"No"}]"#, &two),
            (r#""[{\"value\":\"Y\",\"label\":\"Yes\"},{\"value\":\"N\",\"label\":\"No\"}]""#, &two),
            (r#"{"options":[{"value":"Y","label":"Yes"},{"value":"N","label":"No"}]}"#, &two),
            (r#"{"N":"No","Y":"Yes"}"#, &["N=No", "Y=Yes"]),
            (r#"{"Y":"Yes"}"#, &["Y=Yes"]),
            (r#""Own, Rented,With parents""#, &["Own=Own", "Rented=Rented", "With parents=With parents"]),
            (r#""a, b|c, d""#, &["a, b=a, b", "c, d=c, d"]),
            (r#""one\ntwo\n""#, &["one=one", "two=two"]),
            (r#"[1,2.50,true,"x","x",null,""]"#, &["1=1", "2.50=2.50", "true=true", "x=x"]),
            (r#"[{"label":"Only"},{"value":7},{}]"#, &["Only=Only", "7=7"]),
            (r#""[not JSON""#, &["[not JSON=[not JSON"]),
            (r#""""#, &[]),
            ("null", &[]),
            ("[]", &[]),
            ("{}", &[]),
        ];
        for (json, options) in table {
            assert_eq!(read(json), options, "{json}");
        }
    }

    #[test]
    fn a_list_without_end_is_none() {
        let many = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(options(&format!("[{}]", many(1000))).map(|o| o.len()), Some(1000));
        assert_eq!(options(&format!("[{}]", many(1001))), None);
        assert_eq!(options(&format!("\"{}\"", many(99_999))), None);
        assert!(options(&"[".repeat(100_000)).is_some_and(|o| o.is_empty()), "no depth harms");
    }

    proptest! {
        #[test]
        fn whatever_it_is_no_value_is_empty_or_twice(json in "[\\[\\]{}\",:a-c0-2 |;\\\\n]{0,40}") {
            let options = options(&json).expect("not too many");
            let values: BTreeSet<_> = options.iter().map(|o| &o.value).collect();
            prop_assert!(values.len() == options.len() && !values.contains(&String::new()));
        }
    }
}
