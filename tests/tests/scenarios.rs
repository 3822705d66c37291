//! Every scenario of `scenarios/`, over the real core, real files and real sockets.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use satchel_tests::scenario;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// So many at once: they mostly wait.
const AT_ONCE: usize = 6;

fn files() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    files
}

/// `SATCHEL_SCENARIO=answer` plays only the files with that in their names.
fn wanted(path: &std::path::Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    std::env::var("SATCHEL_SCENARIO").map_or(true, |part| name.contains(&part))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_holds() {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut playing = JoinSet::new();
    let files = files();
    assert!(files.len() >= 53, "the scenarios are here");
    for path in files.into_iter().filter(|path| wanted(path)) {
        let room = room.clone();
        playing.spawn(async move {
            let _place = room.acquire_owned().await.unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            let started = std::time::Instant::now();
            let played = scenario::play(&text).await;
            let took = started.elapsed().as_secs_f32();
            played
                .map(|()| println!("{took:5.1} s {}", path.display()))
                .map_err(|why| format!("{took:.1} s {why}"))
        });
    }
    let played = playing.join_all().await;
    let count = played.len();
    let wrong: Vec<_> = played.into_iter().filter_map(Result::err).collect();
    println!("scenarios: {count} played, {} do not hold", wrong.len());
    assert!(wrong.is_empty(), "{} scenarios do not hold:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn a_wrong_file_is_told_and_not_played() {
    for (text, why) in [
        ("{}", "missing field"),
        (r#"{"name":"n","about":"a","steps":[{"do":"fly"}]}"#, "no verb `fly`"),
        (r#"{"name":"n","about":"a","steps":[{"do":"add","as":"x","with":{"fax":"1"}}]}"#, "no field `fax`"),
        (r#"{"name":"n","about":"a","steps":[{"do":"get","of":"x"}]}"#, "nobody is called `x`"),
        (r#"{"name":"n","about":"a","steps":[{"do":"link","with":{"link":"wet"}}]}"#, "no link `wet`"),
        (r#"{"name":"n","about":"a","steps":[{"do":"resume","expects":{}}]}"#, "unknown field"),
        (r#"{"name":"n","about":"a","steps":[{"do":"summary","expect":{"unsent":1}}]}"#, "value.unsent"),
        (r#"{"name":"n","about":"a","steps":[{"do":"download"}]}"#, "it failed with"),
        (r#"{"name":"n","about":"a","profile":{"speed":1},"steps":[]}"#, "unknown field"),
    ] {
        let told = scenario::play(text).await.unwrap_err();
        assert!(told.contains(why), "{told}");
    }
}
