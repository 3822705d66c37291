//! What the audience sees: headings, ticked lines, and a bar while something is under way.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::Instant;

/// The terminal.
pub struct Show {
    colour: bool,
    terminal: bool,
    chapter: u32,
    began: Instant,
}

/// A bar under way; a plain line now and then where there is no terminal.
pub struct Bar {
    bar: ProgressBar,
    plain: Option<Instant>,
}

impl Show {
    /// Colours only where somebody looks.
    pub fn new() -> Show {
        let terminal = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        let colour = terminal && std::env::var_os("NO_COLOR").is_none();
        Show { colour, terminal, chapter: 0, began: Instant::now() }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// The title of the whole.
    pub fn title(&self, text: &str) {
        println!("\n{}", self.paint("1", text));
    }

    /// A new chapter.
    pub fn chapter(&mut self, title: &str, about: &str) {
        self.chapter += 1;
        println!("\n{}", self.paint("1;36", &format!("{}  {title}", self.chapter)));
        println!("   {}", self.paint("2", about));
    }

    /// Something was done.
    pub fn done(&self, text: &str) {
        println!("   {} {text}", self.paint("32", "✓"));
    }

    /// Something happened that is no failure.
    pub fn note(&self, text: &str) {
        println!("   {} {text}", self.paint("33", "•"));
    }

    /// A plain line.
    pub fn say(&self, text: &str) {
        println!("{text}");
    }

    /// The verdict.
    pub fn verdict(&self, good: bool, text: &str) {
        println!("\n{}\n", self.paint(if good { "1;32" } else { "1;31" }, text));
    }

    /// Seconds since the beginning.
    pub fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// A bar.
    pub fn bar(&self, length: usize) -> Bar {
        let bar = if self.terminal { ProgressBar::new(length as u64) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("   {bar:32.cyan/dim} {pos:>3}/{len} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─"));
        bar.set_length(length as u64);
        Bar { bar, plain: (!self.terminal).then(Instant::now) }
    }
}

impl Bar {
    /// So far, and a few words about the rest.
    pub fn at(&mut self, position: i64, words: &str) {
        self.bar.set_position(position.max(0) as u64);
        self.bar.set_message(words.to_owned());
        if let Some(last) = self.plain.as_mut().filter(|last| last.elapsed().as_secs() >= 3) {
            println!("     {position}/{} {words}", self.bar.length().unwrap_or_default());
            *last = Instant::now();
        }
    }

    /// One more.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// A line above the bar.
    pub fn note(&self, show: &Show, text: &str) {
        self.bar.suspend(|| show.note(text));
    }

    /// It is over.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}
