//! Whom we do not trust gets no byte of a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use satchel::net::trust::{Pins, ServerTrust, TrustSource, Trusted};
use satchel::net::{Net, NetConfig};
use satchel::world::http::{Cause, Class, Setting, TrustProblem};

use super::server::{At, Ca, start};
use super::{BOTH, CANARY, NOW, call, ms, net, net_with, run};

/// Both verbs fail so, with nothing sent.
async fn refused(net: &Net, tls: &Arc<ServerConfig>, at: At, cause: Cause) {
    for verb in BOTH {
        let (port, truth) = start(Some(tls.clone()), at.clone()).await;
        let failure = run(net, verb, call(port, 100)).await.unwrap_err();
        assert_eq!((failure.class, failure.cause), (Class::NotExecuted, cause), "{verb:?} {at:?}");
        assert_eq!(truth.get(), (0, 0, 0), "no byte of a request");
    }
}

async fn accepted(net: &Net, tls: &Arc<ServerConfig>) {
    for verb in BOTH {
        let (port, truth) = start(Some(tls.clone()), At::Good).await;
        assert_eq!(run(net, verb, call(port, 100)).await.unwrap().0, 200, "{verb:?}");
        assert_eq!(truth.get(), (1, 100, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn own_roots_and_nobody_else() {
    let (ca, other) = (Ca::new(), Ca::named("somebody else"));
    let net = net(&ca);
    accepted(&net, &ca.good()).await;
    for (tls, problem) in [
        (other.good(), TrustProblem::UnknownAuthority),
        (ca.identity("evil.test", 2020, 2035).config, TrustProblem::WrongHost),
        (ca.identity("localhost", 2020, 2024).config, TrustProblem::Expired),
        (ca.identity("localhost", 2030, 2035).config, TrustProblem::NotYetValid),
        (ca.impostor(), TrustProblem::BadSignature),
        // A captive portal with a certificate of its own.
        (other.identity("portal.test", 2020, 2035).config, TrustProblem::UnknownAuthority),
    ] {
        refused(&net, &tls, At::Good, Cause::Untrusted(problem)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_tablet_clock_shows_as_such() {
    let ca = Ca::new();
    let at = |now| net_with(TrustSource::Roots(ca.pem.clone()), None, now);
    refused(&at(0), &ca.good(), At::Good, Cause::Untrusted(TrustProblem::NotYetValid)).await;
    refused(&at(NOW * 2), &ca.good(), At::Good, Cause::Untrusted(TrustProblem::Expired)).await;
    refused(&at(-1), &ca.good(), At::Good, Cause::Untrusted(TrustProblem::Other)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_tls_no_request() {
    let ca = Ca::new();
    let net = net(&ca);
    const PORTAL: &[u8] = b"HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\nContent-Length: 0\r\n\r\n";
    const OLD: &[u8] = &[0x15, 3, 1, 0, 2, 2, 70]; // alert: protocol version
    for bytes in [PORTAL, OLD] {
        refused(&net, &ca.good(), At::NotTls(bytes), Cause::NotTls).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_does_not_know_a_tests_root() {
    let ca = Ca::new();
    let config = NetConfig {
        trust: TrustSource::Platform,
        pins: None,
        clock: Arc::new(|| NOW),
        runtime: tokio::runtime::Handle::current(),
    };
    match Net::new(config) {
        Ok(net) => {
            refused(&net, &ca.good(), At::Good, Cause::Untrusted(TrustProblem::UnknownAuthority)).await
        }
        Err(setting) => assert_eq!(setting, Setting::Platform, "a machine without roots"),
    }
}

type Answer = fn() -> Result<Trusted, String>;

struct Host(Answer, AtomicU32);

impl ServerTrust for Host {
    fn check(&self, chain: Vec<Vec<u8>>, host: String) -> Result<Trusted, String> {
        self.1.fetch_add(1, SeqCst);
        assert!(chain.len() == 1 && host == "localhost");
        (self.0)()
    }
}

fn asking(answer: Answer, pins: Option<Pins>) -> (Arc<Net>, Arc<Host>) {
    let host = Arc::new(Host(answer, AtomicU32::new(0)));
    (net_with(TrustSource::Host { check: host.clone(), limit: ms(1000) }, pins, NOW), host)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_app_decides() {
    let ca = Ca::new();
    let slow: Answer = || {
        std::thread::sleep(ms(100));
        Ok(Trusted)
    };
    for yes in [(|| Ok(Trusted)) as Answer, slow] {
        accepted(&asking(yes, None).0, &ca.good()).await;
    }
    for (no, problem) in [
        ((|| Err(CANARY.to_owned())) as Answer, TrustProblem::HostRefused),
        (|| panic!("the app's bug"), TrustProblem::HostSilent),
    ] {
        refused(&asking(no, None).0, &ca.good(), At::Good, Cause::Untrusted(problem)).await;
    }
    // Whatever the app says, the server must hold the certificate's key.
    let (net, _) = asking(|| Ok(Trusted), None);
    refused(&net, &ca.impostor(), At::Good, Cause::Untrusted(TrustProblem::BadSignature)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_host_app_costs_its_limit_and_one_thread() {
    let ca = Ca::new();
    let (net, host) = asking(
        || {
            std::thread::sleep(ms(4000));
            Ok(Trusted)
        },
        None,
    );
    let began = Instant::now();
    refused(&net, &ca.good(), At::Good, Cause::Untrusted(TrustProblem::HostSilent)).await;
    assert!(began.elapsed() < ms(3500), "two calls, each with its limit");
    assert_eq!(host.1.load(SeqCst), 1, "the second question waited for the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connection_is_asked_about() {
    let ca = Ca::new();
    let (net, host) = asking(|| Ok(Trusted), None);
    let (port, truth) = start(Some(ca.good()), At::Good).await;
    for n in 1..=3 {
        for verb in BOTH {
            assert_eq!(run(&net, verb, call(port, 10)).await.unwrap().0, 200);
        }
        assert_eq!(host.1.load(SeqCst), 2 * n);
    }
    assert_eq!(truth.handshakes.load(SeqCst), 6);
    assert!(!truth.resumed.load(SeqCst));
}

#[tokio::test(flavor = "multi_thread")]
async fn pins_hold_until_they_expire() {
    let ca = Ca::new();
    let (good, backup) = (ca.identity("localhost", 2020, 2035), [1; 32]);
    let with = |sha256: Vec<[u8; 32]>, until| {
        net_with(TrustSource::Roots(ca.pem.clone()), Some(Pins { sha256, until }), NOW)
    };
    accepted(&with(vec![backup, good.pin], NOW + 1), &good.config).await;
    accepted(&with(vec![backup], NOW), &good.config).await;
    let pin = Cause::Untrusted(TrustProblem::Pin);
    refused(&with(vec![backup], NOW + 1), &good.config, At::Good, pin).await;
    let trusted_first = Cause::Untrusted(TrustProblem::UnknownAuthority);
    let stranger = Ca::named("somebody else").identity("localhost", 2020, 2035);
    refused(&with(vec![stranger.pin], NOW + 1), &stranger.config, At::Good, trusted_first).await;

    let (net, host) = asking(|| Ok(Trusted), Some(Pins { sha256: vec![backup], until: NOW + 1 }));
    refused(&net, &good.config, At::Good, pin).await;
    assert_eq!(host.1.load(SeqCst), 0, "not even asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_profile_is_an_error_of_the_profile() {
    let made = |trust, pins| {
        let runtime = tokio::runtime::Handle::current();
        Net::new(NetConfig { trust, pins, clock: Arc::new(|| NOW), runtime }).map(drop)
    };
    let cut = Ca::new().pem[..200].to_vec();
    for pem in [
        vec![],
        b"not PEM".to_vec(),
        cut,
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec(),
    ] {
        assert_eq!(made(TrustSource::Roots(pem), None), Err(Setting::Roots));
    }
    let pins = Some(Pins { sha256: vec![], until: NOW });
    assert_eq!(made(TrustSource::Roots(Ca::new().pem), pins), Err(Setting::Pins));
    assert!(made(TrustSource::Roots([Ca::new().pem, Ca::new().pem].concat()), None).is_ok());
}

#[tokio::test]
async fn a_configuration_shows_no_certificate() {
    let ca = Ca::new();
    let (trust, runtime) = (TrustSource::Roots(ca.pem.clone()), tokio::runtime::Handle::current());
    let config = NetConfig { trust, pins: None, clock: Arc::new(|| NOW), runtime };
    assert_eq!(format!("{config:?}"), "NetConfig { trust: Roots, pins: None, .. }");
    assert_eq!(format!("{:?}", Net::new(config).unwrap()), "Net");
}

/// A proxy of the environment is not used: the call still arrives, in a process that has one set.
#[test]
fn no_proxy_of_the_environment() {
    let nowhere = "http://127.0.0.1:9";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, nowhere);
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let out = child.args(["--exact", "trust::own_roots_and_nobody_else"]).output().unwrap();
    assert!(out.status.success());
    assert!(String::from_utf8_lossy(&out.stdout).contains("1 passed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_that_ends_while_connecting_is_not_executed() {
    let ca = Ca::new();
    for verb in BOTH {
        let (port, truth) = start(Some(ca.good()), At::Tls(super::server::End::Hang)).await;
        let mut call = call(port, 100);
        (call.limits.connect, call.limits.total) = (Duration::from_secs(5), ms(200));
        let failure = run(&net(&ca), verb, call).await.unwrap_err();
        assert_eq!((failure.class, failure.cause), (Class::NotExecuted, Cause::Timeout));
        assert_eq!(truth.get(), (0, 0, 0));
    }
}
