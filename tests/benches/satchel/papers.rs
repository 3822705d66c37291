//! Papers: taken in at the desk, and carried to the bank over a link of 20 Mbit/s.

use crate::onboarding::{Bank, applied, pdf, photo, sent, setup, signed_in};
use crate::report::{Goal, Pair, Report, ms, timed};
use crate::shelf::Shelf;
use crate::world::{SESSION, wait};
use crate::{Done, child};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::imageops::FilterType;
use satchel::onboarding::{Query, Source};
use satchel::outbox::plan::Link;
use satchel_photo::{Limits, Progress, fit};
use satchel_sandbox::{Fault, Kind};
use std::path::Path;
use std::time::Duration;

/// 20 Mbit/s.
const LINK: u64 = 2_500_000;
const ROUNDS: usize = 5;

/// A photograph of 12 megapixels, from its file to the committed book, against an image library that makes the same.
pub fn attach(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let (folder, bank) = (shelf.folder()?, Bank::start()?);
    let setup = setup(folder.path(), bank.sandbox.base_url(), bank.sandbox.onboarding_url())?;
    let satchel = signed_in(&setup)?;
    let action = applied(&satchel)?;
    let (path, mut pair) = (photo(shelf.disk(), 12)?, Pair::default());
    let made = Made::like(&path)?;
    for n in 0..ROUNDS {
        let name = format!("photo {n}.jpg");
        let (time, attached) = timed(|| wait(satchel.attach(action, Source::Path(path.clone()), &name, "")));
        pair.product.push(ms(time));
        let after = attached?.document.paper.after;
        if after.width.max(after.height) != made.edge {
            return Err("the floor makes another picture".into());
        }
        let (time, done) = timed(|| made.by_hand(&path));
        done?;
        pair.floor.push(ms(time));
    }
    wait(satchel.lock())?;
    report.add("attach_12_mp", "ms", Goal::RatioAtMost(1.25), pair);
    Ok(())
}

/// What the product's search came to: the floor encodes as often, and as well.
struct Made {
    edge: u32,
    quality: u8,
    passes: u32,
}

impl Made {
    fn like(path: &Path) -> Done<Made> {
        let mut passes = 0;
        let fitted = fit(std::fs::File::open(path)?, &Limits::default(), &mut |progress| {
            if let Progress::Encoding { pass } = progress {
                passes = passes.max(pass);
            }
            true
        })?;
        let edge = fitted.width.max(fitted.height);
        Ok(Made { edge, quality: fitted.quality.ok_or("it was kept as it is")?, passes })
    }

    /// Read, made smaller, encoded, and once more for the list.
    fn by_hand(&self, path: &Path) -> Done<()> {
        let small = image::open(path)?.resize(self.edge, self.edge, FilterType::Triangle).into_rgb8();
        for _ in 0..self.passes {
            encode(&small, self.quality)?;
        }
        encode(&image::imageops::thumbnail(&small, 160, 120), 80).map(drop)
    }
}

fn encode(picture: &image::RgbImage, quality: u8) -> Done<Vec<u8>> {
    let mut jpeg = vec![];
    let (width, height) = (u16::try_from(picture.width())?, u16::try_from(picture.height())?);
    jpeg_encoder::Encoder::new(&mut jpeg, quality).encode(
        picture,
        width,
        height,
        jpeg_encoder::ColorType::Rgb,
    )?;
    Ok(jpeg)
}

/// What taking papers in and sending them costs others: memory, and the officer's saves.
pub fn meanwhile(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    for (what, megapixels) in [("12", 12), ("50", 50), ("108", 108)] {
        let seen = papers(shelf, "attach", &photo(shelf.disk(), megapixels)?)?;
        let grown = Pair { product: seen.grown_mib.into(), floor: seen.start_mib.into() };
        report.add(format!("attach_{what}_mp_memory"), "MiB", Goal::AtMost(64.0), grown);
        if megapixels == 12 {
            let saves = Pair { product: seen.busy_p99_ms.into(), floor: seen.idle_p99_ms.into() };
            report.add("attach_save_p99", "ms", Goal::RatioAtMost(3.0), saves);
        }
    }
    for (what, bytes) in [("10_kb", 19_000), ("2_mb", 2_000_000)] {
        let path = shelf.disk().join(format!("{what}.pdf"));
        std::fs::write(&path, pdf(bytes))?;
        let seen = papers(shelf, "upload", &path)?;
        let grown = Pair { product: seen.grown_mib.into(), floor: seen.start_mib.into() };
        report.add(format!("upload_{what}_memory"), "MiB", Goal::AtMost(4.0), grown);
        if bytes > 1_000_000 {
            let saves = Pair { product: seen.busy_p99_ms.into(), floor: seen.idle_p99_ms.into() };
            report.add("upload_save_p99", "ms", Goal::RatioAtMost(3.0), saves);
        }
    }
    Ok(())
}

/// In a process of its own, so that the memory is its.
fn papers(shelf: &Shelf, what: &str, file: &Path) -> Done<child::Seen> {
    let (folder, bank) = (shelf.folder()?, Bank::start()?);
    bank.sandbox.set_faults(vec![slow()]);
    let urls = [bank.sandbox.base_url(), bank.sandbox.onboarding_url()];
    child::with_papers(what, folder.path(), file, urls)
}

fn slow() -> Fault {
    Fault::new(Kind::Throttle { bytes_per_second: LINK }).on("uploadDocument")
}

/// Two megabytes over that link, against one plain request with the same JSON, made in memory beforehand.
pub fn upload(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let (folder, bank) = (shelf.folder()?, Bank::start()?);
    let setup = setup(folder.path(), bank.sandbox.base_url(), bank.sandbox.onboarding_url())?;
    let satchel = signed_in(&setup)?;
    let action = applied(&satchel)?;
    bank.sandbox.set_faults(vec![slow()]);
    let (path, bytes) = (folder.path().join("paper.pdf"), pdf(2_000_000));
    std::fs::write(&path, &bytes)?;
    let all = wait(satchel.actions(Query::default()))?;
    let asked = all.iter().find(|asking| asking.id == action).ok_or("it is gone")?;
    let mut pair = Pair::default();
    for n in 0..ROUNDS {
        satchel.link_changed(Link::None);
        wait(satchel.attach(action, Source::Path(path.clone()), &format!("{n}.pdf"), ""))?;
        satchel.link_changed(Link::Unmetered);
        pair.product.push(ms(sent(&satchel)?));
        let url = format!("{}UserAction/uploadDocument", bank.sandbox.onboarding_url());
        let body = by_hand(&asked.action.identifier, n, &bytes);
        pair.floor.push(ms(wait(post(&url, body))?));
    }
    wait(satchel.lock())?;
    if bank.sandbox.documents().iter().any(|document| document.bytes() != bytes) {
        return Err("the bank has another paper".into());
    }
    report.add("upload_2_mb", "ms", Goal::RatioAtMost(1.15), pair);
    Ok(())
}

fn by_hand(identifier: &str, n: usize, bytes: &[u8]) -> String {
    serde_json::json!({
        "UserActionIdentifier": identifier,
        "Response": [{
            "fileName": format!("by hand {n}.pdf"), "fileType": "application/pdf", "fileInfo": "",
            "fileClientId": 1_627_265_913_230_u64 + n as u64, "fileContents": STANDARD.encode(bytes),
        }],
    })
    .to_string()
}

async fn post(url: &str, body: String) -> Done<Duration> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default(); // a client wants one, TLS or not
    let client = reqwest::Client::builder().http1_only().build()?;
    let start = std::time::Instant::now();
    let call = client.post(url).header("x-session", SESSION).header("content-type", "application/json");
    let reply = call.body(body).send().await?;
    let text = reply.error_for_status()?.text().await?;
    if !text.contains("documentId") {
        return Err("the bank did not take it".into());
    }
    Ok(start.elapsed())
}
