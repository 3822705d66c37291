//! What the service refuses of a file, as the information text of its actions has it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const FORBIDDEN: [char; 15] = [',', '*', '|', ':', '"', '<', '>', '?', '/', '\\', '[', ']', '%', '=', ';'];

/// Why a file may not have this name; none if it may.
pub(super) fn bad_name(name: &str) -> Option<&'static str> {
    let extension =
        name.rsplit_once('.').is_some_and(|(stem, end)| !stem.is_empty() && !end.trim().is_empty());
    if name.is_empty() {
        Some("File name is required")
    } else if name.starts_with(' ') {
        Some("File name can't begin with space")
    } else if name.contains(FORBIDDEN) {
        Some("File name contains special characters")
    } else if !extension {
        Some("File name must have an extension name")
    } else {
        None
    }
}

/// The bytes of a file of at most `limit` bytes, or why it is refused.
pub(super) fn contents(encoded: &str, limit: u64) -> Result<Vec<u8>, &'static str> {
    if encoded.is_empty() {
        return Err("File is empty");
    }
    let bytes = STANDARD.decode(encoded).map_err(|_| "File contents are not base64")?;
    if bytes.len() as u64 > limit { Err("File exceeds the limit") } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["techspectemplate.pdf", "ឯកសារ.pdf", "a.b.jpg", "salary slip (May).png", ".a.b"]
        {
            assert_eq!(bad_name(good), None, "{good}");
        }
        for forbidden in ", * | : \" < > ? / \\ [ ] % = ;".split(' ') {
            assert_eq!(
                bad_name(&format!("a{forbidden}b.pdf")),
                Some("File name contains special characters")
            );
        }
        assert_eq!(bad_name(""), Some("File name is required"));
        assert_eq!(bad_name(" a.pdf"), Some("File name can't begin with space"));
        for plain in ["a", "a.", ".pdf", "a. "] {
            assert_eq!(bad_name(plain), Some("File name must have an extension name"), "{plain}");
        }
    }

    #[test]
    fn contents_of_files() {
        assert_eq!(contents("SGVsbG8=", 5), Ok(b"Hello".to_vec()));
        assert_eq!(contents("SGVsbG8=", 4), Err("File exceeds the limit"));
        assert_eq!(contents("", 4), Err("File is empty"));
        for bad in ["SGVsbG8", "SGVs bG8=", "====", "SGVsbG8=\n"] {
            assert_eq!(contents(bad, 100), Err("File contents are not base64"), "{bad}");
        }
    }
}
