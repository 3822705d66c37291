//! Sending what waits to a server that takes 50 ms for every answer: the bank's own sandbox, in this process, over TLS.

use crate::Done;
use crate::floor::book::{self, Saving, newest_saves};
use crate::floor::call::Line;
use crate::floor::seal;
use crate::report::{Goal, Pair, Report, timed};
use crate::sample;
use crate::shelf::Shelf;
use crate::world::{Setup, wait};
use rusqlite::{Connection, params};
use satchel::outbox::plan::Link;
use satchel::profile::Profile;
use satchel_sandbox::{Fault, Kind, Options, Running, Sandbox, Tls};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// One by one, each round. The product also reads twice in each drain: the probe before its first create, and one look
/// whether the server keeps the natural key. Both are in its time.
const SINGLE: u64 = 80;
/// By batches.
const MANY: u64 = 1_500;
/// Far more than any drain here takes.
const DEADLINE: Duration = Duration::from_secs(120);

/// The sandbox lives on its own threads, as a server would.
struct Server {
    runtime: tokio::runtime::Runtime,
    sandbox: Running,
}

impl Server {
    fn start() -> Done<Server> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let options = Options { tls: Tls::Good, ..Options::default() };
        let sandbox = runtime.block_on(Sandbox::start(options))?;
        sandbox.set_faults(vec![Fault::new(Kind::Delay { ms: 50, jitter_ms: 0 })]);
        Ok(Server { runtime, sandbox })
    }

    fn ca(&self) -> Done<&str> {
        Ok(self.sandbox.ca_pem().ok_or("no authority")?)
    }

    /// Everything arrived, each once.
    fn holds(&self, entries: u64) -> Done<()> {
        match self.sandbox.prospects().len() as u64 {
            held if held == entries => Ok(()),
            held => Err(format!("the server holds {held} of {entries}").into()),
        }
    }
}

pub fn run(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let (mut single, mut many) = (Pair::default(), Pair::default());
    let batches = Profile::new("bench", "https://bank.example/").prospect.batch_max;
    for _ in 0..2 {
        let (folder, server) = (shelf.folder()?, Server::start()?);
        single.product.push(product(&folder, &server, 1, SINGLE)?);
        server.holds(SINGLE)?;
        let hand = Server::start()?;
        single.floor.push(floor(&folder, &hand)?);
        hand.holds(SINGLE)?;
    }
    for _ in 0..2 {
        let (folder, server) = (shelf.folder()?, Server::start()?);
        many.product.push(product(&folder, &server, batches, MANY)?);
        server.holds(MANY)?;
    }
    many.floor.clone_from(&single.floor);
    report.add("drain_one_by_one", "entries/s", Goal::RatioAtLeast(0.95), single);
    report.add("drain_batches", "entries/s", Goal::RatioAtLeast(20.0), many);
    Ok(())
}

/// Entries a second.
fn rate(entries: u64, time: Duration) -> f64 {
    entries as f64 / time.as_secs_f64()
}

fn product(folder: &TempDir, server: &Server, batch_max: usize, entries: u64) -> Done<f64> {
    let mut profile = Profile::new("bench", server.sandbox.base_url());
    server.ca()?.clone_into(&mut profile.roots_pem);
    profile.prospect.batch_max = batch_max;
    let setup = Setup::real(&folder.path().join("product"), profile)?;
    let satchel = setup.signed_in()?;
    satchel.link_changed(Link::Unmetered);
    for n in 0..entries {
        setup.clock.pass();
        wait(satchel.add(sample::typed(n), None))?;
    }
    let (time, drained) = timed(|| wait(satchel.drain(DEADLINE)));
    let drained = drained?;
    wait(satchel.lock())?;
    if drained.sent != entries as i64 {
        return Err(format!("{drained:?}").into());
    }
    let look = book::open(&setup.file()?, None)?;
    // For the floor's twin: the rows as they were when they waited.
    look.execute_batch(
        "UPDATE outbox SET state = 'ready', attempt = 0, sent = NULL, receipt = NULL;
        UPDATE prospect SET code = NULL, base = NULL, unsent = 1, acked = 0",
    )?;
    Ok(rate(entries, time))
}

/// The same entries by hand, from a book of its own.
fn floor(folder: &TempDir, server: &Server) -> Done<f64> {
    let setup = Setup::canned(&folder.path().join("product"), Path::new(""))?;
    let product = book::open(&setup.file()?, None)?;
    let mut db = book::create(&folder.path().join("floor.db"), None)?;
    let saving = Saving::new(&db)?;
    for saved in newest_saves(&product, SINGLE)? {
        saving.save(&mut db, &saved)?;
    }
    let line = Line::new(server.sandbox.root_url(), server.ca()?)?;
    let ids: Vec<i64> = db
        .prepare("SELECT id FROM outbox ORDER BY id")?
        .query_map([], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let (time, done) = timed(|| ids.iter().try_for_each(|id| send(&mut db, &line, server, *id)));
    done?;
    Ok(rate(ids.len() as u64, time))
}

/// Every field of an upload, in the contract's order.
const FIELDS: [&str; 24] = [
    "Age",
    "BizStatusID",
    "Code",
    "CollateralStatusID",
    "CreateDateClient",
    "CustComment",
    "ExpectOnBoardDate",
    "GenderID",
    "LoanEligibleID",
    "NameEn",
    "NameKh",
    "Phone",
    "PromotionDate1",
    "PromotionDate2",
    "PromotionDate3",
    "ProspectClientID",
    "ProspectStatusID",
    "ReferByID",
    "ReferName",
    "RegisterDate",
    "VillageID",
    "IsOldCust",
    "OccupationType",
    "COCommends",
];

/// Look; the intent, durable; the call; the outcome, durable.
fn send(db: &mut Connection, line: &Line, server: &Server, entry: i64) -> Done<()> {
    let look = "SELECT p.id, p.local, p.search_key, o.lane FROM outbox AS o JOIN prospect AS p
                ON o.lane = 'prospect:' || p.id WHERE o.id = ?1 AND o.state = 'ready'";
    let (id, local, key, lane): (i64, String, String, String) =
        db.prepare_cached(look)?.query_row([entry], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;

    let tx = book::begin(db)?;
    tx.prepare_cached(
        "UPDATE outbox SET state = 'sending', attempt = 1, sent = ?2, sent_rev = 1, since = 1, since_wall = 1,
                sent_wall = 1 WHERE id = ?1 AND state = 'ready'",
    )?
    .execute(params![entry, local])?;
    tx.prepare_cached("REPLACE INTO feed (subject) VALUES (?1)")?.execute([&lane])?;
    tx.commit()?;

    let body = seal::seal(&upload(id, &local)?)?;
    let reply = server.runtime.block_on(line.post("ProspectAddV2", &body))?;
    let code = code(&seal::open(&reply)?, id)?;

    let receipt = json!({ "code": code, "by": "reply" }).to_string();
    let (names, _) = key.rsplit_once('\n').ok_or("no key")?;
    let tx = book::begin(db)?;
    tx.prepare_cached(
        "UPDATE outbox SET state = 'done', receipt = ?2, since = 2, since_wall = 2 WHERE id = ?1 AND state = 'sending'",
    )?
    .execute(params![entry, receipt])?;
    tx.prepare_cached(
        "UPDATE prospect SET code = ?2, base = ?3, acked = 1, unsent = 0, search_key = ?4 WHERE id = ?1",
    )?
    .execute(params![id, code, local, format!("{names}\n{code}")])?;
    tx.prepare_cached("REPLACE INTO feed (subject) VALUES (?1)")?.execute([&lane])?;
    Ok(tx.commit()?)
}

fn upload(id: i64, local: &str) -> Done<String> {
    let local: Map<String, Value> = serde_json::from_str(local)?;
    let mut fields = Map::new();
    for name in FIELDS {
        let value = match name {
            "ProspectClientID" => Value::from(id.to_string()),
            _ => local.get(name).cloned().unwrap_or(Value::from("")),
        };
        fields.insert(name.to_owned(), value);
    }
    Ok(json!({ "ProspectDataList": [fields] }).to_string())
}

/// The code that the reply gives to that prospect.
fn code(reply: &[u8], id: i64) -> Done<String> {
    let reply: Value = serde_json::from_slice(reply)?;
    let entry = &reply[0]["ProspectAddSMSRS"][0];
    let ours = entry["ProspectClientID"] == id.to_string().as_str() && entry["ERR"] == "Succeed";
    match entry["Code"].as_str() {
        Some(code) if ours => Ok(code.to_owned()),
        _ => Err("another answer than success".into()),
    }
}
