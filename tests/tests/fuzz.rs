//! What must hold for every input of a decoder, over the corpus and changes of it: the same functions that
//! `cargo xtask fuzz` drives for longer, and blindly no more than this.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use satchel_tests::fuzz::{TARGETS, Target};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

/// The corpus of a target, by file name.
fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(folder().join(target.name)).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    files.sort();
    assert!(files.len() >= 3, "{} has a corpus", target.name);
    files
}

/// One change of a text of bytes.
#[derive(Clone, Debug)]
enum Change {
    Put(prop::sample::Index, u8),
    Flip(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    Word(prop::sample::Index, &'static str),
}

/// What these formats are made of.
const WORDS: [&str; 24] = [
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "1e999",
    "-0.0",
    "00009",
    "Succeed",
    "Error",
    "\u{17D2}",
    "\u{345}",
    "\u{200B}",
    "\0",
    "\r\n",
    "/",
    "9007199254740993",
];

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Put(at, byte)),
        (at(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, 1 << bit)),
        (at(), 1..40_usize).prop_map(|(at, n)| Change::Remove(at, n)),
        (at(), 1..200_usize).prop_map(|(at, n)| Change::Repeat(at, n)),
        (at(), prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Change::Word(at, word)),
    ]
}

fn apply(data: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Put(at, byte) => data.insert(at.index(data.len() + 1), *byte),
        Change::Word(at, word) => {
            let at = at.index(data.len() + 1);
            data.splice(at..at, word.bytes());
        }
        _ if data.is_empty() => {}
        Change::Flip(at, bit) => {
            let at = at.index(data.len());
            data[at] ^= bit;
        }
        Change::Remove(at, n) => {
            let from = at.index(data.len());
            data.drain(from..(from + n).min(data.len()));
        }
        Change::Repeat(at, n) => {
            let from = at.index(data.len());
            let again = data[from..(from + n).min(data.len())].to_vec();
            data.splice(from..from, again);
        }
    }
}

#[test]
fn the_corpus_holds() {
    let folders = std::fs::read_dir(folder()).unwrap().count();
    assert_eq!(folders, TARGETS.len(), "every folder is a target's");
    for target in TARGETS {
        for (path, data) in corpus(&target) {
            println!("{}", path.display()); // shown when it fails
            (target.run)(&data);
        }
    }
}

/// Runs it over changes of its corpus; what it found.
fn changed(target: Target) -> Option<String> {
    let files: Vec<_> = corpus(&target).into_iter().map(|(_, data)| data).collect();
    let inputs = (prop::sample::select(files), prop::collection::vec(change(), 1..8));
    let inputs = inputs.prop_map(|(mut data, changes)| {
        changes.iter().for_each(|change| apply(&mut data, change));
        data
    });
    let cases = if target.slow { 100 } else { 3_000 };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let held = TestRunner::new(config).run(&inputs, |data| {
        (target.run)(&data);
        Ok(())
    });
    match held {
        Err(TestError::Fail(why, data)) => {
            Some(format!("{}: {why}\nfor b\"{}\"", target.name, data.escape_ascii()))
        }
        Err(TestError::Abort(why)) => Some(format!("{}: {why}", target.name)),
        Ok(()) => None,
    }
}

#[test]
fn changes_of_the_corpus_hold() {
    // `SATCHEL_FUZZ=rows` takes that target alone.
    let only = std::env::var("SATCHEL_FUZZ").ok();
    let targets = TARGETS.into_iter().filter(|target| only.as_deref().is_none_or(|name| name == target.name));
    let found: Vec<_> = targets.filter_map(changed).collect();
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}
