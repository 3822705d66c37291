//! HTML cut into tags and texts. No character is looked at more than a few times.

/// A piece of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token<'a> {
    /// Text, entities and all.
    Text(&'a str),
    /// `<name …>`; the name as it is spelt.
    Open(&'a str),
    /// `</name …>`.
    Close(&'a str),
}

/// Elements that go with their contents.
const DROPPED: [&str; 17] = [
    "script", "style", "template", "iframe", "object", "applet", "svg", "math", "title", "textarea",
    "select", "noembed", "noframes", "xmp", "audio", "video", "canvas",
];

/// The pieces of a source.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// What is left is text: a tag or comment was begun in it that never ends. Without this each would be searched for
    /// its end again.
    plain: bool,
}

/// What stands at a `<`.
enum At<'a> {
    /// A tag and what is behind it.
    Tag(Token<'a>, &'a str),
    /// Nothing to be seen, and what is behind it.
    Nothing(&'a str),
    /// A sign like any other.
    Sign,
    /// Something without an end.
    Endless,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { rest: source, plain: false }
    }

    /// Text up to the next `<`, one that stands at its beginning included.
    fn text(&mut self) -> Token<'a> {
        let begin = self.rest.chars().next().map_or(0, char::len_utf8);
        let end =
            self.rest.get(begin..).and_then(|rest| rest.find('<')).map_or(self.rest.len(), |at| at + begin);
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Token::Text(text)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while !self.plain && self.rest.starts_with('<') {
            match at(self.rest) {
                At::Tag(Token::Open(name), rest) if DROPPED.iter().any(|d| d.eq_ignore_ascii_case(name)) => {
                    self.rest = behind_close(rest, name);
                }
                At::Tag(token, rest) => {
                    self.rest = rest;
                    return Some(token);
                }
                At::Nothing(rest) => self.rest = rest,
                At::Sign => break,
                At::Endless => self.plain = true,
            }
        }
        if self.rest.is_empty() { None } else { Some(self.text()) }
    }
}

fn at(source: &str) -> At<'_> {
    let nothing = |end: Option<(&'_ str, &'_ str)>| end.map(|(_, rest)| rest.len());
    let behind = if let Some(comment) = source.strip_prefix("<!--") {
        nothing(comment.split_once("-->"))
    } else if source.starts_with("<!") && source.as_bytes().get(2).is_some_and(u8::is_ascii_alphabetic) {
        nothing(source.split_once('>'))
    } else {
        return tag(source);
    };
    match behind.and_then(|left| source.get(source.len() - left..)) {
        Some(rest) => At::Nothing(rest),
        None => At::Endless,
    }
}

fn tag(source: &str) -> At<'_> {
    let (closes, inner) = match source.strip_prefix("</") {
        Some(inner) => (true, inner),
        None => (false, source.get(1..).unwrap_or_default()),
    };
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return At::Sign;
    }
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let (name, attributes) = inner.split_at(end);
    match behind_tag(attributes) {
        Behind::Rest(rest) => At::Tag(if closes { Token::Close(name) } else { Token::Open(name) }, rest),
        Behind::NoTag => At::Sign,
        Behind::Endless => At::Endless,
    }
}

enum Behind<'a> {
    Rest(&'a str),
    NoTag,
    Endless,
}

/// What stands behind the `>` of a tag. As in a browser a `>` within quotes is none, and a quote is one only behind `=`.
/// Otherwise than in a browser another `<` shows that the first one was only a sign: nothing readable is lost to it.
fn behind_tag(attributes: &str) -> Behind<'_> {
    let (mut quote, mut value) = (None, false);
    for (at, byte) in attributes.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return Behind::Rest(attributes.get(at + 1..).unwrap_or_default()),
            (None, b'<') => return Behind::NoTag,
            (None, b'"' | b'\'') if value => quote = Some(byte),
            (None, _) => {}
        }
        value = quote.is_none() && (byte == b'=' || value && byte.is_ascii_whitespace());
    }
    Behind::Endless
}

/// What stands behind `</name>`; nothing, if that never comes.
fn behind_close<'a>(mut rest: &'a str, name: &str) -> &'a str {
    while let Some((_, behind)) = rest.split_once("</") {
        let found = behind.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
        let after = behind.get(name.len()..).filter(|_| found);
        if let Some(after) = after.filter(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric())) {
            return after.split_once('>').map_or("", |(_, rest)| rest);
        }
        rest = behind;
    }
    ""
}
