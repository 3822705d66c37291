//! The end of the day: both sides are compared, and then audited.

use crate::Result;
use crate::audit::{self, Audit};
use crate::stage::Stage;

/// The tablet's own receipt, then the audit against the bank's ledger.
pub async fn evening(stage: &mut Stage) -> Result<Audit> {
    stage.show.chapter(
        "Evening",
        "the tablet compares itself with the bank; then the bank's own ledger is audited",
    );
    stage.settle().await?;
    let receipt = stage.satchel.receipt().await?;
    let same = if receipt.same { "both hold the same, row by row" } else { "they differ" };
    stage.show.done(&format!(
        "receipt: the bank returned {} rows, {} agreed; {same}",
        receipt.server_rows, receipt.agreed
    ));
    audit::audit(stage).await
}
