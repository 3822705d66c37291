//! How what is expected is compared with what came.

use serde_json::{Map, Value};

/// What `actual` misses of `expected`; `None` when it holds all of it.
///
/// An object holds at least the members named; a list has exactly the items named, in order; anything else is equal.
/// An object whose only member begins with `$` is a rule: `$at_least`, `$at_most`, `$contains`, `$lacks`, `$one_of`.
#[must_use]
pub fn misses(expected: &Value, actual: &Value) -> Option<String> {
    at("value", expected, actual)
}

fn at(path: &str, expected: &Value, actual: &Value) -> Option<String> {
    match (expected, actual) {
        (Value::Object(rule), _) if is_rule(rule) => {
            let (name, operand) = rule.iter().next()?;
            (!holds(name, operand, actual)).then(|| format!("{path}: {actual} is not {name} {operand}"))
        }
        (Value::Object(members), _) => {
            let part = |name: &String| actual.get(name).unwrap_or(&Value::Null);
            members.iter().find_map(|(name, value)| at(&format!("{path}.{name}"), value, part(name)))
        }
        (Value::Array(items), Value::Array(came)) if items.len() == came.len() => {
            let pairs = items.iter().zip(came).enumerate();
            pairs.into_iter().find_map(|(n, (item, came))| at(&format!("{path}[{n}]"), item, came))
        }
        _ => (expected != actual).then(|| format!("{path}: expected {expected}, it is {actual}")),
    }
}

fn is_rule(object: &Map<String, Value>) -> bool {
    object.len() == 1 && object.keys().all(|name| name.starts_with('$'))
}

fn holds(rule: &str, operand: &Value, actual: &Value) -> bool {
    let among = |list: &Value, item: &Value| {
        list.as_array().is_some_and(|list| list.iter().any(|one| misses(item, one).is_none()))
    };
    let all = |items: &Value, wanted: bool| {
        items.as_array().is_some_and(|items| items.iter().all(|item| among(actual, item) == wanted))
    };
    match rule {
        "$at_least" => actual.as_f64().zip(operand.as_f64()).is_some_and(|(a, b)| a >= b),
        "$at_most" => actual.as_f64().zip(operand.as_f64()).is_some_and(|(a, b)| a <= b),
        "$contains" => actual.is_array() && all(operand, true),
        "$lacks" => actual.is_array() && all(operand, false),
        "$one_of" => {
            operand.as_array().is_some_and(|list| list.iter().any(|one| misses(one, actual).is_none()))
        }
        _ => false, // a misspelt rule never holds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_named_must_be_there_and_the_rest_may_be() {
        let came = json!({ "place": "at_bank", "can": ["edit", "reject"], "n": 3, "none": null });
        for fits in [
            json!({}),
            json!({ "place": "at_bank" }),
            json!({ "can": ["edit", "reject"] }),
            json!({ "can": { "$contains": ["reject"] } }),
            json!({ "can": { "$lacks": ["withdraw"] } }),
            json!({ "n": { "$at_least": 3 } }),
            json!({ "n": { "$at_most": 3 } }),
            json!({ "place": { "$one_of": ["x", "at_bank"] } }),
            json!({ "none": null, "missing": null }),
        ] {
            assert_eq!(misses(&fits, &came), None, "{fits}");
        }
        for fits_not in [
            json!({ "place": "on_tablet" }),
            json!({ "can": ["edit"] }),
            json!({ "can": ["reject", "edit"] }),
            json!({ "can": { "$contains": ["withdraw"] } }),
            json!({ "can": { "$lacks": ["edit"] } }),
            json!({ "n": { "$at_least": 4 } }),
            json!({ "n": { "$at_most": 2 } }),
            json!({ "n": { "$atleast": 1 } }),
            json!({ "place": { "$one_of": ["x"] } }),
            json!({ "place": { "deeper": 1 } }),
            json!([]),
        ] {
            assert!(misses(&fits_not, &came).is_some(), "{fits_not}");
        }
    }
}
