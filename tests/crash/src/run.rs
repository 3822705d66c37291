//! The officer as a process of her own, from both sides.

use crate::boundary::{Boundaries, How};
use crate::day::{Word, day, morning, say};
use crate::{Result, tablet};
use satchel::Satchel;
use satchel::prospect::Query;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{ChildStdout, Command};

/// How long the child waits for the bank before it goes on with its day.
const PATIENCE: Duration = Duration::from_secs(2);

/// The exit code of a child that came to its boundary and lived.
const REACHED: i32 = 3;

/// What the child is to do.
#[derive(Clone, Debug, clap::Args)]
pub struct Officer {
    /// Where her books and her vault lie
    folder: PathBuf,
    /// Where she sends
    base_url: String,
    /// At which boundary something happens
    #[arg(long)]
    at: Option<u64>,
    /// What happens there
    #[arg(long, default_value = "kill")]
    how: How,
    /// Her day has no end: she sends until she is killed
    #[arg(long)]
    endless: bool,
    /// Whom she adds
    names: Vec<String>,
}

impl Officer {
    /// The child: opens the book, has its day, says each word as a line of JSON, and gives its exit code.
    ///
    /// # Errors
    /// When it cannot even begin.
    pub async fn work(self) -> Result<i32> {
        let profile = tablet::profile(&self.base_url);
        let boundaries = Boundaries::new(self.at.unwrap_or(u64::MAX), self.how);
        let world = tablet::world(&profile, &self.folder)?;
        let world = if self.at.is_some() { boundaries.around(world)? } else { world };
        let books = self.folder.join("books");
        // An app that fails to open is opened again.
        for _ in 0..5 {
            match Satchel::open(world.clone(), &books, tablet::OFFICER, profile.clone()).await {
                Ok(satchel) => {
                    let held = satchel.list(Query { limit: 500, ..Query::default() }).await;
                    say(&held
                        .map_or_else(|e| Word::Failed(e.to_string()), |page| Word::Open(page.items.len())));
                    if self.endless {
                        morning(&satchel, &self.names, &mut |word| say(&word)).await;
                        std::future::pending::<()>().await;
                    }
                    day(&satchel, &self.names, PATIENCE, &mut |word| say(&word)).await;
                    let _ = satchel.shutdown().await;
                    break;
                }
                Err(e) => say(&Word::Failed(format!("open: {e}"))),
            }
        }
        Ok(if boundaries.reached() { REACHED } else { 0 })
    }
}

/// What a child is to go through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Its day.
    Whole,
    /// Its day, which does not end.
    Endless,
    /// Its day, with something happening at that boundary.
    At(u64, How),
}

/// A running child.
pub struct Child {
    process: tokio::process::Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// How a child ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// By a signal.
    Killed,
    /// By itself, after its boundary.
    Reached,
    /// By itself, its boundary still ahead.
    Whole,
}

impl Child {
    /// Starts an officer.
    ///
    /// # Errors
    /// The system's.
    pub fn start(tool: &Path, folder: &Path, base_url: &str, fate: Fate, names: &[String]) -> Result<Child> {
        let mut command = Command::new(tool);
        command.arg("officer").arg(folder).arg(base_url).args(names);
        match fate {
            Fate::Whole => {}
            Fate::Endless => drop(command.arg("--endless")),
            Fate::At(at, how) => {
                let how = format!("{how:?}").to_lowercase();
                command.args(["--at", &at.to_string(), "--how", &how]);
            }
        }
        Child::of(&mut command)
    }

    /// Starts a child by that command.
    ///
    /// # Errors
    /// The system's.
    pub fn of(command: &mut Command) -> Result<Child> {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let stdout = process.stdout.take().ok_or("a child without output")?;
        Ok(Child { process, lines: BufReader::new(stdout).lines() })
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(&mut self) -> Result<()> {
        Ok(self.process.start_kill()?)
    }

    /// The next word; `None` when it has ended.
    ///
    /// # Errors
    /// The system's, or of a line that is no word.
    pub async fn word(&mut self) -> Result<Option<Word>> {
        match self.lines.next_line().await? {
            // A line cut off by the kill was not told.
            Some(line) => Ok(serde_json::from_str(&line).ok()),
            None => Ok(None),
        }
    }

    /// Hears it out.
    ///
    /// # Errors
    /// The system's; a child that does not end within a minute, or badly.
    pub async fn end(mut self, mut hear: impl FnMut(Word)) -> Result<End> {
        let hear_out = async {
            while let Some(word) = self.word().await? {
                hear(word);
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(self.process.wait().await?)
        };
        let status = tokio::time::timeout(Duration::from_secs(60), hear_out).await;
        ended(status.map_err(|_| "a child that does not end")??)
    }
}

fn ended(status: ExitStatus) -> Result<End> {
    match status.code() {
        None => Ok(End::Killed),
        Some(0) => Ok(End::Whole),
        Some(REACHED) => Ok(End::Reached),
        Some(code) => Err(format!("a child that ended with {code}").into()),
    }
}
