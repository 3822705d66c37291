//! The naive client: it keeps a list on disk, sends, and on an error sends again. It is here to be wrong: in the
//! schedules in which Satchel makes no double it must make many, or the schedules do not bite.

use crate::bank::KEY;
use crate::tablet::OFFICERS;
use satchel::net::envelope::Envelope;
use satchel::world::{Call, Limits, Method, World};
use satchel_sandbox::prospect::UPLOAD;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What it was told, and whether it believes that it arrived. Survives every crash: that is not where it is wrong.
#[derive(Clone, Default)]
pub struct Queue(Arc<Mutex<Vec<bool>>>);

impl Queue {
    fn list(&self) -> MutexGuard<'_, Vec<bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more prospect.
    pub fn add(&self) {
        self.list().push(false);
    }

    /// How many it was told.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.list().len() as u64
    }

    /// Sends what has not arrived, again and again.
    pub async fn send(self, world: World) {
        let Ok(envelope) = Envelope::new(&KEY.0, &KEY.1) else { return };
        loop {
            let next = self.list().iter().position(|arrived| !arrived);
            if let Some(number) = next {
                let sealed = envelope.seal(body(number).as_bytes());
                if let Ok(reply) = world.http.change(call(sealed)).await
                    && envelope
                        .open(&reply.body)
                        .is_ok_and(|plain| String::from_utf8_lossy(&plain).contains("\"Succeed\""))
                {
                    self.list()[number] = true;
                    continue;
                }
            }
            world.work.sleep(Duration::from_secs(3)).await;
        }
    }
}

fn body(number: usize) -> String {
    let mut fields: Map<String, Value> =
        UPLOAD.iter().map(|field| ((*field).to_owned(), json!(""))).collect();
    let time = format!("2026-11-22 10:{:02}:{:02}.000", number / 60, number % 60);
    for (field, value) in [
        ("NameEn", format!("Name t{number}")),
        ("CustComment", format!("t{number}")),
        ("Phone", "012 345 678".to_owned()),
        ("ProspectClientID", number.to_string()),
        ("CreateDateClient", time),
    ] {
        fields.insert(field.to_owned(), json!(value));
    }
    json!({ "ProspectDataList": [fields] }).to_string()
}

fn call(body: Vec<u8>) -> Call {
    let total = Duration::from_secs(20);
    let limits = Limits { connect: Duration::from_secs(5), total, idle: None, reply_bytes: 1 << 20 };
    let (user, _, session) = OFFICERS[0];
    Call::new(
        Method::Post,
        format!("https://bank.example/api/ProspectAddV2?p={session}&msgid={user}"),
        limits,
    )
    .header("authorization", "Basic ZGFyYTpzZWNyZXQ=".to_owned())
    .header("content-type", "application/json".to_owned())
    .body(body)
}
