//! Date-times of the prospect service: civil, without a zone, in two forms.
//!
//! It takes `2021-02-09 23:59:00.000` and gives back `2/9/2021 11:59:00 PM`. The first is also how the store keeps
//! them: it sorts by time. Years 1 to 9999; nothing is trimmed, guessed or read past its end.

use jiff::civil::{Date, DateTime, Time};

/// The text, or the year, does not fit the form. It does not say what the text was: it may be personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date-time of the expected form")]
pub struct NotCivil;

/// Writes `YYYY-MM-DD HH:MM:SS.mmm`, the upload's and the store's form. What is below a millisecond is cut off.
///
/// # Errors
/// [`NotCivil`] for a year before 1, which the form cannot say.
pub fn format_upload(at: DateTime) -> Result<String, NotCivil> {
    if at.year() < 1 {
        return Err(NotCivil);
    }
    let (date, time, millis) = (at.date(), at.time(), at.subsec_nanosecond() / 1_000_000);
    let (year, month, day) = (date.year(), date.month(), date.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    Ok(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{millis:03}"))
}

/// Reads exactly what [`format_upload`] writes.
///
/// # Errors
/// [`NotCivil`] for anything else, a date or a time that does not exist among it.
pub fn parse_upload(text: &str) -> Result<DateTime, NotCivil> {
    upload(text).ok_or(NotCivil)
}

/// Reads the download's `M/D/YYYY h:MM:SS AM`: month, day and hour of one or two digits, 12 AM is midnight.
///
/// # Errors
/// [`NotCivil`] for anything else, a date or a time that does not exist among it.
pub fn parse_download(text: &str) -> Result<DateTime, NotCivil> {
    download(text).ok_or(NotCivil)
}

/// The day that a text names, in any of the forms that the remotes write: `2021-03-20`, `2021-12-31 00:00:00` with or
/// without milliseconds, `2/20/2021 12:00:00 AM`. `None` for anything else.
#[must_use]
pub fn any_day(text: &str) -> Option<Date> {
    let iso = |text: &str| {
        let [year, month, day] = split(text, '-')?;
        Date::new(number(year, 4, 4)?, number(month, 2, 2)? as i8, number(day, 2, 2)? as i8).ok()
    };
    let at = || upload(text).or_else(|| upload(&format!("{text}.000"))).or_else(|| download(text));
    iso(text).or_else(|| at().map(|at| at.date()))
}

/// Do two texts of the upload's form name the same second? `false` when either is not of that form.
#[must_use]
pub fn same_second(a: &str, b: &str) -> bool {
    same(a, b, |at| at.with().subsec_nanosecond(0).build().ok())
}

/// Do two texts of the upload's form name the same minute? `false` when either is not of that form.
#[must_use]
pub fn same_minute(a: &str, b: &str) -> bool {
    same(a, b, |at| at.with().second(0).subsec_nanosecond(0).build().ok())
}

/// Do two texts of the upload's form name the same day? `false` when either is not of that form.
#[must_use]
pub fn same_day(a: &str, b: &str) -> bool {
    same(a, b, |at| Some(at.date()))
}

fn same<T: PartialEq>(a: &str, b: &str, cut: impl Fn(DateTime) -> Option<T>) -> bool {
    let (a, b) = (upload(a).and_then(&cut), upload(b).and_then(&cut));
    a.is_some() && a == b
}

fn upload(text: &str) -> Option<DateTime> {
    let (day, clock) = text.split_once(' ')?;
    let [year, month, day] = split(day, '-')?;
    let (clock, millis) = clock.split_once('.')?;
    let [hour, minute, second] = split(clock, ':')?;
    civil(
        [number(year, 4, 4)?, number(month, 2, 2)?, number(day, 2, 2)?],
        [number(hour, 2, 2)?, number(minute, 2, 2)?, number(second, 2, 2)?],
        number(millis, 3, 3)?,
    )
}

fn download(text: &str) -> Option<DateTime> {
    let (day, rest) = text.split_once(' ')?;
    let [month, day, year] = split(day, '/')?;
    // Servers whose locale data is of 2022 or later write a narrow no-break space before AM and PM.
    let (clock, half) = rest.split_once([' ', '\u{202F}'])?;
    let [hour, minute, second] = split(clock, ':')?;
    let noon = match half {
        "AM" => 0,
        "PM" => 12,
        _ => return None,
    };
    let hour = number(hour, 1, 2).filter(|h| (1..=12).contains(h))? % 12 + noon;
    civil(
        [number(year, 4, 4)?, number(month, 1, 2)?, number(day, 1, 2)?],
        [hour, number(minute, 2, 2)?, number(second, 2, 2)?],
        0,
    )
}

fn split(text: &str, at: char) -> Option<[&str; 3]> {
    let mut parts = text.split(at);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

/// At least `min` and at most `max` ASCII digits (no sign, no space), at most four.
fn number(text: &str, min: usize, max: usize) -> Option<i16> {
    let fits = (min..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok())?
}

fn civil([year, month, day]: [i16; 3], [hour, minute, second]: [i16; 3], millis: i16) -> Option<DateTime> {
    let small = |n: i16| i8::try_from(n).ok();
    let date = Date::new(year, small(month)?, small(day)?).ok().filter(|_| year >= 1)?;
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, i32::from(millis) * 1_000_000).ok()?;
    Some(date.to_datetime(time))
}

#[cfg(test)]
mod tests;
