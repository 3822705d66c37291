//! Calls of the collection service, and its document's samples.
#![allow(dead_code, reason = "each test file uses a part of it")]

use super::machine::{NOW, status_and_text};
use super::{Got, basic, exchange, tcp};
use satchel_sandbox::collection::{Settings, hashing};
use satchel_sandbox::{Reaction, Request, Running, Server};
use serde_json::{Value, json};

pub const RESULT: &str = "/collection/result";
pub const TASKS: &str = "/collection/tasks";

/// The user name, password and key of the document.
pub const USER: [&str; 2] = ["SERVICEMNC", "Mnc%^21"];
pub const KEY: &str = "8de3ef10fec04f05adb8631f9186a437";
pub const ACCOUNT: &str = "000319280100042";

/// The request of a result, as the document has it.
pub const SAMPLE: &str = r#"{
  "account_no": "000319280100042",
  "collection_date": "2021-12-29 00:00:00",
  "cust_name": "PUTRA SIMEULUE CUTT",
  "result_code": "PTP01",
  "action_code": "PTP",
  "remark": "Customer pasti bayar 22",
  "cre_by": "1812010",
  "cre_ip_address": "10.1.206.118",
  "mod_by": "1812010",
  "mod_ip_address": "10.1.206.118",
  "promise_date": "2021-12-31 00:00:00",
  "period": "0",
  "hashing": "87072d55e9a05731bdae67c13fe6d617ce60da95260165ec58bbc07377b4d381"
}"#;
/// Its reply, without the white space between the members.
pub const TAKEN: &str =
    r#"{"respon_code":"00","respon_mess":"Sukses Memasukan Data Dengan Account No : 000319280100042"}"#;
/// The list of tasks, as the document has it.
pub const LISTED: &str = include_str!("../data/tasks.json");

/// [`LISTED`] without the white space between the members.
pub fn listed() -> String {
    LISTED.lines().map(|line| line.trim_start().replacen("\": ", "\":", 1)).collect()
}

/// The settings under which the sample's hash is right.
pub fn settings() -> Settings {
    Settings { hash_key: KEY.to_owned(), ..Settings::default() }
}

/// A server with the sample's key.
pub fn with(settings: Settings) -> Server {
    let mut server = super::machine::server();
    server.elsewhere_in_collection(NOW, |all| (all.set_settings(settings), Vec::new()));
    server
}

pub fn server() -> Server {
    with(settings())
}

/// The sample changed in these members, and with the hash that belongs to it; null takes a member away.
pub fn changed(edits: &[(&str, Value)]) -> String {
    let mut whole: Value = serde_json::from_str(SAMPLE).unwrap();
    for (name, value) in edits {
        whole[*name] = value.clone();
    }
    if edits.iter().all(|(name, _)| *name != "hashing") {
        whole["hashing"] = json!(hashing(whole["account_no"].as_str().unwrap_or_default(), KEY));
    }
    whole.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    whole.to_string()
}

/// A request for the state machine.
pub fn request([user, password]: [&str; 2], path: &str, body: &str) -> Request {
    Request {
        method: if path == TASKS { "GET" } else { "POST" }.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers: vec![("Authorization".to_owned(), basic(user, password))],
        body: body.as_bytes().to_vec(),
    }
}

pub fn receive(server: &mut Server, path: &str, body: &str) -> Reaction {
    server.receive(request(["dara", "secret"], path, body), NOW)
}

pub fn say(server: &mut Server, path: &str, body: &str) -> (u16, String) {
    status_and_text(&receive(server, path, body))
}

/// The code and message of a reply that refuses under HTTP 200.
pub fn refusal(server: &mut Server, body: &str) -> (String, String) {
    let (status, text) = say(server, RESULT, body);
    assert_eq!(status, 200, "{text}");
    let reply: Value = serde_json::from_str(&text).unwrap();
    let get = |name: &str| reply[name].as_str().unwrap().to_owned();
    (get("respon_code"), get("respon_mess"))
}

/// The tasks that the list shows.
pub fn tasks(server: &mut Server) -> Vec<Value> {
    let reply: Value = serde_json::from_str(&say(server, TASKS, "").1).unwrap();
    reply["data"].as_array().unwrap().clone()
}

pub fn contracts(server: &mut Server) -> Vec<String> {
    tasks(server).iter().map(|task| task["contract_no"].as_str().unwrap().to_owned()).collect()
}

/// A call over the wire as dara, on a connection of its own.
pub async fn send(running: &Running, path: &str, body: &str) -> Got {
    let Request { method, headers, .. } = request(["dara", "secret"], path, body);
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        headers[0].1,
        body.len()
    );
    exchange(&mut tcp(running).await, head.as_bytes()).await
}
