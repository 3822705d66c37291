//! Small things that several pages show.

use crate::faults::groups;
use crate::ledger::{Fate, LedgerEntry};
use maud::{Markup, html};

/// A pill of one of the tones `good`, `warn`, `bad`, `plain` or, if empty, calm.
pub(super) fn pill(tone: &str, text: &str) -> Markup {
    html! { span class={ "pill " (tone) } { (text) } }
}

/// How long ago, with the exact time on hover.
pub(super) fn ago(at_ms: i64, now_ms: i64) -> Markup {
    let exact = jiff::Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default();
    let seconds = now_ms.saturating_sub(at_ms).max(0) / 1000;
    let text = match seconds {
        0..=1 => "just now".to_owned(),
        2..=119 => format!("{seconds} s ago"),
        120..=7199 => format!("{} min ago", seconds / 60),
        7200..=172_799 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    };
    html! { span.nowrap title=(exact) { (text) } }
}

/// What the forms call that kind of fault.
pub(super) fn title(kind: &str) -> &str {
    groups().flat_map(|group| group.levers).find(|lever| lever.kind == kind).map_or(kind, |lever| lever.title)
}

pub(super) fn fired(names: &[&'static str]) -> Markup {
    html! { div.pills { @for name in names { (pill("warn", title(name))) } } }
}

pub(super) fn kind(entry: &LedgerEntry) -> Markup {
    let tone = match entry.effect.kind.as_str() {
        "create" | "upload" | "result" => "good",
        "reject" | "withdraw" => "bad",
        _ => "",
    };
    pill(tone, &entry.effect.kind)
}

/// Where the inspector shows what an effect changed.
pub(super) fn place(entry: &LedgerEntry) -> String {
    let effect = &entry.effect;
    match (entry.remote.as_str(), effect.kind.as_str()) {
        ("onboarding", "upload") => format!("/onboarding/documents/{}", effect.code),
        ("onboarding", _) => match effect.code.rsplit_once('_') {
            Some((_, application)) => format!("/onboarding/applications/{application}"),
            None => format!("/onboarding/applications/{}", effect.code),
        },
        ("collection", "result") => format!("/collections/results/{}", effect.code),
        // A contract bears whatever a form or a call gave it.
        ("collection", _) => format!("/collections/tasks/{}", escaped(&effect.code)),
        _ => format!("/prospects/{}", effect.code),
    }
}

/// A text as one part of a path.
pub(super) fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Whom or what an effect is about: a name and, beside it, another.
pub(super) fn names(entry: &LedgerEntry) -> (String, String) {
    let fields = &entry.effect.fields;
    let first = ["NameKh", "fileName", "UserActionName", "Response", "cust_name", "name"]
        .map(|name| fields.get(name));
    match first.into_iter().find(|text| !text.is_empty()) {
        Some(text) => (text.to_owned(), [fields.get("NameEn"), fields.get("result_code")].concat()),
        None => (
            format!("{} {}", fields.get("FirstName"), fields.get("LastName")),
            fields.get("NameEn").to_owned(),
        ),
    }
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

/// JSON with line breaks, its fields in their order; anything else as it is.
pub(super) fn pretty(text: &str) -> String {
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut quoted, mut escaped, mut last) = (0_usize, false, false, ' ');
    for c in text.chars().filter(|c| *c != '\r' && *c != '\n') {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            out.push(c);
        } else if !c.is_whitespace() {
            let closes = matches!(c, ']' | '}');
            depth -= usize::from(closes && depth > 0);
            // Lists of lists without end are not indented out of sight.
            let indent = || format!("\n{}", "  ".repeat(depth.min(40)));
            if (matches!(last, '[' | '{') && !closes) || last == ',' || (closes && !matches!(last, '[' | '{'))
            {
                out.push_str(&indent());
            }
            out.push(c);
            if c == ':' {
                out.push(' ');
            }
            depth += usize::from(matches!(c, '[' | '{'));
            quoted = c == '"';
            last = c;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn order_and_strings_are_kept() {
        let text = r#"[{"b":"x, {y}: \"[z]\"","a":[],"c":{"d":null,"e":[1,2]}}]"#;
        let wanted = [
            "[",
            "  {",
            r#"    "b": "x, {y}: \"[z]\"","#,
            r#"    "a": [],"#,
            r#"    "c": {"#,
            r#"      "d": null,"#,
            r#"      "e": ["#,
            "        1,",
            "        2",
            "      ]",
            "    }",
            "  }",
            "]",
        ];
        assert_eq!(pretty(text), wanted.join("\n"));
        assert_eq!(pretty(&wanted.join("\n")), wanted.join("\n"));
        assert_eq!(pretty("<h1>no JSON</h1>"), "<h1>no JSON</h1>");
    }
}
