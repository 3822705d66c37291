//! The one thing wanted from EXIF: which way up the picture is.

/// Which way a picture is turned, as EXIF numbers it: 1 is upright, 2 to 8 say how to make it so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Orientation(u8);

impl Orientation {
    /// Upright.
    pub const UPRIGHT: Self = Self(1);

    /// The orientation with EXIF's number, if there is one.
    #[must_use]
    pub fn new(number: u16) -> Option<Self> {
        u8::try_from(number).ok().filter(|n| (1..=8).contains(n)).map(Self)
    }

    /// EXIF's number, 1 to 8.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// Width and height change places.
    #[must_use]
    pub fn swaps(self) -> bool {
        self.0 >= 5
    }
}

/// The orientation in a TIFF structure (what follows `Exif\0\0`), if it has one that makes sense.
pub(crate) fn orientation(tiff: &[u8]) -> Option<Orientation> {
    let big = match tiff.get(..4)? {
        b"II*\0" => false,
        b"MM\0*" => true,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let u32_at = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk()?;
        Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let list = usize::try_from(u32_at(4)?).ok()?;
    let entries = usize::from(u16_at(list)?);
    let entry =
        (0..entries).map(|i| list.saturating_add(2 + i * 12)).find(|at| u16_at(*at) == Some(0x0112))?;
    // Type 3 is a 16-bit number, which stands in the first two bytes of the value.
    let short = u16_at(entry + 2)? == 3 && u32_at(entry + 4)? == 1;
    short.then(|| u16_at(entry + 8)).flatten().and_then(Orientation::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tiff(big: bool, kind: u16, count: u32, value: u16) -> Vec<u8> {
        let n16 = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let n32 = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let mut tiff = if big { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
        tiff.extend(n32(8));
        tiff.extend(n16(2));
        for (tag, kind, count, value) in [(0x010f_u16, 2, 4, 0), (0x0112, kind, count, value)] {
            tiff.extend(n16(tag));
            tiff.extend(n16(kind));
            tiff.extend(n32(count));
            tiff.extend(n16(value));
            tiff.extend([0, 0]);
        }
        tiff
    }

    #[test]
    fn both_byte_orders_give_all_eight() {
        for number in 1..=8 {
            for big in [false, true] {
                let found = orientation(&tiff(big, 3, 1, number)).map(Orientation::number);
                assert_eq!(found.map(u16::from), Some(number));
            }
        }
    }

    #[test]
    fn nonsense_is_no_orientation() {
        assert_eq!(orientation(&tiff(true, 3, 1, 0)), None);
        assert_eq!(orientation(&tiff(true, 3, 1, 9)), None);
        assert_eq!(orientation(&tiff(true, 2, 1, 6)), None);
        assert_eq!(orientation(b"MM\0*\xff\xff\xff\xff"), None);
        let whole = tiff(false, 3, 1, 6);
        (0..whole.len() - 2).for_each(|end| assert_eq!(orientation(&whole[..end]), None, "cut at {end}"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = orientation(&bytes);
            let _ = orientation(&[b"II*\0\x08\0\0\0".as_slice(), &bytes].concat());
        }
    }
}
