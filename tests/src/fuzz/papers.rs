//! What an officer hands in: pictures and PDFs, of whatever bytes.

use satchel_photo::{Limits, fit, head, pdf, thumbnail};
use std::io::Cursor;

/// Small enough that a run sees many.
fn limits() -> Limits {
    Limits { bytes: 64 << 10, edge: 640, pixels: 1 << 20, whole: 8 << 20, quality: 55..=88 }
}

/// A picture that is taken fits, is a JPEG without anything but its pixels, and fits as it is from then on.
pub(super) fn photo(data: &[u8]) {
    let said = head(Cursor::new(data));
    let Ok(fitted) = fit(Cursor::new(data), &limits(), &mut |_| true) else { return };
    assert!(said.is_ok(), "what can be taken has a header");
    assert!(fitted.jpeg.len() as u64 <= limits().bytes && fitted.after.bytes == fitted.jpeg.len() as u64);
    assert!(fitted.width.max(fitted.height) <= limits().edge);
    assert!(!fitted.jpeg.windows(6).any(|six| six == b"Exif\0\0"), "nothing but pixels");
    let of_it = head(Cursor::new(&fitted.jpeg)).expect("its own header");
    assert_eq!((of_it.width, of_it.height), (fitted.width, fitted.height));
    let again = fit(Cursor::new(&fitted.jpeg), &limits(), &mut |_| true).expect("it fits");
    assert!(again.kept && again.jpeg == fitted.jpeg, "twice is once");
    let small = thumbnail(&fitted.jpeg, 160).expect("a small one");
    let small = head(Cursor::new(&small)).expect("its header");
    assert!(small.width.max(small.height) <= 160);
}

/// Pages are counted in bounded time, and what follows a whole file changes nothing that was counted before it.
pub(super) fn pages(data: &[u8]) {
    if let Ok(counted) = pdf(data) {
        assert!(counted.pages >= 1);
        let spaced = [data, b"\n"].concat();
        assert_eq!(pdf(&spaced).map(|pdf| pdf.pages).ok(), Some(counted.pages), "a line's end after it");
    }
}
