//! The collection service over real sockets: lost answers, control routes, the inspector, a restart.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::collection::*;
use common::{call, control, exchange, started, tcp, until};
use satchel_sandbox::collection::Settings;
use satchel_sandbox::{Fate, Fault, Kind, Options, Running, Sandbox};
use serde_json::{Value, json};

async fn with_key() -> Running {
    let running = started().await;
    running.set_collection_settings(settings());
    running
}

#[tokio::test]
async fn both_calls() {
    let running = with_key().await;
    let root = running.root_url();
    assert_eq!(running.collection_result_url(), format!("{root}collection/result"));
    assert_eq!(running.collection_tasks_url(), format!("{root}collection/tasks"));
    let got = send(&running, RESULT, SAMPLE).await;
    assert_eq!((got.status(), got.body()), (200, TAKEN.as_bytes()));
    assert_eq!(got.header("content-type").as_deref(), Some("application/json; charset=utf-8"));
    let got = send(&running, TASKS, "").await;
    assert_eq!(String::from_utf8_lossy(got.body()), listed());
    assert_eq!((running.results().len(), running.tasks().len(), running.double_results()), (1, 2, 0));
    assert!(running.change_password("dara", "newer"));
    let got = send(&running, TASKS, "").await;
    assert_eq!(got.status(), 401);
    assert!(got.header("www-authenticate").unwrap().starts_with("basic"));
    assert_eq!(send(&running, "/collection/none", "").await.status(), 404);
    assert_eq!(send(&running, RESULT, &"x".repeat(2 * 1024 * 1024)).await.status(), 413);
}

#[tokio::test]
async fn answers_are_lost_and_come_late_and_requests_are_cut() {
    let running = with_key().await;
    running.set_faults(vec![Fault::new(Kind::LostReset).on("collection/result").times(1)]);
    assert!(send(&running, RESULT, SAMPLE).await.was_reset());
    assert_eq!(running.ledger()[0].reply, Fate::Lost);
    running.set_faults(vec![Fault::new(Kind::LateCommit { after_ms: 100 })]);
    assert!(send(&running, RESULT, SAMPLE).await.raw.is_empty());
    until(|| running.results().len() == 2).await;
    assert_eq!((running.double_results(), running.ledger()[1].late), (1, true));
    running.set_faults(vec![Fault::new(Kind::CutUpload { after: 100 })]);
    assert!(send(&running, RESULT, SAMPLE).await.raw.is_empty());
    assert_eq!((running.results().len(), running.fired()["cut_upload"]), (2, 1));
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { state: Some(folder.path().join("state.sqlite")), ..Options::default() };
    let running = Sandbox::start(options.clone()).await.unwrap();
    running.set_collection_settings(settings());
    send(&running, RESULT, SAMPLE).await;
    send(&running, TASKS, "").await;
    assert_eq!(running.put_task("dara", &json!({ "contract_no": "1", "name": "ANIL" })), "1");
    assert_eq!(running.put_task("dara", &json!({})), "");
    assert!(running.remove_task("000318270200055") && !running.remove_task("000318270200055"));
    let list = send(&running, TASKS, "").await.body().to_vec();
    running.stop();

    let running = Sandbox::start(options).await.unwrap();
    assert_eq!(send(&running, TASKS, "").await.body(), list);
    assert_eq!(running.collection_settings(), settings());
    assert_eq!(running.results()[0].get("cust_name"), "PUTRA SIMEULUE CUTT");
    assert!(running.replace_tasks("dara", &[]) && !running.replace_tasks("dara", &[json!(1)]));
    running.generate_tasks("dara", 3);
    assert_eq!(running.tasks().iter().filter(|task| !task.removed).count(), 3);
}

#[tokio::test]
async fn control_routes() {
    let running = started().await;
    let order =
        async |body: Value| control(&running, "POST", "/_control/collection", &body.to_string()).await;
    let put = json!({ "action": "put_task", "members": { "contract_no": "1", "name": "ANIL" } });
    assert_eq!(order(put).await, (200, json!({ "contract_no": "1" })));
    assert_eq!(order(json!({ "action": "put_task", "members": { "name": "ANIL" } })).await.0, 404);
    let made = order(json!({ "action": "generate_tasks", "officer": "sok", "count": 20 })).await;
    assert_eq!(made, (200, json!({ "tasks": 20 })));
    let both = json!([{ "contract_no": "1" }, { "contract_no": "2" }]);
    let replaced = order(json!({ "action": "replace_tasks", "tasks": both })).await;
    assert_eq!(replaced, (200, json!({ "tasks": 2 })));
    assert_eq!(order(json!({ "action": "replace_tasks", "tasks": [{}] })).await.0, 404);
    let remove = json!({ "action": "remove_task", "contract_no": "2" });
    assert_eq!(order(remove.clone()).await, (200, json!({ "contract_no": "2" })));
    assert_eq!((order(remove).await.0, order(json!({ "action": "paint" })).await.0), (404, 400));

    let route = "/_control/collection/settings";
    let (_, settings) = control(&running, "PUT", route, &json!({ "hash_key": KEY }).to_string()).await;
    assert_eq!((&settings["hash_key"], &settings["poison"]), (&json!(KEY), &json!("POISON")));
    assert_eq!(control(&running, "GET", route, "").await.1, settings);
    assert_eq!(control(&running, "PUT", route, r#"{"hash":"1"}"#).await.0, 400);
    send(&running, RESULT, SAMPLE).await;
    send(&running, RESULT, SAMPLE).await;
    let (_, tasks) = control(&running, "GET", "/_tasks", "").await;
    assert_eq!((&tasks[0]["members"]["name"], &tasks[0]["removed"]), (&json!("ANIL"), &json!(true)));
    let (_, results) = control(&running, "GET", "/_results", "").await;
    assert_eq!((&results[1]["number"], &results[1]["fields"]["result_code"]), (&json!(2), &json!("PTP01")));
    let (_, status) = control(&running, "GET", "/_status", "").await;
    assert_eq!(
        [&status["tasks"], &status["results"], &status["double_results"]],
        [&json!(21), &json!(2), &json!(1)]
    );
    assert_eq!(status["collection_tasks"], running.collection_tasks_url());
    let password = r#"{"action":"password","user":"dara","password":"newer"}"#;
    assert_eq!(control(&running, "POST", "/_control/session", password).await.0, 200);
    assert_eq!(send(&running, TASKS, "").await.status(), 401);
}

async fn page(running: &Running, path: &str) -> String {
    let got = call(running, "GET", path, b"").await;
    assert_eq!(got.status(), 200, "{path}");
    String::from_utf8_lossy(got.body()).into_owned()
}

fn has(page: &str, all: &[&str]) {
    all.iter().for_each(|text| assert!(page.contains(text), "{text}"));
}

#[tokio::test]
async fn the_inspector_shows() {
    let running = with_key().await;
    send(&running, RESULT, &changed(&[("cust_name", json!("<b>ANIL</b>"))])).await;
    send(&running, RESULT, &changed(&[("hashing", json!("0"))])).await;
    send(&running, TASKS, "").await;
    running.put_task("dara", &json!({ "contract_no": "A/1 ?", "name": "ODD" }));
    has(&page(&running, "/").await, &["Tasks", "Results", "Doubles in collection", "200, with an error"]);
    let list = page(&running, "/collections").await;
    has(&list, &["&lt;b&gt;ANIL&lt;/b&gt;", "PTP01", "TRIJAYA KONSTRUKSI MEGAH", "Paid elsewhere"]);
    assert!(!list.contains("<b>ANIL"));
    has(&page(&running, "/collections/results/1").await, &["87072d55", "2021-12-31 00:00:00"]);
    has(&page(&running, "/collections/results/2").await, &["There is no such result"]);
    has(&page(&running, "/collections/tasks/A%2F1%20%3F").await, &["Contract", "ODD", "null"]);
    has(&page(&running, &format!("/collections/tasks/{ACCOUNT}")).await, &["No task bears", "PTP01"]);
    has(
        &page(&running, "/ledger").await,
        &["/collections/results/1", "/collections/tasks/A%2F1%20%3F", "PTP01"],
    );
    has(&page(&running, "/sessions").await, &["How the collection service is set up", "HashKey"]);
    has(&page(&running, "/faults").await, &["collection/result", "collection/tasks"]);
    has(&page(&running, "/requests").await, &["collection/result"]);
}

#[tokio::test]
async fn the_inspector_does() {
    let running = started().await;
    let form = async |path: &str, body: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        exchange(&mut tcp(&running).await, head.as_bytes()).await.status()
    };
    let put = "action=put_task&contract_no=1&name=ANIL&phone1=&total_amount=&officer=";
    assert_eq!(form("/collections", &format!("{put}&members=%7B%22odd%22%3A7%7D")).await, 303);
    assert_eq!(form("/collections", &format!("{put}&members=%7B")).await, 400);
    let task = running.tasks().pop().unwrap();
    assert_eq!((task.get("name"), task.members.get("odd")), ("ANIL", Some(&json!(7))));
    assert_eq!(form("/collections", "action=generate_tasks&count=5&officer=sok").await, 303);
    assert_eq!(form("/collections", "action=remove_task&contract_no=1").await, 303);
    assert_eq!(form("/collections", "action=remove_task&contract_no=1").await, 400);
    let list = "%5B%7B%22contract_no%22%3A%222%22%7D%5D";
    assert_eq!(form("/collections", &format!("action=replace_tasks&officer=&tasks={list}")).await, 303);
    let left: Vec<_> = running.tasks().into_iter().filter(|task| !task.removed).collect();
    assert_eq!((left.len(), left[5].contract_no()), (6, "2"));
    assert_eq!(
        form("/collections/settings", "hash_key=k&poison=&start=nothing&known_tasks_only=true").await,
        303
    );
    let wanted = Settings {
        hash_key: "k".to_owned(),
        poison: String::new(),
        start: satchel_sandbox::collection::Start::Nothing,
        known_tasks_only: true,
        http_400: false,
    };
    assert_eq!(running.collection_settings(), wanted);
    assert_eq!(form("/sessions", "action=password&user=dara&password=newer").await, 303);
    assert_eq!(send(&running, TASKS, "").await.status(), 401);
}
