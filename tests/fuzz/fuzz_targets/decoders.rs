//! All targets in one program, so that one build serves them: `SATCHEL_FUZZ` names the one to run.
#![no_main]

use satchel_tests::fuzz::{Target, target};
use std::sync::LazyLock;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("SATCHEL_FUZZ").unwrap_or_default();
    target(&name).expect("SATCHEL_FUZZ names a target")
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| (TARGET.run)(data));
