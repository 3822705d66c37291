//! A call by hand: one TLS connection, one request, one reply, close.

use crate::Done;
use crate::world::{OFFICER, PASSWORD, SESSION};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Where to call.
pub struct Line {
    tls: TlsConnector,
    address: String,
    headers: String,
}

impl Line {
    /// To a server whose certificate that authority signed.
    pub fn new(root_url: &str, ca_pem: &str) -> Done<Line> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            roots.add(certificate?)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // A connection a call, as the core has it: a resumed session is not verified anew.
        config.resumption = Resumption::disabled();
        let address = root_url.trim_start_matches("https://").trim_end_matches('/').to_owned();
        let basic = STANDARD.encode(format!("{OFFICER}:{PASSWORD}"));
        let headers = format!(
            "host: {address}\r\nauthorization: Basic {basic}\r\ncontent-type: application/json\r\nconnection: close\r\n"
        );
        Ok(Line { tls: TlsConnector::from(Arc::new(config)), address, headers })
    }

    /// The reply's body.
    pub async fn post(&self, endpoint: &str, body: &str) -> Done<Vec<u8>> {
        let tcp = TcpStream::connect(&self.address).await?;
        tcp.set_nodelay(true)?;
        let mut tls = self.tls.connect(ServerName::try_from("127.0.0.1")?, tcp).await?;
        let request = format!(
            "POST /api/{endpoint}?p={SESSION}&msgid={OFFICER} HTTP/1.1\r\n{}content-length: {}\r\n\r\n{body}",
            self.headers,
            body.len()
        );
        tls.write_all(request.as_bytes()).await?;
        tls.flush().await?;
        let mut reply = Vec::with_capacity(4 << 10);
        loop {
            let read = tls.read_buf(&mut reply).await?;
            if let Some(body) = whole(&reply)? {
                return Ok(body);
            }
            if read == 0 {
                return Err("the reply broke off".into());
            }
        }
    }
}

/// The body, once all of it is here.
fn whole(reply: &[u8]) -> Done<Option<Vec<u8>>> {
    let Some(end) = reply.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&reply[..end])?.to_ascii_lowercase();
    if !head.starts_with("http/1.1 200") {
        return Err("another status than 200".into());
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.ok_or("no length")?.trim().parse()?;
    let body = &reply[end + 4..];
    Ok((body.len() >= length).then(|| body[..length].to_vec()))
}
