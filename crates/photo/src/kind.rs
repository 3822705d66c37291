//! What a file is, by its first bytes, whatever its name says.

/// A kind of file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// JPEG: taken.
    Jpeg,
    /// PNG: taken.
    Png,
    /// PDF: taken by [`crate::pdf`].
    Pdf,
    /// HEIC, HEIF or AVIF: phones' own; the host has to convert it.
    Heic,
    /// WebP.
    WebP,
    /// GIF.
    Gif,
    /// TIFF, and the raw formats built on it.
    Tiff,
    /// Anything else.
    Unknown,
}

/// How many first bytes [`sniff`] looks at.
pub const SNIFF_BYTES: usize = 1024;

/// What the file is that begins with `first_bytes`: [`SNIFF_BYTES`] of them, or all if it has fewer.
#[must_use]
pub fn sniff(first_bytes: &[u8]) -> Kind {
    let begins = |magic: &[u8]| first_bytes.starts_with(magic);
    match first_bytes {
        _ if begins(b"\xff\xd8\xff") => Kind::Jpeg,
        _ if begins(b"\x89PNG\r\n\x1a\n") => Kind::Png,
        _ if begins(b"GIF87a") || begins(b"GIF89a") => Kind::Gif,
        _ if begins(b"II*\0") || begins(b"MM\0*") || begins(b"II+\0") || begins(b"MM\0+") => Kind::Tiff,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Kind::WebP,
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if heif(brand) => Kind::Heic,
        _ if pdf_header(first_bytes).is_some() => Kind::Pdf,
        _ => Kind::Unknown,
    }
}

fn heif(brand: &[u8]) -> bool {
    let brands: [&[u8]; 10] =
        [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"];
    brands.iter().any(|b| brand.starts_with(b))
}

/// Where `%PDF-` stands; readers take a file with up to 1024 bytes of something else before it.
pub(crate) fn pdf_header(first_bytes: &[u8]) -> Option<usize> {
    first_bytes
        .iter()
        .take(SNIFF_BYTES)
        .enumerate()
        .position(|(at, _)| first_bytes.get(at..).is_some_and(|rest| rest.starts_with(b"%PDF-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_known_by_its_first_bytes() {
        let table: [(&[u8], Kind); 12] = [
            (b"\xff\xd8\xff\xe0", Kind::Jpeg),
            (b"\x89PNG\r\n\x1a\n\0", Kind::Png),
            (b"%PDF-1.7", Kind::Pdf),
            (b"\xef\xbb\xbf\n%PDF-1.4", Kind::Pdf),
            (b"\0\0\0\x18ftypheic", Kind::Heic),
            (b"\0\0\0\x18ftypmp42", Kind::Unknown),
            (b"RIFF\0\0\0\0WEBPVP8 ", Kind::WebP),
            (b"GIF89a", Kind::Gif),
            (b"MM\0*", Kind::Tiff),
            (b"\xff\xd8", Kind::Unknown),
            (b"hello", Kind::Unknown),
            (b"", Kind::Unknown),
        ];
        for (bytes, kind) in table {
            assert_eq!(sniff(bytes), kind, "{bytes:?}");
        }
    }
}
