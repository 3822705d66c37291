//! Who may we talk to. The only file that decides it, and the only one that makes a TLS configuration.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme,
};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::ask::{self, Ask, AskLayer};
use super::cause;
use super::{NetConfig, WallClock};
use crate::world::http::{Cause, Setting, TrustProblem};

pub use super::ask::{ServerTrust, Trusted};

/// Who vouches for a server.
pub enum TrustSource {
    /// These root certificates (PEM, at least one) and nobody else. A test server's root comes in here.
    Roots(Vec<u8>),
    /// The platform's own verifier. Not on Android, where only the app can reach it.
    Platform,
    /// The host app, asked at every connection.
    Host {
        /// The app's answer.
        check: Arc<dyn ServerTrust>,
        /// A later answer is no answer.
        limit: std::time::Duration,
    },
}

impl fmt::Debug for TrustSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Roots(_) => "Roots",
            Self::Platform => "Platform",
            Self::Host { .. } => "Host",
        })
    }
}

/// The server's own certificate must hold one of these keys, on top of being trusted.
#[derive(Debug, Clone)]
pub struct Pins {
    /// SHA-256 of the certificate's SubjectPublicKeyInfo (DER); at least one, better two.
    pub sha256: Vec<[u8; 32]>,
    /// Unix seconds. From then on the pins are ignored, so that a tablet that missed an update still works.
    pub until: i64,
}

/// A decision about servers, ready for both transports. The configuration inside never leaves this file without
/// the asking that belongs to it.
pub(crate) struct Trust {
    tls: Arc<ClientConfig>,
    ask: Option<Ask>,
}

impl Trust {
    /// The one constructor.
    pub(crate) fn new(config: &NetConfig) -> Result<Self, Setting> {
        if config.pins.as_ref().is_some_and(|pins| pins.sha256.is_empty()) {
            return Err(Setting::Pins);
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let (by, ask) = match &config.trust {
            TrustSource::Roots(pem) => (Some(own_roots(pem, &provider)?), None),
            TrustSource::Platform => (Some(platform(&provider)?), None),
            TrustSource::Host { check, limit } => {
                (None, Some(Ask::new(check.clone(), *limit, config.runtime.clone())))
            }
        };
        let guard = Guard { by, pins: config.pins.clone(), provider: provider.clone() };
        let mut tls = ClientConfig::builder_with_details(provider, Arc::new(Now(config.clock.clone())))
            .with_safe_default_protocol_versions()
            .map_err(|_| Setting::Platform)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(guard))
            .with_no_client_auth();
        // A resumed session never calls the verifier: nobody would be asked again.
        tls.resumption = Resumption::disabled();
        // HTTP/2 replays requests on its own. reqwest sets no ALPN on a configuration that is handed in.
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { tls: Arc::new(tls), ask })
    }

    /// TLS over `io` to a server that is trusted. Until it returns, no byte of a request exists on the wire.
    pub(crate) async fn connect<IO>(&self, name: ServerName<'static>, io: IO) -> Result<TlsStream<IO>, Cause>
    where
        IO: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        let (stream, seen) = ask::catch(TlsConnector::from(self.tls.clone()).connect(name, io)).await;
        let stream = stream.map_err(|error| cause::of(&error))?;
        if let Some(ask) = &self.ask {
            ask.about(seen).await.map_err(Cause::Untrusted)?;
        }
        Ok(stream)
    }

    /// The same for reqwest. A `plain` call shows no certificate and asks nobody; should it meet one all the same, the
    /// configuration without its asking refuses it.
    pub(crate) fn equip(&self, client: reqwest::ClientBuilder, plain: bool) -> reqwest::ClientBuilder {
        let client = client.tls_backend_preconfigured((*self.tls).clone());
        match &self.ask {
            Some(ask) if !plain => client.connector_layer(AskLayer(ask.clone())),
            _ => client,
        }
    }
}

fn own_roots(pem: &[u8], provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Setting> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(pem) {
        roots.add(root.map_err(|_| Setting::Roots)?).map_err(|_| Setting::Roots)?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone());
    Ok(verifier.build().map_err(|_| Setting::Roots)?) // an empty list fails here
}

#[cfg(not(target_os = "android"))]
fn platform(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Setting> {
    let verifier =
        rustls_platform_verifier::Verifier::new(provider.clone()).map_err(|_| Setting::Platform)?;
    Ok(Arc::new(verifier))
}

/// It panics there until Java hands it a context, and takes no roots of a profile: the app is asked instead.
#[cfg(target_os = "android")]
fn platform(_: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Setting> {
    Err(Setting::Platform)
}

/// The tablet's wall clock, for the validity of certificates and pins.
struct Now(WallClock);

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Now")
    }
}

impl TimeProvider for Now {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from((self.0)()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
    }
}

/// Our verifier: somebody vouches for the certificate, or it is kept for the host app; then the pins.
/// That the server holds the certificate's key is always proved to rustls.
#[derive(Debug)]
struct Guard {
    by: Option<Arc<dyn ServerCertVerifier>>,
    pins: Option<Pins>,
    provider: Arc<CryptoProvider>,
}

impl Guard {
    fn pinned(&self, leaf: &CertificateDer<'_>, now: UnixTime) -> Result<(), rustls::Error> {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let Some(pins) = self.pins.as_ref().filter(|pins| now < pins.until) else { return Ok(()) };
        let key = ParsedCertificate::try_from(leaf)?.subject_public_key_info();
        let hash = digest(&SHA256, &key);
        if pins.sha256.iter().any(|pin| pin == hash.as_ref()) {
            return Ok(());
        }
        Err(CertificateError::Other(OtherError(Arc::new(TrustProblem::Pin))).into())
    }
}

impl ServerCertVerifier for Guard {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match &self.by {
            Some(verifier) => verifier.verify_server_cert(leaf, rest, name, ocsp, now).map(drop)?,
            None => ask::keep(leaf, rest, name)?,
        }
        self.pinned(leaf, now)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
