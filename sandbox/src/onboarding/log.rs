//! Bodies for the log of requests.

/// The longest run of letters and digits that is no file.
const LONGEST_WORD: usize = 200;

/// A body for the log of requests: of a file's base64 its start and its length.
pub(super) fn without_files(body: &str) -> String {
    let in_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut short = String::new();
    let mut rest = body;
    while !rest.is_empty() {
        let run = rest.find(|c| !in_base64(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(run);
        match word.get(..32).filter(|_| run > LONGEST_WORD) {
            Some(start) => short += &format!("{start}… ({run} characters)"),
            None => short += word,
        }
        let end = after.find(in_base64).unwrap_or(after.len());
        short += &after[..end];
        rest = &after[end..];
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_holds_no_files() {
        let body = format!("{{\"fileName\":\"ឯ.pdf\",\"fileContents\":\"{}==\"}}", "Ab+/".repeat(700_000));
        let short = without_files(&body);
        let start = "Ab+/".repeat(8);
        assert_eq!(
            short,
            format!("{{\"fileName\":\"ឯ.pdf\",\"fileContents\":\"{start}… (2800002 characters)\"}}")
        );
        assert_eq!(without_files("{\"a\":\"b, c\"} "), "{\"a\":\"b, c\"} ");
        assert_eq!(without_files(""), "");
    }
}
