//! Amounts of money, exactly as the bank writes them.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// The most digits before the point, and behind it. Sums of 100,000 such amounts are exact.
const WHOLE: usize = 18;
const FRACTION: usize = 4;

/// An amount: a decimal number, never a binary floating point one. It is written as it was read, zeros behind the point
/// included; two that are worth the same are equal. Its `Debug` shows nothing of it.
///
/// ```
/// use satchel::text::amount::Amount;
/// let installments: Vec<Amount> = ["29949000.00", "0.10", "0.20"].map(|text| text.parse().unwrap()).into();
/// assert_eq!(Amount::sum(installments).unwrap().to_string(), "29949000.30");
/// assert!("1e9".parse::<Amount>().is_err() && "1,000.00".parse::<Amount>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(Decimal);

/// The text is no amount. It does not say what the text was: it may be personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal amount")]
pub struct NotAmount;

impl Amount {
    /// All of them together; `None` where that is beyond what an exact sum can hold.
    pub fn sum(amounts: impl IntoIterator<Item = Amount>) -> Option<Amount> {
        amounts
            .into_iter()
            .try_fold(Decimal::ZERO, |sum, Amount(next)| {
                let scale = sum.scale().max(next.scale());
                // A sum that does not fit is rounded: then its scale is a smaller one.
                sum.checked_add(next).filter(|sum| sum.scale() == scale)
            })
            .map(Amount)
    }
}

impl FromStr for Amount {
    type Err = NotAmount;

    /// ASCII digits, at most 18, with at most 4 more behind a point, and perhaps a minus. No exponent, no separators, no
    /// spaces, no plus.
    fn from_str(text: &str) -> Result<Self, NotAmount> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
        let number = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
        };
        if !number(whole, WHOLE) || fraction.is_some_and(|fraction| !number(fraction, FRACTION)) {
            return Err(NotAmount);
        }
        Decimal::from_str_exact(text).map(Amount).map_err(|_| NotAmount)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        let forty = "1".repeat(40);
        let bad = [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "1e9",
            "1E9",
            "١٢",
            "១២",
            "1,000.00",
            "1 000",
            " 1",
            "1 ",
            "+1",
            "--1",
            "0x10",
            "1.2.3",
            "NaN",
            "inf",
            "1.00000",
            "1234567890123456789",
            &forty,
            "1_000",
        ];
        for text in bad {
            assert_eq!(text.parse::<Amount>(), Err(NotAmount), "{text}");
        }
        for text in ["0", "-0.5", "29949000.00", "1445252000", "999999999999999999.9999"] {
            assert_eq!(text.parse::<Amount>().map(|a| a.to_string()).as_deref(), Ok(text));
        }
    }

    /// In ten-thousandths, as whole numbers: the other way to add.
    fn parts(text: &str) -> i128 {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{fraction:0<4}").parse().expect("digits")
    }

    #[test]
    fn a_hundred_thousand_random_amounts_add_up_exactly() {
        let mut seed = 1_u64;
        let mut chance = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) % most
        };
        let texts: Vec<String> = (0..100_000)
            .map(|_| {
                let (whole, places) = (chance(1_000_000_000_000_000), chance(5) as usize);
                let fraction = format!("{:04}", chance(10_000));
                let minus = if whole > 0 && chance(10) == 0 { "-" } else { "" };
                let point = if places == 0 { "" } else { "." };
                format!("{minus}{whole}{point}{}", &fraction[..places])
            })
            .collect();
        let exact: i128 = texts.iter().map(|text| parts(text)).sum();
        let sum = Amount::sum(texts.iter().map(|text| text.parse().expect("an amount"))).expect("it fits");
        assert_eq!(parts(&sum.to_string()), exact);
    }

    #[test]
    fn a_sum_that_is_not_exact_is_none() {
        let (most, tenth) = (Amount(Decimal::MAX), "0.1".parse().expect("an amount"));
        assert_eq!(Amount::sum([most, most]), None);
        assert_eq!(Amount::sum([most, tenth]), None, "it would be rounded");
        assert_eq!(Amount::sum([]), Some(Amount::default()));
    }

    proptest! {
        #[test]
        fn an_amount_is_written_as_it_was_read(text in "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,4})?") {
            let read: Amount = text.parse().expect("an amount");
            // There is no minus before nothing.
            let nothing = text.bytes().all(|b| b"-0.".contains(&b));
            prop_assert!(nothing || read.to_string() == text, "{} {}", read, text);
        }

        #[test]
        fn no_text_breaks_it(text in ".{0,60}") {
            let _ = text.parse::<Amount>();
        }
    }
}
