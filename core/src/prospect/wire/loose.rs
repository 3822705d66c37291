//! Values of a reply, taken as texts whatever JSON type the server gave them, and the array of one around each reply.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A text: given as one, as a number, as yes or no, or null for empty.
#[derive(Default)]
pub(super) struct Loose(pub(super) String);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl Visitor<'_> for V {
            type Value = Loose;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_str<E: Error>(self, v: &str) -> Result<Loose, E> {
                Ok(Loose(v.to_owned()))
            }
            fn visit_unit<E: Error>(self) -> Result<Loose, E> {
                Ok(Loose::default())
            }
            fn visit_bool<E: Error>(self, v: bool) -> Result<Loose, E> {
                Ok(Loose(if v { "1" } else { "0" }.to_owned()))
            }
            fn visit_u64<E: Error>(self, v: u64) -> Result<Loose, E> {
                Ok(Loose(v.to_string()))
            }
            fn visit_i64<E: Error>(self, v: i64) -> Result<Loose, E> {
                Ok(Loose(v.to_string()))
            }
            fn visit_f64<E: Error>(self, v: f64) -> Result<Loose, E> {
                // Beyond 2^53 digits have already been lost: a wrong code is worse than none.
                let exact = v.abs() < 9_007_199_254_740_992.0;
                if exact {
                    Ok(Loose(v.to_string()))
                } else {
                    Err(E::custom("a number too large to be exact"))
                }
            }
        }
        d.deserialize_any(V)
    }
}

/// An object. The derived readers would take an array's items for the fields in their order; this does not.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_map(Reply(PhantomData)).map(|One(object)| Object(object))
    }
}

/// `[{…}]`, or the object alone: the service wraps each reply in an array of one. None, or a second one, is no reply.
pub(super) struct One<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Reply(PhantomData))
    }
}

struct Reply<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Reply<T> {
    type Value = One<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<One<T>, A::Error> {
        let Object(one) = seq.next_element()?.ok_or_else(|| A::Error::custom("no reply"))?;
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(One(one)),
            Some(_) => Err(A::Error::custom("two replies")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<One<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(One)
    }
}
