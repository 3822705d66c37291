//! The service's two ways of writing a civil time: `2021-02-09 23:59:00.000` up, `2/9/2021 11:59:00 PM` down.

/// A civil time without zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Civil {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    milli: u16,
}

impl Civil {
    /// Reads exactly `YYYY-MM-DD HH:MM:SS.mmm`, a date that exists.
    pub fn read(text: &str) -> Option<Civil> {
        let shape = text.len() == 23
            && text.bytes().enumerate().all(|(i, b)| match i {
                4 | 7 => b == b'-',
                10 => b == b' ',
                13 | 16 => b == b':',
                19 => b == b'.',
                _ => b.is_ascii_digit(),
            });
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
        let small = |from| number(from, from + 2).and_then(|n| u8::try_from(n).ok());
        let civil = Civil {
            year: shape.then(|| number(0, 4))??,
            month: small(5)?,
            day: small(8)?,
            hour: small(11)?,
            minute: small(14)?,
            second: small(17)?,
            milli: number(20, 23)?,
        };
        civil.exists().then_some(civil)
    }

    fn exists(&self) -> bool {
        let by = |n| self.year.is_multiple_of(n);
        let leap = by(4) && (!by(100) || by(400));
        let days = match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return false,
        };
        self.year > 0
            && (1..=days).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
    }

    /// As in an upload.
    pub fn upload(&self) -> String {
        let Civil { year, month, day, hour, minute, second, milli } = self;
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}")
    }

    /// As in a download: month first, twelve hours, no milliseconds.
    pub fn download(&self) -> String {
        let half = if self.hour < 12 { "AM" } else { "PM" };
        let hour = match self.hour % 12 {
            0 => 12,
            hour => hour,
        };
        let Civil { year, month, day, minute, second, .. } = self;
        format!("{month}/{day}/{year} {hour}:{minute:02}:{second:02} {half}")
    }

    /// The same day at its first moment.
    pub fn midnight(self) -> Civil {
        Civil { hour: 0, minute: 0, ..self.to_the_minute() }
    }

    /// The same time less its seconds.
    pub fn to_the_minute(self) -> Civil {
        Civil { second: 0, milli: 0, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn civil(text: &str) -> Civil {
        Civil::read(text).unwrap()
    }

    #[test]
    fn both_ways_of_the_document() {
        assert_eq!(civil("2021-02-09 23:59:00.000").download(), "2/9/2021 11:59:00 PM");
        assert_eq!(civil("2021-02-09 10:21:00.000").download(), "2/9/2021 10:21:00 AM");
        assert_eq!(civil("2021-02-16 23:59:00.000").midnight().download(), "2/16/2021 12:00:00 AM");
    }

    #[test]
    fn twelve_hours() {
        for (hour, shown) in [
            ("00", "12:05:09 AM"),
            ("01", "1:05:09 AM"),
            ("11", "11:05:09 AM"),
            ("12", "12:05:09 PM"),
            ("13", "1:05:09 PM"),
        ] {
            let text = format!("2024-12-31 {hour}:05:09.999");
            assert_eq!(civil(&text).download(), format!("12/31/2024 {shown}"));
            assert_eq!(civil(&text).upload(), text);
        }
        assert_eq!(civil("2024-12-31 13:05:09.999").to_the_minute().upload(), "2024-12-31 13:05:00.000");
    }

    #[test]
    fn only_dates_that_exist() {
        assert!(Civil::read("2024-02-29 00:00:00.000").is_some());
        for text in [
            "",
            "2021-02-29 00:00:00.000",
            "1900-02-29 00:00:00.000",
            "2021-13-01 00:00:00.000",
            "2021-00-01 00:00:00.000",
            "2021-01-32 00:00:00.000",
            "2021-04-31 00:00:00.000",
            "2021-01-01 24:00:00.000",
            "2021-01-01 00:60:00.000",
            "2021-01-01 00:00:60.000",
            "2021-01-01T00:00:00.000",
            "2021-01-01 00:00:00",
            "2021-1-1 00:00:00.00000",
            "+021-01-01 00:00:00.000",
            "២០២១-01-01 00:00:00.000",
        ] {
            assert_eq!(Civil::read(text), None, "{text}");
        }
    }
}
