//! A tablet on which both officers' books were made before: most schedules begin there, since making books is slow.

use crate::desk::{Desk, Next, Pid};
use crate::plan::Plan;
use crate::tablet::{App, OFFICERS, Vault, profile};
use satchel::Satchel;
use sim_files::{Files, Image};
use std::sync::OnceLock;

/// A tablet's files and vault; empty ones if the books are to be made.
#[must_use]
pub fn tablet(birth: bool) -> (Files, Vault) {
    static MADE: OnceLock<(Image, Vault)> = OnceLock::new();
    if birth {
        return (Files::new(), Vault::default());
    }
    let (image, vault) = MADE.get_or_init(make);
    (Files::load(image), vault.copy())
}

fn make() -> (Image, Vault) {
    let (desk, files, vault) = (Desk::new(), Files::new(), Vault::default());
    let app = App::start(&desk, &files, &vault, Pid(1), 0x7e3a);
    let (world, root, profile) = (app.world.clone(), app.root.clone(), profile(&Plan::of(0).profile));
    desk.spawn(
        app.pid,
        Box::pin(async move {
            for (user, ..) in OFFICERS {
                if let Ok(book) = Satchel::open(world.clone(), &root, user, profile.clone()).await {
                    let _ = book.shutdown().await;
                }
            }
        }),
    );
    let mut chance = fastrand::Rng::with_seed(1);
    for _ in 0..10_000 {
        if desk.run_one(&mut chance).is_none() {
            match desk.next() {
                Next::Nothing => break,
                next => desk.advance(next),
            }
        }
    }
    desk.bury(app.pid);
    (files.image(), vault)
}
