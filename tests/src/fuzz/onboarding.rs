//! What the onboarding service says: its lists, its replies, and the HTML in them.

use super::{Pieces, loose};
use satchel::onboarding::actions::{
    Action, Answer, Fate, LONGEST_TITLE, List, Listed, MOST_OPTIONS, Mine, Row, Theirs, check, decode,
    information, merge, read_list,
};
use satchel::onboarding::wire::{Verdict, answered, created, updated, uploaded};
use serde_json::Value;
use std::convert::Infallible;

/// A list comes whole, and every action in it can be shown, kept, answered and merged.
pub(super) fn actions(data: &[u8]) {
    let lengths = &data[..data.len().min(4)];
    let (whole, entries) = listed(data);
    let mut again = vec![];
    let pieces = read_list::<Infallible>(Pieces::of(data, lengths), |entry| {
        again.push(entry);
        Ok(())
    });
    assert_eq!(pieces.map_err(|_| ()), whole, "in pieces as whole");
    assert_eq!(again, entries);
    if let Ok(Verdict::Done(list)) = &whole {
        assert_eq!(list.entries, entries.len() as u64);
        assert_eq!(list.unreadable, entries.iter().filter(|entry| entry.is_err()).count() as u64);
    }
    entries.iter().flatten().for_each(action);
}

fn listed(data: &[u8]) -> (Result<Verdict<List>, ()>, Vec<Listed>) {
    let mut entries = vec![];
    let read = read_list::<Infallible>(data, |entry| {
        entries.push(entry);
        Ok(())
    });
    (read.map_err(|_| ()), entries)
}

fn action(action: &Action) {
    assert!(!action.identifier.is_empty() && action.options.len() <= MOST_OPTIONS);
    assert!(action.title.chars().count() <= LONGEST_TITLE);
    // Half of a pair, escaped, is no text to this reader; the library keeps it as it came.
    if let Ok(kept) = serde_json::from_str::<Value>(&action.raw) {
        assert_eq!(loose(kept.get("UserActionIdentifier")).as_deref(), Some(action.identifier.as_str()));
    }
    let again = decode(&action.group, &action.raw);
    assert_eq!(again.as_ref().map_err(|_| ()), Ok(action), "what is kept is read as what came");
    for option in &action.options {
        let answer = Answer::Choice(vec![option.value.clone()]);
        let _ = check(action, &answer, 500);
    }
    let merged = merge(action, Mine::Nothing, Theirs::Listed(action), true, 500);
    assert_eq!(merged.row, Row::Keep, "the same list says nothing new");
    assert_ne!(merged.answer, Fate::Gone);
}

/// A yes stands in the reply, as a reader of any JSON finds it.
pub(super) fn replies(data: &[u8]) {
    let Ok(reply) = serde_json::from_slice::<Value>(data) else { return };
    let member = |name: &str| loose(reply.get(name));
    let no = |name: &str| {
        let number = member(name).and_then(|text| text.trim().parse::<f64>().ok()).unwrap_or_default();
        number != 0.0 && !(name == "httpStatusCode" && (200.0..300.0).contains(&number))
    };
    let verdicts = [
        matches!(updated(data), Verdict::Done(())),
        matches!(answered(data), Verdict::Done(_)),
        matches!(uploaded(data, 1_627_265_913_230), Verdict::Done(_)),
        matches!(created(data), Verdict::Done(_)),
    ];
    if verdicts.contains(&true) {
        assert!(!no("opstatus") && !no("httpStatusCode"), "a yes of the service's own");
    }
    if let Verdict::Done(made) = created(data) {
        assert_eq!(member("Application_id"), Some(made.application_id));
    }
    if verdicts[2] {
        let text = String::from_utf8_lossy(data);
        assert!(text.contains("fileClientId"), "it speaks of this very paper");
    }
}

/// What may be shown as it is holds no tag but the harmless ones, and is its own sanitised form.
pub(super) fn html(data: &[u8]) {
    let source = String::from_utf8_lossy(data);
    let shown = information(&source);
    let mut rest = shown.html.as_str();
    while let Some(at) = rest.find('<') {
        let (tag, after) = rest[at + 1..].split_once('>').expect("a tag that ends");
        let name = tag.trim_start_matches('/');
        assert!(["p", "br", "ul", "ol", "li", "b", "i", "u", "h4"].contains(&name), "<{tag}>");
        rest = after;
    }
    assert_eq!(information(&shown.html).html, shown.html, "twice is once");
    assert!(!shown.text.contains('\r'));
}
