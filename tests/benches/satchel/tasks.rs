//! Late payers: a list of two thousand taken in.

use crate::Done;
use crate::asked::{Kind, by_hand, rows};
use crate::canned::Canned;
use crate::floor::book;
use crate::report::{Goal, Pair, Report, ms, timed};
use crate::shelf::Shelf;
use crate::world::{Setup, wait};
use satchel::Satchel;
use satchel::collection::CollectionSecrets;
use satchel::profile::{CollectionProfile, Profile};
use satchel::world::World;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const TASKS: usize = 2000;
const ROUNDS: usize = 7;

fn reply() -> Value {
    let task = |n: usize| {
        json!({
            "contract_no": format!("{n:015}"), "name": format!("TRIJAYA KONSTRUKSI MEGAH {n}"), "contract_person": "",
            "address": "JL. SAWANGAN LINGKUNGAN V, TIKALA BARU WENANG, MANADO , Manado, Kota.",
            "branch_name": "JAKARTA 1", "marketing_name": "JUWITA FIKA TYASTI", "phone1": format!("0853400{n:05}"),
            "phone2": "", "phone3": "", "phone4": "", "overdue": (n % 90).to_string(),
            "installmentNumber": "29949000.00", "total_installmentNumber": "54", "dueDate_Installment": "2021-03-20",
            "payment_methode": "Transfer", "description_assets": "DOOSAN EXCAVATOR DX300LCA",
            "customer_code": "C18030135", "installment_amount": null, "penalty": "77312731.00",
            "total_amount": "107261731.00", "osar": "1445252000", "lastpaid_amount": "29949000.00",
            "lastpaid_duedate": "2/20/2021 12:00:00 AM", "lastpaid_tenor": "28", "lastpaid_paymentdate": "2021-02-22",
            "product": "CF - HEAVY EQUIPMENT BARU", "flag_dedicated": "1",
        })
    };
    json!({ "data": (0..TASKS).map(task).collect::<Vec<_>>() })
}

/// A book that takes that reply in.
fn with_reply(root: &Path, path: &Path) -> Done<(Setup, Satchel)> {
    let mut profile = Profile::new("bench", "https://bank.example/api/");
    profile.collection =
        Some(CollectionProfile::new("https://bank.example/tasks", "https://bank.example/result"));
    let setup = Setup::real(root, profile)?;
    let setup = Setup { world: World { http: Arc::new(Canned::new(path)), ..setup.world }, ..setup };
    let satchel = setup.open()?;
    let secrets = CollectionSecrets { user: "u".into(), password: "p".into(), hash_key: "k".into() };
    wait(satchel.sign_in_collection(secrets, None))?;
    Ok((setup, satchel))
}

/// Into an empty book.
pub fn merged(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let (path, mut pair) = (shelf.disk().join("tasks.json"), Pair::default());
    std::fs::write(&path, reply().to_string())?;
    for _ in 0..ROUNDS {
        let folder = shelf.folder()?;
        let (setup, satchel) = with_reply(&folder.path().join("product"), &path)?;
        let (time, taken) = timed(|| wait(satchel.download_tasks()));
        pair.product.push(ms(time));
        if taken?.new != TASKS as u64 {
            return Err("not all came in".into());
        }
        wait(satchel.lock())?;
        let rows = rows(&book::open(&setup.file()?, None)?, "task")?;
        let mut db = book::create(&folder.path().join("floor.db"), None)?;
        db.execute_batch(include_str!("../../../core/migrations/0003_collection.sql"))?;
        let kind = Kind { list: "data", table: "task", name: "contract" };
        let (time, done) = timed(|| by_hand(&mut db, &path, kind, &rows));
        done?;
        pair.floor.push(ms(time));
    }
    report.add("tasks_merged", "ms", Goal::RatioAtMost(1.3), pair);
    Ok(())
}
