//! The naive client: it sends, and on an error it sends again.
//!
//! It is here to be wrong: in the schedules in which Satchel makes no double it must make some, or the schedules do
//! not bite.

use crate::tablet;
use satchel::net::envelope::Envelope;
use satchel::profile::Profile;
use satchel::world::{Call, Http, Limits, MemoryVault, Method};
use satchel_sandbox::prospect::UPLOAD;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A client that remembers nothing.
pub struct Naive {
    http: Arc<dyn Http>,
    url: String,
}

impl Naive {
    /// For the sandbox's officer at that service.
    ///
    /// # Panics
    /// When the profile is wrong.
    #[must_use]
    pub fn new(profile: &Profile) -> Naive {
        let http = tablet::world(profile, Arc::new(MemoryVault::default())).http;
        Naive { http, url: format!("{}ProspectAddV2?p=S-1&msgid=dara", profile.prospect.base_url) }
    }

    /// Sends a new prospect until it is told that it arrived, at most `tries` times.
    ///
    /// # Panics
    /// When the sandbox's key is none.
    pub async fn create(&self, number: usize, name: &str, tries: usize) -> bool {
        let envelope = Envelope::new(&[7; 32], &[9; 16]).expect("a key");
        let mut fields: Map<String, Value> =
            UPLOAD.iter().map(|field| ((*field).to_owned(), json!(""))).collect();
        let time = format!("2021-02-09 10:{:02}:{:02}.000", number / 60, number % 60);
        for (field, value) in [
            ("NameEn", name),
            ("Phone", "012 345 678"),
            ("ProspectClientID", &number.to_string()),
            ("CreateDateClient", &time),
        ] {
            fields.insert(field.to_owned(), json!(value));
        }
        let plain = json!({ "ProspectDataList": [fields] }).to_string();
        for _ in 0..tries {
            let sealed = envelope.seal(plain.as_bytes());
            let Ok(reply) = self.http.change(self.call(sealed)).await else { continue };
            let opened = envelope.open(&reply.body).ok();
            if opened.is_some_and(|plain| String::from_utf8_lossy(&plain).contains("\"Succeed\"")) {
                return true;
            }
        }
        false
    }

    fn call(&self, body: Vec<u8>) -> Call {
        let total = Duration::from_secs(2);
        let limits = Limits { connect: total, total, idle: None, reply_bytes: 1 << 20 };
        Call::new(Method::Post, self.url.clone(), limits)
            .header("authorization", "Basic ZGFyYTpzZWNyZXQ=".to_owned())
            .header("content-type", "application/json".to_owned())
            .body(body)
    }
}
