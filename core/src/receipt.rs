//! The end of the day: what this tablet holds against what the server returned, agreed row by row, with a digest.
//!
//! Codes, counts, times and digests only: it may be shown, shared and logged.

use crate::error::{Error, Result};
use crate::outbox::remote_row;
use crate::overview::Summary;
use crate::prospect::PROSPECT;
use crate::prospect::receipt::{Digest, held};
use crate::satchel::Satchel;
use serde::Serialize;
use std::fmt::Write;

/// What both sides hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Receipt {
    /// When the server was asked for what follows, unix ms. Earlier than now where a row was `unreadable` that could be any
    /// record's.
    pub asked_wall: i64,
    /// Rows that the server returned just now and that could not be read. Then nobody can say that both hold the same.
    pub unreadable: u64,
    /// Rows that the server returned.
    pub server_rows: u64,
    /// Records with a code and nothing unsent on this tablet.
    pub tablet_rows: u64,
    /// Of these, the ones that are alike on both sides.
    pub agreed: u64,
    /// SHA-256 over the server's rows, each by itself and combined without order.
    pub server_sha256: String,
    /// The same over the tablet's. Equal digests: the two hold the same.
    pub tablet_sha256: String,
    /// Are the two digests equal, and was every row read?
    pub same: bool,
    /// The book in numbers.
    pub summary: Summary,
}

impl Receipt {
    /// As one JSON object.
    ///
    /// # Errors
    /// `Internal`.
    pub fn json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|_| Error::internal("receipt"))
    }

    /// As a few lines of text: codes and numbers, for support.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "asked {}\nserver {} rows {}\ntablet {} rows {}\nagreed {} {}\nunsent {}\n",
            self.asked_wall,
            self.server_rows,
            self.server_sha256,
            self.tablet_rows,
            self.tablet_sha256,
            self.agreed,
            if self.same { "same" } else { "different" },
            self.summary.unsent
        );
        if self.unreadable > 0 {
            let _ = writeln!(text, "unreadable {}", self.unreadable);
        }
        for (state, n) in &self.summary.by_state {
            let _ = writeln!(text, "{state} {n}");
        }
        text
    }
}

impl Satchel {
    /// Reads the whole list from the bank, merges it in, and says what both sides hold.
    ///
    /// # Errors
    /// As `download`.
    pub async fn receipt(&self) -> Result<Receipt> {
        let unreadable = self.download(None).await?.unreadable;
        let summary = self.summary().await?;
        self.book
            .read(move |book, conn| {
                let row = remote_row::get(conn, PROSPECT)?;
                let (Some(asked_wall), Some(digest)) = (row.downloaded_wall, &row.digest) else {
                    return Err(Error::NotFound { what: "download" });
                };
                let server: Digest = serde_json::from_str(digest)?;
                let tablet = held(conn, book.profile.prospect.v100)?;
                Ok(Receipt {
                    asked_wall,
                    unreadable,
                    server_rows: server.rows,
                    tablet_rows: tablet.rows,
                    agreed: server.agreed,
                    same: unreadable == 0 && server.sha256 == tablet.sha256,
                    server_sha256: server.sha256,
                    tablet_sha256: tablet.sha256,
                    summary,
                })
            })
            .await
    }
}
