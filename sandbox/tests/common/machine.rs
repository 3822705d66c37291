//! The onboarding service as a state machine, without sockets.
#![allow(dead_code, reason = "each test file uses a part of it")]

use super::onboarding::{LIST, request};
use satchel_sandbox::onboarding::Settings;
use satchel_sandbox::prospect::Prospects;
use satchel_sandbox::{Answer, Officer, Payload, Reaction, Server, Sessions};
use serde_json::{Value, json};

pub const NOW: i64 = 1_700_000_000_000;

pub fn server() -> Server {
    let officers = [Officer::new("dara", "secret", "S-1"), Officer::new("sok", "other", "S-2")];
    Server::new(1, Sessions::new(officers), Prospects::new(super::envelope()), 60_000)
}

pub fn with(settings: Settings) -> Server {
    let mut server = server();
    server.elsewhere_in_onboarding(NOW, |all| (all.set_settings(settings), Vec::new()));
    server
}

pub fn status_and_text(reaction: &Reaction) -> (u16, String) {
    match &reaction.answer {
        Answer::Reply(response, _) => match &response.body {
            Payload::Bytes(bytes) => (response.status, String::from_utf8_lossy(bytes).into_owned()),
            Payload::Giant(_) => panic!("a giant reply"),
        },
        Answer::Silence(_) => panic!("no reply"),
    }
}

pub fn say(server: &mut Server, session: &str, operation: &str, body: &str) -> (u16, String) {
    status_and_text(&server.receive(request(operation, session, body), NOW))
}

pub fn ask(server: &mut Server, operation: &str, body: &str) -> String {
    let (status, text) = say(server, "S-1", operation, body);
    assert_eq!(status, 200, "{text}");
    text
}

pub fn refusal(server: &mut Server, operation: &str, body: &str) -> String {
    let reply: Value = serde_json::from_str(&ask(server, operation, body)).unwrap();
    assert_eq!((&reply["opstatus"], &reply["httpStatusCode"]), (&json!(10001), &json!(400)), "{reply}");
    reply["errmsg"].as_str().unwrap().to_owned()
}

pub fn identifiers(server: &mut Server, session: &str, body: &str) -> Vec<String> {
    let reply: Value = serde_json::from_str(&say(server, session, LIST, body).1).unwrap();
    let lists = reply.as_object().unwrap().values().filter_map(Value::as_array);
    lists.flatten().map(|action| action["UserActionIdentifier"].as_str().unwrap().to_owned()).collect()
}

pub fn changed(body: &str, edits: &[(&str, Value)]) -> String {
    let mut whole: Value = serde_json::from_str(body).unwrap();
    for (name, value) in edits {
        whole[*name] = value.clone();
    }
    whole.to_string()
}
