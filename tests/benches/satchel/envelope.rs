//! Sealing against what the cipher alone does in `openssl speed`: the rest is base64, quotes and memory.

use crate::Done;
use crate::report::{Figures, Goal, Pair, Report};
use crate::shelf::Shelf;
use crate::world::{IV, KEY};
use satchel::net::envelope::Envelope;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

pub fn run(_: &mut Shelf, report: &mut Report) -> Done<()> {
    for (bytes, job) in [(1 << 10, "envelope_1k"), (16 << 10, "envelope_16k")] {
        let mut pair = Pair::default();
        for _ in 0..3 {
            pair.product.push(seal(bytes)?);
            pair.floor.push(openssl(bytes)?);
        }
        // More is better: the best round is the one that nobody disturbed.
        let best = |figures: &Figures| figures.most().into();
        let pair = Pair { product: best(&pair.product), floor: best(&pair.floor) };
        report.add(job, "MB/s", Goal::RatioAtLeast(0.60), pair);
    }
    Ok(())
}

/// MB of plaintext a second.
fn seal(bytes: usize) -> Done<f64> {
    let (envelope, plain) = (Envelope::new(&KEY, &IV)?, vec![b'x'; bytes]);
    let (start, mut sealed) = (Instant::now(), 0_u64);
    while start.elapsed() < Duration::from_millis(600) {
        for _ in 0..64 {
            black_box(envelope.seal(black_box(&plain)));
        }
        sealed += 64 * bytes as u64;
    }
    Ok(sealed as f64 / start.elapsed().as_secs_f64() / 1e6)
}

/// The same of `openssl speed`, by the same clock.
fn openssl(bytes: usize) -> Done<f64> {
    let bytes = bytes.to_string();
    let args = ["speed", "-elapsed", "-mr", "-seconds", "1", "-bytes", &bytes, "-evp", "aes-256-cbc"];
    let said = Command::new("openssl").args(args).output()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let line = said.lines().find(|line| line.starts_with("+F:")).ok_or("openssl speed gave no figure")?;
    let figure: f64 = line.rsplit(':').next().ok_or("no figure")?.trim().parse()?;
    Ok(figure / 1e6)
}
