//! What a service written in Java prints otherwise than one would expect: whole numbers as doubles, and the members
//! of an object in the order of its hash map. The document's samples hold both.

/// A whole number as Java prints it as a `double`: `1.62726591323E12`.
pub(super) fn double(number: i64) -> String {
    let value = number as f64;
    if value.abs() < 1e7 {
        return format!("{value:.1}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => format!("{mantissa}E{exponent}"),
        Some((mantissa, exponent)) => format!("{mantissa}.0E{exponent}"),
        None => text,
    }
}

/// An object of these members, each with its value as JSON, in the order in which a `HashMap` walks them.
pub(super) fn object(mut members: Vec<(&str, String)>) -> String {
    let mut places = 16_usize;
    while members.len() > places / 4 * 3 {
        places *= 2;
    }
    members.sort_by_key(|(name, _)| place(name, places));
    let member = |(name, value): (&str, String)| {
        format!("{}:{value}", serde_json::to_string(name).unwrap_or_default())
    };
    format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(","))
}

/// Where a `HashMap` of so many places puts a text.
fn place(name: &str, places: usize) -> usize {
    let hash =
        name.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
    (hash ^ (hash >> 16)) as usize & (places - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles() {
        let cases = [
            (0, "0.0"),
            (17, "17.0"),
            (-4, "-4.0"),
            (9_999_999, "9999999.0"),
            (10_000_000, "1.0E7"),
            (123_456_789, "1.23456789E8"),
            (1_627_265_913_230, "1.62726591323E12"),
            (1 << 53, "9.007199254740992E15"),
        ];
        for (number, text) in cases {
            assert_eq!(double(number), text);
        }
    }

    #[test]
    fn members_stand_where_the_samples_have_them() {
        let order =
            |names: &[&'static str]| object(names.iter().map(|name| (*name, "1".to_owned())).collect());
        assert_eq!(
            order(&["opstatus", "httpStatusCode", "count", "Income", "Documents", "Verification"]),
            r#"{"Income":1,"Documents":1,"count":1,"opstatus":1,"Verification":1,"httpStatusCode":1}"#
        );
        assert_eq!(
            order(&["id", "httpStatusCode", "Verification", "opstatus", "count"]),
            r#"{"count":1,"opstatus":1,"Verification":1,"id":1,"httpStatusCode":1}"#
        );
        assert_eq!(order(&["a\"b"]), r#"{"a\"b":1}"#);
        assert_eq!(order(&[]), "{}");
    }
}
