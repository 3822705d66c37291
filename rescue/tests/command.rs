//! The command as a process: what a support person meets first. Its work on books is tested in `tests/tests/hard_days`.

use std::process::{Command, Output};

fn rescue(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_satchel-rescue")).args(words).output().expect("it runs")
}

#[test]
fn it_explains_itself_and_its_exit_codes() {
    let help = rescue(&["--help"]);
    let said = String::from_utf8(help.stdout).expect("text");
    assert!(help.status.success() && said.contains("Exit codes: 0 done"), "{said}");
    for (words, code) in [(&["list"][..], 2), (&["list", "/nowhere/at/all"], 1), (&["open", "x"], 2)] {
        let wrong = rescue(words);
        assert_eq!(wrong.status.code(), Some(code), "{words:?}");
        assert!(wrong.stdout.is_empty() && !wrong.stderr.is_empty());
    }
}

#[test]
fn a_folder_without_books_has_none() {
    let listed = rescue(&["list", env!("CARGO_MANIFEST_DIR")]);
    assert_eq!((listed.status.code(), &listed.stdout[..]), (Some(0), &b"No books in this folder.\n"[..]));
}
