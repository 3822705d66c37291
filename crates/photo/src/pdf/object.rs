//! PDF's objects, read from bytes: no deeper than a document goes, and never past the end.

use crate::Fault;

/// Arrays and dictionaries in each other, at most.
const DEEPEST: u32 = 64;
/// Objects within one object, at most.
const MOST_ITEMS: usize = 200_000;

/// An object. What a page count does not need is [`Object::Other`].
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Object<'b> {
    Number(i64),
    Name(&'b [u8]),
    Reference(u32),
    Array(Vec<Object<'b>>),
    Dict(Dict<'b>),
    /// A bare word: `obj`, `R`, `true` …
    Word(&'b [u8]),
    Other,
}

/// A dictionary, in the order written.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Dict<'b>(Vec<(&'b [u8], Object<'b>)>);

impl<'b> Dict<'b> {
    /// The value of `key`, without the `/`.
    pub(super) fn get(&self, key: &str) -> Option<&Object<'b>> {
        self.0.iter().find(|(name, _)| *name == key.as_bytes()).map(|(_, value)| value)
    }

    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.get(key)?.number()
    }

    pub(super) fn reference(&self, key: &str) -> Option<u32> {
        if let Some(Object::Reference(number)) = self.get(key) { Some(*number) } else { None }
    }

    pub(super) fn is(&self, key: &str, name: &str) -> bool {
        self.get(key) == Some(&Object::Name(name.as_bytes()))
    }
}

impl Object<'_> {
    pub(super) fn number(&self) -> Option<i64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

/// A place in bytes.
#[derive(Clone)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    pub(super) at: usize,
    /// Objects read, those within others too.
    pub(super) items: usize,
}

const fn white(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

const fn regular(byte: u8) -> bool {
    !white(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at, items: 0 }
    }

    pub(super) fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn while_is(&mut self, is: impl Fn(u8) -> bool) -> &'b [u8] {
        let rest = self.rest();
        let (taken, _) = rest.split_at(rest.iter().position(|b| !is(*b)).unwrap_or(rest.len()));
        self.at += taken.len();
        taken
    }

    pub(super) fn skip_white(&mut self) {
        loop {
            self.while_is(white);
            if self.peek() != Some(b'%') {
                return;
            }
            self.while_is(|b| b != b'\n' && b != b'\r');
        }
    }

    /// Passes over `word` if it comes next.
    pub(super) fn word(&mut self, word: &str) -> bool {
        self.skip_white();
        let is = self.rest().starts_with(word.as_bytes());
        self.at += if is { word.len() } else { 0 };
        is
    }

    pub(super) fn object(&mut self) -> Result<Object<'b>, Fault> {
        self.nested(0)
    }

    /// An object that must be a number.
    pub(super) fn number(&mut self) -> Result<i64, Fault> {
        self.skip_white();
        number(self.while_is(regular)).ok_or(Fault::Damaged("PDF number"))
    }

    fn nested(&mut self, depth: u32) -> Result<Object<'b>, Fault> {
        if depth > DEEPEST {
            return Err(Fault::Bomb("PDF nesting"));
        }
        self.items += 1;
        if self.items > MOST_ITEMS {
            return Err(Fault::Bomb("PDF items"));
        }
        self.skip_white();
        match self.peek().ok_or(Fault::CutShort)? {
            b'/' => {
                self.at += 1;
                Ok(Object::Name(self.while_is(regular)))
            }
            b'(' => self.string(),
            b'[' => self.array(depth),
            b'<' if self.rest().starts_with(b"<<") => self.dict(depth).map(Object::Dict),
            b'<' => {
                self.while_is(|b| b != b'>');
                self.at += 1;
                Ok(Object::Other)
            }
            byte if regular(byte) => Ok(self.plain()),
            _ => Err(Fault::Damaged("PDF object")),
        }
    }

    fn string(&mut self) -> Result<Object<'b>, Fault> {
        let mut depth = 0u32;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'(' => depth += 1,
                b')' if depth <= 1 => return Ok(Object::Other),
                b')' => depth -= 1,
                _ => {}
            }
        }
        Err(Fault::CutShort)
    }

    fn array(&mut self, depth: u32) -> Result<Object<'b>, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.word("]") {
            items.push(self.nested(depth + 1)?);
        }
        Ok(Object::Array(items))
    }

    fn dict(&mut self, depth: u32) -> Result<Dict<'b>, Fault> {
        self.at += 2;
        let mut entries = Vec::new();
        while !self.word(">>") {
            let Object::Name(key) = self.nested(depth + 1)? else {
                return Err(Fault::Damaged("PDF dictionary"));
            };
            entries.push((key, self.nested(depth + 1)?));
        }
        Ok(Dict(entries))
    }

    /// A number, a reference (`12 0 R`) or a word.
    fn plain(&mut self) -> Object<'b> {
        let word = self.while_is(regular);
        let Some(value) = number(word) else {
            return if word.iter().any(u8::is_ascii_digit) { Object::Other } else { Object::Word(word) };
        };
        let mut ahead = self.clone();
        let generation = ahead.number().is_ok();
        ahead.skip_white();
        match u32::try_from(value) {
            Ok(target) if generation && ahead.while_is(regular) == b"R" => {
                self.at = ahead.at;
                Object::Reference(target)
            }
            _ => Object::Number(value),
        }
    }
}

fn number(word: &[u8]) -> Option<i64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}
