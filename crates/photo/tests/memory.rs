//! Peak memory while photographs of 12, 50 and 108 megapixels are made to fit, counted by the allocator. The sources are
//! streamed: a few rows encoded once are repeated as restart intervals, so that the test holds no large picture either.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]
#![expect(unsafe_code, reason = "a global allocator cannot be written without")]

mod made;

use satchel_photo::{Fault, Limits, fit};
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;
static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands every call on to the system's allocator unchanged, and counts beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps `dealloc`'s contract.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A JPEG whose strips are all alike: a head, then the same entropy-coded strip between restart markers, then the end.
struct Repeated {
    head: Vec<u8>,
    strip: Vec<u8>,
    strips: usize,
    at: u64,
}

impl Repeated {
    fn byte_len(&self) -> u64 {
        (self.head.len() + self.strips * (self.strip.len() + 2)) as u64
    }

    /// Of `width` × (16 × `strips`), 4:2:0 or 4:4:4.
    fn new(width: usize, strips: usize, sampling: jpeg_encoder::SamplingFactor, noisy: bool) -> Self {
        let tall = if sampling == jpeg_encoder::SamplingFactor::F_2_2 { 16 } else { 8 };
        let rgb = if noisy { made::noise(width, tall) } else { made::page(width, tall) };
        let mut jpeg = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 90);
        encoder.set_sampling_factor(sampling);
        encoder.set_restart_interval((width / tall) as u16);
        encoder.encode(&rgb, width as u16, tall as u16, jpeg_encoder::ColorType::Rgb).unwrap();
        let frame = made::find(&jpeg, b"\xff\xc0").unwrap();
        jpeg[frame + 5..frame + 7].copy_from_slice(&((strips * tall) as u16).to_be_bytes());
        let scan = made::find(&jpeg, b"\xff\xda").unwrap() + 14;
        let end = jpeg.len() - 2;
        Self { head: jpeg[..scan].to_vec(), strip: jpeg[scan..end].to_vec(), strips, at: 0 }
    }
}

impl Read for Repeated {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let head = self.head.len() as u64;
        let marker;
        let from = if self.at < head {
            &self.head[self.at as usize..]
        } else {
            let each = self.strip.len() as u64 + 2;
            let (strip, at) = ((self.at - head) / each, ((self.at - head) % each) as usize);
            if strip >= self.strips as u64 {
                return Ok(0);
            }
            let last = strip + 1 == self.strips as u64;
            marker = [0xff, if last { 0xd9 } else { 0xd0 + (strip % 8) as u8 }];
            if at < self.strip.len() { &self.strip[at..] } else { &marker[at - self.strip.len()..] }
        };
        let n = from.len().min(into.len());
        into[..n].copy_from_slice(&from[..n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Repeated {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.byte_len().saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

/// Peak above idle, in MiB.
fn peak(name: &str, run: impl FnOnce() -> Result<(), Fault>) -> usize {
    let idle = NOW.load(Relaxed);
    PEAK.store(idle, Relaxed);
    let done = run();
    let peak = (PEAK.load(Relaxed) - idle) >> 20;
    println!("{name}: {peak} MiB, {done:?}");
    done.unwrap();
    peak
}

// One test: the allocator counts for the whole process.
#[test]
fn memory_stays_below_its_bounds() {
    use jpeg_encoder::SamplingFactor::{F_1_1, F_2_2};
    let photos = [
        ("12 MP", 4000, 188, F_2_2, false),
        ("12 MP, 4:4:4", 4000, 375, F_1_1, false),
        ("12 MP of noise", 4000, 188, F_2_2, true),
        ("50 MP", 8160, 384, F_2_2, false),
        ("108 MP", 12_000, 562, F_2_2, false),
    ];
    for (name, width, strips, sampling, noisy) in photos {
        let source = Repeated::new(width, strips, sampling, noisy);
        let peak = peak(name, || {
            let made = fit(source, &Limits::default(), &mut |_| true)?;
            assert_eq!(made.width, 2560);
            assert!(made.jpeg.len() <= 2 << 20);
            Ok(())
        });
        assert!(peak <= 24, "{name} takes {peak} MiB");
    }

    let (width, height) = (4000, 3000);
    let png = made::png(&made::page(width, height), 4000, 3000, ::png::ColorType::Rgb);
    let png = peak("12 MP PNG", || fit(io::Cursor::new(png), &Limits::default(), &mut |_| true).map(|_| ()));
    assert!(png <= 24, "it takes {png} MiB");

    // The largest progressive picture that is taken.
    let (width, height) = (4416, 3712);
    let mut source = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut source, 60);
    encoder.set_sampling_factor(F_2_2);
    encoder.set_progressive(true);
    encoder
        .encode(&made::page(width, height), width as u16, height as u16, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    let source = io::Cursor::new(source);
    let progressive =
        peak("16 MP progressive", || fit(source, &Limits::default(), &mut |_| true).map(|_| ()));
    assert!(progressive <= 64, "it takes {progressive} MiB");
}
