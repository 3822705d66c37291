//! A client made by hand, so that every byte and every way of ending can be seen.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod collection;
pub mod machine;
pub mod onboarding;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use satchel_sandbox::prospect::Envelope;
use satchel_sandbox::{Options, Request, Running, Sandbox};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

pub const KEY: [u8; 32] = [7; 32];
pub const IV: [u8; 16] = [9; 16];
pub const BASIC: &str = "Basic ZGFyYTpzZWNyZXQ=";

/// The upload of the service's document.
pub const SAMPLE: &str = r#"{
  "ProspectDataList": [
  {
  "Age": "26",
  "BizStatusID": "1",
  "Code": "",
  "CollateralStatusID": "1",
  "CreateDateClient": "2021-02-09 23:59:00.000",
  "CustComment": "",
  "ExpectOnBoardDate": "2021-02-16 23:59:00.000",
  "GenderID": "MALE",
  "LoanEligibleID": "1",
  "NameEn": "Pha dy",
  "NameKh": "ជា ឌី",
  "Phone": "0968523147",
  "PromotionDate1": "2021-02-09 23:59:00.000",
  "PromotionDate2": "2021-02-10 23:59:00.000",
  "PromotionDate3": "2021-02-11 23:59:00.000",
  "ProspectClientID": "17",
  "ProspectStatusID": "2",
  "ReferByID": "AMK",
  "ReferName": " មី ណា",
  "RegisterDate": "2021-02-09 10:21:00.000",
  "VillageID": "03070105",
  "IsOldCust": "0",
  "OccupationType": "ធ្វើការក្រុមហ៊ុន",
  "COCommends": "រង់ចាំ"
  }
  ]
}"#;

/// The download of the service's document.
pub const DOWNLOADED: &str = r#"[{"ERR":"Succeed","SMS":"","ERRCode":"","DataList":[{"Code":"2947-1","CreateDateClient":"2/9/2021 11:59:00 PM","RegisterDate":"2/9/2021 10:21:00 AM","ReferByID":"AMK","ReferName":" មី ណា","NameKh":"ជា ឌី","NameEn":"Pha dy","GenderID":"MALE","Age":"26","Phone":"0968523147","VillageID":"03070105","BizStatusID":"1","CollateralStatusID":"1","LoanEligibleID":"1","PromotionDate1":"2/9/2021 12:00:00 AM","PromotionDate2":"2/10/2021 12:00:00 AM","PromotionDate3":"2/11/2021 12:00:00 AM","CustComment":"","ExpectOnBoardDate":"2/16/2021 11:59:00 PM","ProspectStatusID":"2","CustServerID":"","IsOldCust":"0","FromSystemID":"1","OccupationType":"ធ្វើការក្រុមហ៊ុន","COCommends":"រង់ចាំ"}]}]"#;

/// The reply to the upload of the service's document.
pub const ADDED: &str = r#"[{"ProspectAddSMSRS":[{"ERR":"Succeed","SMS":"","ProspectClientID":"17","Code":"2947-1"}],"ERR":"Succeed","SMS":"","ERRCode":null}]"#;

pub fn envelope() -> Envelope {
    Envelope::new(&KEY, IV).unwrap()
}

/// An upload of entries made from the document's, each changed in these fields.
pub fn upload(entries: &[&[(&str, &str)]]) -> String {
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let changed = |edits: &&[(&str, &str)]| {
        let mut entry = sample["ProspectDataList"][0].clone();
        edits.iter().for_each(|(name, value)| entry[*name] = json!(value));
        entry
    };
    json!({ "ProspectDataList": entries.iter().map(changed).collect::<Vec<_>>() }).to_string()
}

/// Three entries that differ in reference, time and phone.
pub fn three() -> String {
    upload(&[
        &[("ProspectClientID", "1"), ("CreateDateClient", "2021-02-09 10:00:01.000"), ("Phone", "011")],
        &[("ProspectClientID", "2"), ("CreateDateClient", "2021-02-09 10:00:02.000"), ("Phone", "012")],
        &[("ProspectClientID", "3"), ("CreateDateClient", "2021-02-09 10:00:03.000"), ("Phone", "013")],
    ])
}

/// A request for the state machine.
pub fn request(endpoint: &str, session: &str, text: &str) -> Request {
    Request {
        method: "POST".to_owned(),
        path: format!("/api/{endpoint}"),
        query: format!("p={session}&msgid=dara"),
        headers: vec![("Authorization".to_owned(), BASIC.to_owned())],
        body: envelope().seal(text),
    }
}

pub async fn started() -> Running {
    Sandbox::start(Options::default()).await.unwrap()
}

/// What came back over a connection, and how it ended.
pub struct Got {
    pub raw: Vec<u8>,
    pub end: io::Result<()>,
}

impl Got {
    pub fn head(&self) -> String {
        String::from_utf8_lossy(&self.raw[..self.head_end().unwrap_or(self.raw.len())]).to_lowercase()
    }
    pub fn head_end(&self) -> Option<usize> {
        self.raw.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
    }
    pub fn status(&self) -> u16 {
        self.head().split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.head();
        let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))?;
        Some(line.to_owned())
    }
    pub fn body(&self) -> &[u8] {
        self.head_end().map_or(&[], |end| &self.raw[end..])
    }
    pub fn text(&self) -> Option<String> {
        envelope().open(self.body())
    }
    pub fn was_reset(&self) -> bool {
        self.end.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::ConnectionReset)
    }
}

/// A request as it goes over the wire, on a connection of its own.
pub fn raw_request(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BASIC}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub fn port(running: &Running) -> u16 {
    url::Url::parse(running.root_url()).unwrap().port().unwrap()
}

pub async fn tcp(running: &Running) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port(running))).await.unwrap()
}

/// Sends all and reads until the end, whatever the end is.
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, sent: &[u8]) -> Got {
    let mut raw = Vec::new();
    let end = async {
        stream.write_all(sent).await?;
        stream.read_to_end(&mut raw).await.map(|_| ())
    };
    let end = tokio::time::timeout(Duration::from_secs(20), end).await.unwrap();
    Got { raw, end }
}

pub async fn call(running: &Running, method: &str, path: &str, body: &[u8]) -> Got {
    exchange(&mut tcp(running).await, &raw_request(method, path, body)).await
}

/// A call of the prospect service in the first session.
pub async fn post(running: &Running, endpoint: &str, text: &str) -> Got {
    post_in(running, "S-1", endpoint, text).await
}

pub async fn post_in(running: &Running, session: &str, endpoint: &str, text: &str) -> Got {
    let path = format!("/api/{endpoint}?p={session}&msgid=dara");
    call(running, "POST", &path, &envelope().seal(text)).await
}

/// A call of a control route: status and JSON.
pub async fn control(running: &Running, method: &str, path: &str, body: &str) -> (u16, Value) {
    let got = call(running, method, path, body.as_bytes()).await;
    (got.status(), serde_json::from_slice(got.body()).unwrap_or(Value::Null))
}

/// A connection that trusts this authority alone, or why there is none.
pub async fn tls(running: &Running, ca_pem: &str) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector.connect(ServerName::try_from("127.0.0.1").unwrap(), tcp(running).await).await
}

pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// Waits until something holds, but not for ever.
pub async fn until(what: impl Fn() -> bool) {
    for _ in 0..500 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never happened");
}
