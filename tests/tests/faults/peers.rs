//! Nothing is sent to a peer that was not verified, and the tablet says why nothing leaves.

use satchel::error::{Trouble, WhatNow};
use satchel::prospect::ProspectId;
use satchel::standing::Place;
use satchel::world::http::Setting;
use satchel::world::{Cause, TrustProblem};
use satchel::{Concern, Error, PROSPECT, Satchel};
use satchel_sandbox::{Fault, Kind, Options, Running, Tls};
use satchel_tests::raw::{Answer, Raw};
use satchel_tests::tablet::{Tablet, person, sandbox_of, until};
use std::time::Duration;

async fn shown(satchel: &Satchel, problem: TrustProblem, now: WhatNow) {
    let concern = Concern::NotTrusted { remote: PROSPECT.to_owned(), problem };
    assert_eq!(concern.what_now(), now);
    until("it is shown", || async { satchel.health().await.unwrap().concerns.contains(&concern) }).await;
}

async fn one_unsent(tablet: &Tablet) -> ProspectId {
    tablet.satchel.add(person("Canary Name", "012 345 678"), None).await.unwrap().id
}

/// 20. Expired, another host's, by an unknown authority: `Untrusted` with its kind; no request byte; it stays ready; of a
/// certificate out of date the officer is told to look at the clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_20_a_peer_that_is_not_the_bank_gets_no_request() {
    for (tls, problem, now) in [
        (Tls::UnknownCa, TrustProblem::UnknownAuthority, WhatNow::FindLink),
        (Tls::WrongHost, TrustProblem::WrongHost, WhatNow::FindLink),
        // More often it is the tablet's clock.
        (Tls::Expired, TrustProblem::Expired, WhatNow::SetClock),
    ] {
        let peer = sandbox_of(Options { tls, ..Options::default() }).await;
        peer.set_faults(vec![Fault::new(Kind::CaptivePortal { reaches: true })]);
        let tablet = Tablet::of(&peer).await;
        let id = one_unsent(&tablet).await;
        tablet.satchel.resume();
        shown(&tablet.satchel, problem, now).await;
        let error = tablet.satchel.download(None).await.unwrap_err();
        let trouble = Trouble::Failed(Cause::Untrusted(problem));
        assert_eq!((&error, error.what_now()), (&Error::Remote { remote: PROSPECT, trouble }, now));
        let report = tablet.satchel.drain(Duration::from_millis(500)).await.unwrap();
        assert_eq!((report.sent, report.left), (0, 1));
        assert_eq!(tablet.standing(id).await.place, Place::OnTablet);
        assert_eq!((peer.requests_seen(), peer.ledger().len()), (0, 0), "{tls:?}");
    }
}

/// The same tablet before the bank itself, as when it comes home from the portal's network.
async fn comes_through(bank: &Running, tablet: &mut Tablet, id: ProspectId) {
    tablet.profile.prospect.base_url = bank.base_url().to_owned();
    tablet.profile.roots_pem = bank.ca_pem().unwrap_or_default().to_owned();
    tablet.world = satchel_tests::tablet::world(&tablet.profile, tablet.world.vault.clone());
    tablet.restart().await;
    tablet.satchel.resume();
    tablet.until(id, Place::AtBank).await;
    let concerns = tablet.satchel.health().await.unwrap().concerns;
    assert!(!concerns.iter().any(|concern| matches!(concern, Concern::NotTrusted { .. })), "{concerns:?}");
}

/// 20. What waited goes out where the peer is verified.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_20_what_waited_before_a_stranger_goes_to_the_bank() {
    let (stranger, bank) = (
        sandbox_of(Options { tls: Tls::UnknownCa, ..Options::default() }).await,
        sandbox_of(Options { tls: Tls::Good, ..Options::default() }).await,
    );
    let mut tablet = Tablet::of(&stranger).await;
    let id = one_unsent(&tablet).await;
    tablet.satchel.resume();
    shown(&tablet.satchel, TrustProblem::UnknownAuthority, WhatNow::FindLink).await;
    comes_through(&bank, &mut tablet, id).await;
    assert_eq!((stranger.requests_seen(), bank.ledger().len()), (0, 1));
}

/// 20. Plain HTTP on the port: a TLS greeting is all that leaves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_20_a_peer_without_tls_gets_a_greeting_and_nothing_of_ours() {
    let page = Answer::ok(b"<html>sign in to the network</html>");
    let peer = Raw::start(move |_| page.clone()).await;
    let bank = sandbox_of(Options { tls: Tls::Good, ..Options::default() }).await;
    let tablet = Tablet::with(&bank, |p| p.prospect.base_url = peer.url("https")).await;
    let id = one_unsent(&tablet).await;
    tablet.satchel.resume();
    let error = tablet.satchel.download(None).await.unwrap_err();
    assert_eq!(error, Error::Remote { remote: PROSPECT, trouble: Trouble::Failed(Cause::NotTls) });
    tablet.satchel.drain(Duration::from_millis(500)).await.unwrap();
    assert_eq!(tablet.standing(id).await.place, Place::OnTablet);
    let seen = peer.seen();
    assert!(seen.starts_with(&[0x16, 0x03]), "a TLS greeting");
    for ours in ["POST", "Prospect", "Basic", "ZGFyYTpzZWNyZXQ", "S-1", "dara", "Canary"] {
        assert!(!seen.windows(ours.len()).any(|w| w == ours.as_bytes()), "{ours}");
    }
}

/// 20. Plain HTTP in the profile is for this machine alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_20_plain_http_leaves_this_machine_for_nobody() {
    let bank = sandbox_of(Options::default()).await;
    // An address for documents: were it tried, it would time out and not fail at once.
    let tablet = Tablet::with(&bank, |p| p.prospect.base_url = "http://192.0.2.1/api/".to_owned()).await;
    let id = one_unsent(&tablet).await;
    tablet.satchel.resume();
    let error = tablet.satchel.download(None).await.unwrap_err();
    let trouble = Trouble::Failed(Cause::NotConfigured(Setting::PlainHttp));
    assert_eq!((&error, error.what_now()), (&Error::Remote { remote: PROSPECT, trouble }, WhatNow::Report));
    assert_eq!(tablet.standing(id).await.place, Place::OnTablet);
    let concern = Concern::SettingsWrong { remote: PROSPECT.to_owned() };
    assert!(tablet.satchel.health().await.unwrap().concerns.contains(&concern), "no waiting mends it");
}
