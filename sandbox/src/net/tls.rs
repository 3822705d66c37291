//! A certificate authority made at the start, and the certificates that are right or wrong in one way each.

use super::Tls;
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rcgen::{KeyUsagePurpose, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::error::Error;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

type Made<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The authority clients are told to trust, and what the sandbox shows them. None without TLS.
pub(super) fn identity(tls: Tls, now_ms: i64) -> Made<Option<(String, TlsAcceptor)>> {
    if tls == Tls::Plain {
        return Ok(None);
    }
    let told = Authority::new("Satchel sandbox authority")?;
    let other = Authority::new("Somebody else's authority")?;
    let issuer = if tls == Tls::UnknownCa { &other.issuer } else { &told.issuer };
    // 10.0.2.2 is this machine as an Android emulator sees it.
    let names: &[&str] = match tls {
        Tls::WrongHost => &["elsewhere.example"],
        _ => &["localhost", "127.0.0.1", "::1", "10.0.2.2"],
    };
    let days = if tls == Tls::Expired { (-30, -2) } else { (-2, 300) };
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    let ((y, m, d), (to_y, to_m, to_d)) = (day(now_ms, days.0)?, day(now_ms, days.1)?);
    (params.not_before, params.not_after) = (date_time_ymd(y, m, d), date_time_ymd(to_y, to_m, to_d));
    params.distinguished_name.push(DnType::CommonName, "Satchel sandbox");
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?.der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some((told.pem, TlsAcceptor::from(Arc::new(config)))))
}

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Made<Authority> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Authority { pem, issuer: Issuer::new(params, key) })
    }
}

/// Year, month and day so many days from now.
fn day(now_ms: i64, days: i64) -> Made<(i32, u8, u8)> {
    let at = jiff::Timestamp::from_millisecond(now_ms + days * 86_400_000)?.to_zoned(jiff::tz::TimeZone::UTC);
    Ok((at.year().into(), at.month().unsigned_abs(), at.day().unsigned_abs()))
}
