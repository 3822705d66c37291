//! Small things that several pages show.

use crate::ledger::{Fate, LedgerEntry};
use maud::{Markup, html};

/// A pill of one of the tones `good`, `warn`, `bad`, `plain` or, if empty, calm.
pub(super) fn pill(tone: &str, text: &str) -> Markup {
    html! { span class={ "pill " (tone) } { (text) } }
}

/// How long ago, with the exact time on hover.
pub(super) fn ago(at_ms: i64, now_ms: i64) -> Markup {
    let exact = jiff::Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default();
    let seconds = (now_ms - at_ms).max(0) / 1000;
    let text = match seconds {
        0..=1 => "just now".to_owned(),
        2..=119 => format!("{seconds} s ago"),
        120..=7199 => format!("{} min ago", seconds / 60),
        7200..=172_799 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    };
    html! { span.nowrap title=(exact) { (text) } }
}

/// `lost_close` as `lost close`.
pub(super) fn words(name: &str) -> String {
    name.replace('_', " ")
}

pub(super) fn fired(names: &[&'static str]) -> Markup {
    html! { div.pills { @for name in names { (pill("warn", &words(name))) } } }
}

pub(super) fn kind(entry: &LedgerEntry) -> Markup {
    let tone = match entry.effect.kind.as_str() {
        "create" => "good",
        "reject" => "bad",
        _ => "",
    };
    pill(tone, &entry.effect.kind)
}

/// How an effect was told to its client.
pub(super) fn fate(entry: &LedgerEntry) -> Markup {
    html! {
        div.pills {
            @match entry.reply {
                Fate::Sent => (pill("plain", "answered")),
                Fate::Damaged => (pill("warn", "answer damaged")),
                Fate::Lost => (pill("bad", "answer lost")),
                Fate::Elsewhere => (pill("plain", "elsewhere")),
            }
            @if entry.late { (pill("warn", "late")) }
        }
    }
}

pub(super) fn empty(text: &str) -> Markup {
    html! { div.empty { (text) } }
}

/// JSON with line breaks; anything else as it is.
pub(super) fn pretty(text: &str) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_str(text);
    value.ok().and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}
