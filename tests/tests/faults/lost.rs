//! What gets lost between a tablet and its bank: answers, requests, parts of requests; and answers that are another's
//! (faults 1, 2, 3, 13, 23).

use satchel::prospect::{Field, FieldChange, ProspectId};
use satchel::standing::{Next, Place};
use satchel_sandbox::{Fault, Kind, Running};
use satchel_tests::line::{Break, Line};
use satchel_tests::tablet::{LATENESS_MS, PATIENCE, Tablet, creates, off_the_minute, person, sandbox};
use std::time::{Duration, Instant};

const ADD: &str = "ProspectAddV2";
/// Lateness and transit of a test's profile.
const QUIET: Duration = Duration::from_millis(LATENESS_MS + 300);

fn once(sandbox: &Running, kind: Kind) {
    sandbox.set_faults(vec![Fault::new(kind).on(ADD).times(1)]);
}

async fn doubts(tablet: &Tablet, id: ProspectId) -> i64 {
    tablet.satchel.history(id).await.unwrap().iter().map(|entry| entry.doubts).sum()
}

/// The bank has one such row, and the tablet knows its code.
async fn one_row(sandbox: &Running, tablet: &Tablet, id: ProspectId, name: &str) {
    let rows: Vec<_> = sandbox.prospects().into_iter().filter(|row| row.get("NameEn") == name).collect();
    assert_eq!((rows.len(), creates(sandbox, name)), (1, 1), "{name}");
    assert_eq!(tablet.code(id).await, rows[0].code, "{name}");
}

/// 1. The server commits, the response is lost (a reset, a close): in doubt; quiet period; the read-back finds it; done
/// with the server's code; one row at the server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_01_response_lost_after_commit() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    for (kind, name) in [(Kind::LostReset, "Reset"), (Kind::LostClose, "Closed")] {
        once(&sandbox, kind);
        let id = tablet.add(name, "012 345 678").await;
        let doubt = tablet.until(id, Place::InDoubt).await;
        assert!(matches!(doubt.next, Next::ReadBackIn { .. }), "{doubt:?}");
        assert_eq!(creates(&sandbox, name), 1, "it was committed");
        tablet.until(id, Place::AtBank).await;
        one_row(&sandbox, &tablet, id, name).await;
        assert_eq!(doubts(&tablet, id).await, 1);
    }
    assert_eq!(tablet.satchel.summary().await.unwrap().resent_on_absence, 0, "nothing was sent again");
}

/// 2. The request is lost before the server. With any byte gone: in doubt, the read-back finds nothing after the quiet
/// period, and it is sent again, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_02_request_lost_before_the_server_is_sent_again_after_the_quiet_period() {
    let sandbox = sandbox().await;
    let line = Line::to(sandbox.base_url()).await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.base_url = line.url()).await;
    line.breaks([Break::Swallow]);
    let id = tablet.add("Swallowed", "012 345 678").await;
    tablet.until(id, Place::InDoubt).await;
    let (since, made) = (Instant::now(), creates(&sandbox, "Swallowed"));
    assert_eq!((made, line.left()), (0, 0));
    tablet.until(id, Place::AtBank).await;
    assert!(since.elapsed() + Duration::from_millis(100) > QUIET, "not before the quiet period is over");
    one_row(&sandbox, &tablet, id, "Swallowed").await;
    assert_eq!(tablet.satchel.summary().await.unwrap().resent_on_absence, 1, "sent again once");
}

/// 2, where not even a connection comes about: nothing has left, so nothing is in doubt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_02_without_a_connection_nothing_is_in_doubt() {
    let sandbox = sandbox().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed = format!("http://{nobody}/api/");
    let mut tablet = Tablet::with(&sandbox, |p| p.prospect.base_url = closed).await;
    tablet.satchel.resume();
    let id = tablet.add("Waits", "012 345 678").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((tablet.standing(id).await.place, doubts(&tablet, id).await), (Place::OnTablet, 0));
    tablet.profile.prospect.base_url = sandbox.base_url().to_owned();
    tablet.restart().await;
    tablet.satchel.resume();
    tablet.until(id, Place::AtBank).await;
    one_row(&sandbox, &tablet, id, "Waits").await;
    assert_eq!(doubts(&tablet, id).await, 0);
}

/// 3. The server commits after the client has given up, while the connection is open or when it is gone: nothing is sent
/// again before the quiet period is over; one row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_03_late_commit_is_waited_for() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.total_ms = 600).await;
    let late = LATENESS_MS - 100;
    for (kind, name) in [
        (Kind::ArriveAfterClose { after_ms: late }, "After Close"),
        (Kind::LateCommit { after_ms: late }, "Late"),
    ] {
        let fired = kind.name();
        once(&sandbox, kind);
        let id = tablet.add(name, "012 345 678").await;
        tablet.until(id, Place::InDoubt).await;
        tablet.until(id, Place::AtBank).await;
        assert_eq!(sandbox.fired()[fired], 1, "{name}");
        one_row(&sandbox, &tablet, id, name).await;
    }
    assert!(sandbox.ledger().iter().any(|e| e.late), "carried out when the connection was gone");
    assert_eq!(tablet.satchel.summary().await.unwrap().resent_on_absence, 0);
}

/// 13. A duplicate response, one for another request, one that is missing, answers in another order: each entry is
/// settled by its own answer alone, else it is in doubt and read back; applied once, under its own code.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_13_an_answer_settles_only_whom_it_names() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.batch_max = 3).await;
    let kinds = [
        (Kind::SwapReplies, 0..=0),
        (Kind::DuplicateReply { contradict: false }, 1..=1),
        (Kind::DuplicateReply { contradict: true }, 1..=1),
        (Kind::WrongReference, 1..=1),
        (Kind::MissingReply, 1..=1),
    ];
    for (n, (kind, expected)) in kinds.into_iter().enumerate() {
        assert!(tablet.satchel.pause(PATIENCE).await.unwrap());
        let mut batch = vec![];
        for k in 0..3 {
            let name = format!("{n} {k}");
            batch.push((tablet.add(&name, "012 345 678").await, name));
        }
        let told = format!("{kind:?}");
        once(&sandbox, kind);
        tablet.satchel.resume();
        let mut in_doubt = 0;
        for (id, name) in &batch {
            tablet.until(*id, Place::AtBank).await;
            one_row(&sandbox, &tablet, *id, name).await;
            in_doubt += doubts(&tablet, *id).await;
        }
        assert!(expected.contains(&in_doubt), "{told}: {in_doubt} were in doubt");
    }
}

/// 23. For prospects: what is sent is the record as it is when it leaves, whatever became of it since it was saved; an
/// upload cut in its head or in its body makes no second row and loses none. (That a body cut before its last byte was
/// handed over was not executed is shown of the transport, with bodies longer than the system's buffers. A streamed body,
/// its hash and its source are of documents, and come with them.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_23_an_upload_cut_on_its_way_is_made_once() {
    let sandbox = sandbox().await;
    let line = Line::to(sandbox.base_url()).await;
    let tablet =
        Tablet::known(&sandbox, |p| (p.prospect.base_url, p.prospect.max_text) = (line.url(), 900)).await;
    assert!(tablet.satchel.pause(PATIENCE).await.unwrap());
    let mut fields = person("Long", "012 345 678");
    let long = [Field::Comment, Field::OfficerComment, Field::Occupation];
    fields.extend(long.map(|field| FieldChange::text(field, "ក".repeat(900))));
    off_the_minute().await;
    let id = tablet.satchel.add(fields, None).await.unwrap().id;
    tablet.satchel.edit(id, vec![FieldChange::text(Field::Phone, "099 999 999")]).await.unwrap();
    line.breaks([200, 4 << 10].map(Break::After));
    tablet.satchel.resume();
    tablet.until(id, Place::AtBank).await;
    assert_eq!(line.left(), 0, "every cut was made");
    one_row(&sandbox, &tablet, id, "Long").await;
    let row = sandbox.prospects().into_iter().find(|row| row.get("NameEn") == "Long").unwrap();
    assert_eq!(row.get("Phone"), "099 999 999");
}
