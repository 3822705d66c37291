//! Collection over real sockets: late payers, and results that arrive once.

mod lists;
mod results;

use satchel::collection::{ResultFields, TaskId, TaskQuery};
use satchel_tests::tablet::Tablet;

/// The document's two samples.
const FIRST: &str = "000318270200055";
const SECOND: &str = "000418110200010";

/// A visit where nobody was at home.
fn visit() -> ResultFields {
    ResultFields { result: "NA".into(), action: "VISIT".into(), ..ResultFields::default() }
}

/// The late payer of that contract.
async fn late(tablet: &Tablet, contract: &str) -> TaskId {
    let all = TaskQuery { include_gone: true, limit: 500, ..TaskQuery::default() };
    let page = tablet.satchel.tasks(all).await.expect("the list");
    let found = page.items.into_iter().find(|item| item.task.contract == contract);
    found.expect("she is listed").id
}
