//! A JSON object whose values are looked at one by one, each as forgivingly as it deserves.

use super::whole;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// An object's values by their keys, unread. It is an object and nothing else, and has no key twice.
#[derive(Default)]
pub(crate) struct Object(BTreeMap<String, Box<RawValue>>);

impl Object {
    /// The object that this JSON is; `None` for anything else.
    pub(crate) fn read(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The JSON of a value; `None` for one that is null or not there.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| value.get()).filter(|json| *json != "null")
    }

    /// A text: given as one, or a number or yes or no as it is spelt. `None` when it is not there, or empty, or no text.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.get(key).and_then(scalar).filter(|text| !text.is_empty())
    }

    /// The first of these keys that holds a text.
    pub(crate) fn any(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.text(key))
    }

    /// Yes or no, as a JSON value or as a text; `None` when it is not there, or neither.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let said = self.text(key)?;
        let said = said.trim();
        match () {
            () if said.eq_ignore_ascii_case("true") || said == "1" => Some(true),
            () if said.eq_ignore_ascii_case("false") || said == "0" => Some(false),
            () => None,
        }
    }

    /// A whole number, as a JSON number of any form or as a text of one. `Err`: something else stands there.
    pub(crate) fn whole(&self, key: &str) -> Result<Option<i64>, ()> {
        let Some(said) = self.text(key) else { return Ok(None) };
        whole(&said).map(Some).ok_or(())
    }

    /// The object that stands there, as one or as a text that holds one.
    pub(crate) fn object(&self, key: &str) -> Option<Object> {
        let json = self.get(key)?;
        Object::read(json.as_bytes()).or_else(|| Object::read(scalar(json)?.as_bytes()))
    }

    /// Puts a value under a key; `false` if there was one already.
    pub(crate) fn insert(&mut self, key: String, value: Box<RawValue>) -> bool {
        self.0.insert(key, value).is_none()
    }

    /// Every key, in the order of the alphabet.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// The text of a JSON scalar. A number stays as it is spelt: nothing of it is lost.
pub(crate) fn scalar(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(json.to_owned()),
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut object = Object::default();
                while let Some((key, value)) = map.next_entry()? {
                    if !object.insert(key, value) {
                        return Err(A::Error::custom("a key twice"));
                    }
                }
                Ok(object)
            }
        }
        d.deserialize_map(V)
    }
}
