//! A server that breaks at a chosen place.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    PublicKeyData,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{default_provider, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    Fin,
    Rst,
    Hang,
}

#[derive(Clone, Debug, PartialEq)]
pub enum At {
    Good,
    /// After some bytes of the handshake.
    Tls(End),
    /// These bytes instead of a handshake.
    NotTls(&'static [u8]),
    TlsDone(End),
    Head(End),
    Body(u64, End),
    Last(End),
    HalfHead(End),
    MidReply(End),
    /// Stops reading after the head for so long, then reads on.
    Pause(Duration),
    /// The reply, raw; then whatever comes is read.
    Raw(Vec<u8>),
    /// A reply before the body was read; then nothing is read.
    Early(&'static [u8]),
    /// A reply without a length, ended with or without close_notify.
    NoLength(bool),
    /// One byte of reply body every so often.
    Drip(Duration),
}

/// What really arrived.
#[derive(Default)]
pub struct Truth {
    /// Connections with any byte of a request.
    pub begun: AtomicU64,
    pub body: AtomicU64,
    /// Requests that arrived whole.
    pub complete: AtomicU64,
    pub handshakes: AtomicU64,
    pub resumed: AtomicBool,
    /// How the last connection ended, after its reply.
    pub ended: Mutex<Option<io::ErrorKind>>,
    /// Some connection is over.
    pub over: AtomicBool,
    pub head: Mutex<String>,
}

impl Truth {
    pub fn get(&self) -> (u64, u64, u64) {
        (self.begun.load(SeqCst), self.body.load(SeqCst), self.complete.load(SeqCst))
    }
}

pub struct Ca {
    pub pem: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

pub struct Identity {
    pub config: Arc<ServerConfig>,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub pin: [u8; 32],
}

impl Ca {
    pub fn new() -> Self {
        Self::named("a test's own root")
    }

    /// Roots of one name with different keys would only show as a bad signature.
    pub fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem().into_bytes();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// Valid for the years `from` to `to`.
    pub fn identity(&self, host: &str, from: i32, to: i32) -> Identity {
        let key = KeyPair::generate().unwrap();
        let pin = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &key.subject_public_key_info());
        let pin = pin.as_ref().try_into().unwrap();
        Identity { config: config(self.cert(host, from, to, &key), &key), pin }
    }

    pub fn good(&self) -> Arc<ServerConfig> {
        self.identity("localhost", 2020, 2035).config
    }

    /// The right chain with another key: somebody who copied our public certificate.
    pub fn impostor(&self) -> Arc<ServerConfig> {
        let cert = self.cert("localhost", 2020, 2035, &KeyPair::generate().unwrap());
        config(cert, &KeyPair::generate().unwrap())
    }

    fn cert(&self, host: &str, from: i32, to: i32, key: &KeyPair) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        params.signed_by(key, &self.issuer).unwrap().der().clone()
    }
}

fn config(cert: CertificateDer<'static>, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let both = CertifiedKey::new(vec![cert], any_supported_type(&key).unwrap());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(both)));
    Arc::new(config)
}

/// A port where nobody listens.
pub fn nobody() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Without a configuration, plain HTTP.
pub async fn start(tls: Option<Arc<ServerConfig>>, at: At) -> (u16, Arc<Truth>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, truth) = (listener.local_addr().unwrap().port(), Arc::new(Truth::default()));
    let told = truth.clone();
    tokio::spawn(async move {
        for _ in 0..20 {
            let Ok((tcp, _)) = listener.accept().await else { return };
            let (tls, at, told) = (tls.clone(), at.clone(), told.clone());
            tokio::spawn(tokio::time::timeout(Duration::from_secs(20), async move {
                if let Err(error) = serve(tcp, tls, at, &told).await {
                    *told.ended.lock().unwrap() = Some(error.kind());
                }
                told.over.store(true, SeqCst);
            }));
        }
    });
    (port, truth)
}

trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

async fn finish(grip: &std::net::TcpStream, end: End) -> io::Result<()> {
    let grip = socket2::SockRef::from(grip);
    match end {
        End::Rst => grip.set_linger(Some(Duration::ZERO))?,
        End::Fin => {
            grip.shutdown(std::net::Shutdown::Write)?;
            tokio::time::sleep(Duration::from_millis(1500)).await;
        }
        End::Hang => tokio::time::sleep(Duration::from_secs(8)).await,
    }
    Ok(())
}

async fn serve(tcp: TcpStream, tls: Option<Arc<ServerConfig>>, at: At, truth: &Truth) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let tcp = tcp.into_std()?;
    let grip = tcp.try_clone()?;
    let mut tcp = TcpStream::from_std(tcp)?;
    if matches!(at, At::Tls(_) | At::NotTls(_)) {
        tcp.read_exact(&mut [0; 64]).await?;
        return match at {
            At::Tls(end) => finish(&grip, end).await,
            At::NotTls(bytes) => {
                tcp.write_all(bytes).await?;
                tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await.map(drop)
            }
            _ => unreachable!(),
        };
    }
    let mut io: Box<dyn Io> = match tls {
        None => Box::new(tcp),
        Some(config) => {
            let tls = tokio_rustls::TlsAcceptor::from(config).accept(tcp).await?;
            truth.handshakes.fetch_add(1, SeqCst);
            if tls.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed) {
                truth.resumed.store(true, SeqCst);
            }
            Box::new(tls)
        }
    };
    match at {
        At::TlsDone(end) => finish(&grip, end).await,
        at => http(&mut io, &grip, at, truth).await,
    }
}

/// Reads a head; the bytes behind it stay in `buf`. None at the end.
async fn head(io: &mut Box<dyn Io>, buf: &mut Vec<u8>, truth: &Truth) -> io::Result<Option<u64>> {
    let end = loop {
        if let Some(at) = buf.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        let fresh = buf.is_empty();
        if io.read_buf(buf).await? == 0 {
            return Ok(None);
        }
        truth.begun.fetch_add(fresh as u64, SeqCst);
    };
    let text = String::from_utf8_lossy(&buf[..end]).to_lowercase();
    buf.drain(..end);
    let len =
        text.lines().find_map(|line| line.strip_prefix("content-length: ")).map(|len| len.parse().unwrap());
    *truth.head.lock().unwrap() = text;
    Ok(Some(len.unwrap_or(0)))
}

async fn body(io: &mut Box<dyn Io>, buf: &mut Vec<u8>, want: u64, truth: &Truth) -> io::Result<u64> {
    let mut got = buf.len() as u64;
    truth.body.fetch_add(got, SeqCst);
    while got < want {
        buf.clear();
        let n = io.read_buf(buf).await? as u64;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        got += n;
        truth.body.fetch_add(n, SeqCst);
    }
    buf.clear();
    Ok(got)
}

async fn http(io: &mut Box<dyn Io>, grip: &std::net::TcpStream, at: At, truth: &Truth) -> io::Result<()> {
    let mut buf = Vec::new();
    while let Some(len) = head(io, &mut buf, truth).await? {
        match &at {
            At::Head(end) => return finish(grip, *end).await,
            At::Pause(pause) => tokio::time::sleep(*pause).await,
            At::Early(reply) => {
                io.write_all(reply).await?;
                io.flush().await?;
                return finish(grip, End::Hang).await;
            }
            _ => {}
        }
        let want = if let At::Body(k, _) = at { k.min(len) } else { len };
        if body(io, &mut buf, want, truth).await? >= len {
            truth.complete.fetch_add(1, SeqCst);
        }
        reply(io, &at).await?;
        match at {
            At::Body(_, end) | At::Last(end) | At::HalfHead(end) | At::MidReply(end) => {
                tokio::time::sleep(Duration::from_millis(30)).await;
                return finish(grip, end).await;
            }
            At::NoLength(true) => return io.shutdown().await,
            At::NoLength(false) => return finish(grip, End::Fin).await,
            _ => {}
        }
    }
    Ok(())
}

async fn reply(io: &mut Box<dyn Io>, at: &At) -> io::Result<()> {
    let say: &[u8] = match at {
        At::Body(..) | At::Last(_) => b"",
        At::HalfHead(_) => b"HTTP/1.1 200 OK\r\nContent-Le",
        At::MidReply(_) => b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
        At::Raw(reply) => reply,
        At::NoLength(_) => b"HTTP/1.1 200 OK\r\n\r\n[1,2,3",
        At::Drip(_) => b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        _ => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
    };
    io.write_all(say).await?;
    io.flush().await?;
    if let At::Drip(pause) = at {
        for _ in 0..1000 {
            tokio::time::sleep(*pause).await;
            io.write_all(b"x").await?;
            io.flush().await?;
        }
    }
    Ok(())
}
