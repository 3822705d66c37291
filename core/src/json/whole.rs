//! Whole numbers in any of JSON's forms.

/// The most digits that a number is read with: no number of this service has half of them.
const LONGEST: usize = 64;

/// The whole number that this text of a JSON number is, exactly: `1627265913230` and `1.62726591323E12` are the same one.
/// No floating point is involved. `None` for what has a fraction, does not fit, or is no number.
///
/// ```
/// use satchel::json::whole;
/// assert_eq!(whole("1.62726591323E12"), Some(1_627_265_913_230));
/// assert_eq!(whole("1.5"), None);
/// ```
#[must_use]
pub fn whole(text: &str) -> Option<i64> {
    if text.len() > LONGEST {
        return None;
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, power(exponent)?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa),
    };
    let (before, after) = match mantissa.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (mantissa, ""),
    };
    if before.is_empty() || !before.bytes().chain(after.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{before}{after}");
    let zeros = exponent - i32::try_from(after.len()).ok()?;
    signed(negative, shifted(digits.trim_start_matches('0'), zeros)?)
}

/// An exponent; one that is beyond all numbers here is as good as any other of its sign.
fn power(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size =
        digits.trim_start_matches('0').parse().unwrap_or(if digits.contains(|c| c != '0') { 999 } else { 0 });
    let size = i32::min(size, 999);
    Some(if text.starts_with('-') { -size } else { size })
}

/// `digits` with so many zeros more, or with so many taken away.
fn shifted(digits: &str, zeros: i32) -> Option<u64> {
    if digits.is_empty() {
        return Some(0);
    }
    let size = usize::try_from(zeros.unsigned_abs()).ok()?;
    if zeros < 0 {
        let (kept, cut) = digits.split_at_checked(digits.len().checked_sub(size)?)?;
        return if cut.bytes().all(|b| b == b'0') { kept.parse().ok() } else { None };
    }
    // 20 digits do not fit, whatever they are.
    if digits.len() + size > 19 { None } else { format!("{digits}{}", "0".repeat(size)).parse().ok() }
}

fn signed(negative: bool, size: u64) -> Option<i64> {
    if negative { 0_i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_seeds_number_is_the_one_that_was_sent() {
        assert_eq!(whole("1.62726591323E12"), Some(1_627_265_913_230));
        assert_eq!(whole("1.62726591323e+12"), whole("1627265913230"));
        assert_eq!(whole("1627265913230.0"), whole("16272659132300E-1"));
        assert_ne!(whole("1.62726591324E12"), whole("1.62726591323E12"));
        // Two numbers that are one as floats.
        assert_ne!(whole("9007199254740993"), whole("9007199254740992"));
    }

    #[test]
    fn what_is_no_whole_number_is_none() {
        let long = "1".repeat(65);
        let bad = [
            "",
            "-",
            "1.",
            ".5",
            "1.5",
            "1E-1",
            "1E",
            "1E+",
            "E5",
            "1e19",
            "1E999999999999",
            "0x10",
            " 1",
            "1 ",
            "+1",
            "--1",
            "1.2.3",
            "1e2e3",
            "NaN",
            "9223372036854775808",
            "99999999999999999999",
            "១",
            &long,
        ];
        for text in bad {
            assert_eq!(whole(text), None, "{text}");
        }
        for (text, number) in
            [("0", 0), ("-0", 0), ("0E999999999999", 0), ("0.000", 0), ("007", 7), ("-2E2", -200)]
        {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        assert_eq!(whole("9223372036854775807"), Some(i64::MAX));
    }

    proptest! {
        #[test]
        fn every_form_of_a_number_is_that_number(n in -999_999_999_999_999_i64..=999_999_999_999_999, point in 0_usize..18) {
            let digits = format!("{:018}", n.unsigned_abs());
            let (before, after) = digits.split_at(18 - point);
            let sign = if n < 0 { "-" } else { "" };
            prop_assert_eq!(whole(&n.to_string()), Some(n));
            let before = if before.is_empty() { "0" } else { before };
            let after = if after.is_empty() { "0" } else { after };
            let places = if point == 0 { 0 } else { point };
            prop_assert_eq!(whole(&format!("{sign}{before}.{after}E{places}")), Some(n));
        }

        #[test]
        fn no_text_breaks_it(text in ".{0,80}", number in "-?[0-9]{0,25}(\\.[0-9]{0,25})?([eE][+-]?[0-9]{0,12})?") {
            let _ = whole(&text);
            // Where a float can say it exactly, it says the same.
            if let (Some(n), Ok(float)) = (whole(&number), number.parse::<f64>())
                && n.unsigned_abs() < 1 << 53
            {
                prop_assert!((float - n as f64).abs() < 0.5);
            }
        }
    }
}
