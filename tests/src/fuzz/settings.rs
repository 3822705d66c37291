//! Files that people write: profiles and scenarios.

use super::session;
use crate::scenario::{self, Scenario};
use crate::tablet;
use satchel::outbox::remote::{Reading, Remote};
use satchel::profile::Profile;
use satchel::prospect::ProspectRemote;
use satchel::world::RealRng;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// A profile that is checked can be worked with: every address and every wait that follows from it is one.
pub(super) fn profile(data: &[u8]) {
    let Ok(profile) = serde_json::from_slice::<Profile>(data) else { return };
    let written = serde_json::to_value(&profile).expect("a profile is JSON");
    let again: Profile = serde_json::from_value(written.clone()).expect("what was written can be read");
    assert_eq!(serde_json::to_value(&again).expect("JSON"), written);
    let checked = profile.check();
    assert_eq!(again.check(), checked);
    if checked.is_err() {
        return;
    }
    let quiet = profile.prospect.quiet();
    assert!(quiet >= Duration::from_millis(profile.prospect.transit_ms));
    let remote = ProspectRemote::new(Arc::new(profile));
    assert!(remote.rules().batch_max > 0);
    for reading in [Reading::all(), Reading("2947-1".to_owned())] {
        let call = remote.read_call(&session(), &reading, &RealRng).expect("a call can be made of it");
        let url = url::Url::parse(call.url.reveal()).expect("to an address");
        assert!(url.path().ends_with("/ProspectGetV2"), "below the base: {}", url.path());
    }
}

/// A scenario is told to be wrong or can be begun; what it expects holds for itself.
pub(super) fn scenario(data: &[u8]) {
    if let Ok(scenario) = std::str::from_utf8(data).map_err(|e| e.to_string()).and_then(Scenario::read) {
        let profile = tablet::profile("http://127.0.0.1:1/api/");
        let both = scenario::changed(&profile, "prospect", &scenario.profile).and_then(|p| {
            scenario::changed(&p, "onboarding", &scenario.onboarding.clone().unwrap_or_default())
        });
        match both {
            Ok(changed) => assert_eq!(changed.name, profile.name, "only the service's settings change"),
            Err(why) => assert!(!why.is_empty()),
        }
        let expected = scenario.steps.iter().filter_map(|step| step.expect.as_ref());
        expected.for_each(fits_itself);
    }
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        fits_itself(&value);
        let wider = serde_json::json!({ "inner": value, "more": 1 });
        if !ruled(&value) {
            assert_eq!(scenario::expect::misses(&serde_json::json!({ "inner": value }), &wider), None);
        }
        let one_of = serde_json::json!({ "$one_of": [value, "other"] });
        assert_eq!(scenario::expect::misses(&one_of, &Value::from("other")), None);
    }
}

fn fits_itself(value: &Value) {
    let told = scenario::expect::misses(value, value);
    assert!(ruled(value) || told.is_none(), "{told:?}");
}

/// Does a rule stand anywhere in it?
fn ruled(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| name.starts_with('$') || ruled(value)),
        Value::Array(items) => items.iter().any(ruled),
        _ => false,
    }
}
