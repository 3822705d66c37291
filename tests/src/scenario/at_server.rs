//! The verbs of the sandbox: what goes wrong, what others do, and what the server saw.

use super::act::{field, number, text};
use super::{Player, Step, Told};
use satchel::prospect::{Field, Query};
use satchel::record::Record;
use satchel_sandbox::{Fault, LedgerEntry, Row};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Player {
    pub(super) async fn at_server(&mut self, step: &Step) -> Told {
        match step.verb.as_str() {
            "faults" => self.faults(step)?,
            "clear_faults" => self.sandbox.clear_faults(),
            "expire_session" => drop(self.sandbox.expire_session("dara")),
            "expire_session_after" => drop(self.sandbox.expire_session_after("dara", number(step, "calls")?)),
            "renew_session" => self.session = self.sandbox.renew_session("dara"),
            "elsewhere_insert" => {
                let code = self.sandbox.insert_as_other_device(wire_fields(&step.with)?);
                self.codes.insert(step.name.clone().ok_or("it needs `as`")?, code);
            }
            "elsewhere_edit" => {
                let code = self.code_of(step).await?;
                if !self.sandbox.edit_as_other_device(&code, wire_fields(&step.with)?) {
                    return Err("the server has no such code".to_owned());
                }
            }
            "elsewhere_reject" => {
                let code = self.code_of(step).await?;
                if !self.sandbox.reject_as_other_device(&code) {
                    return Err("the server has no such code".to_owned());
                }
            }
            "name" if step.with.contains_key("action") => self.find_action(step).await?,
            "name" => self.find(step).await?,
            "fired" => return Ok(json!(self.sandbox.fired())),
            "calls" => {
                return Ok(
                    json!({ "seen": self.sandbox.requests_seen(), "in_flight": self.sandbox.in_flight() }),
                );
            }
            "ledger" => return Ok(self.ledger()),
            "server" => return Ok(self.server(step)),
            other => return Err(format!("there is no verb `{other}`")),
        }
        Ok(json!({}))
    }

    fn faults(&self, step: &Step) -> Result<(), String> {
        let faults = step.with.get("faults").and_then(Value::as_array).ok_or("it needs a list `faults`")?;
        let faults: Vec<_> = faults.iter().map(Fault::from_json).collect::<Result<_, _>>()?;
        self.sandbox.set_faults(faults);
        Ok(())
    }

    /// Gives a name to the one prospect that a search finds: one that a download brought.
    async fn find(&mut self, step: &Step) -> Result<(), String> {
        let query = Query { text: Some(text(step, "text")?.to_owned()), ..Query::default() };
        let page = self.satchel.list(query).await.map_err(|e| e.to_string())?;
        let [found] = page.items.as_slice() else { return Err(format!("{} are found", page.items.len())) };
        self.gives_name(step, found.id)
    }

    /// What this tablet's calls did, by the names of the file, and in what order.
    fn ledger(&self) -> Value {
        let ledger = self.sandbox.ledger();
        let mut counts = BTreeMap::<&str, BTreeMap<String, u64>>::new();
        let mut order = vec![];
        for entry in ledger.iter().filter(|entry| entry.remote == "prospect" && entry.request != 0) {
            let (kind, name) = (entry.effect.kind.as_str(), self.name_in_ledger(&ledger, entry));
            *counts.entry(kind).or_default().entry(name.clone()).or_default() += 1;
            order.push(format!("{kind} {name}"));
        }
        let of = |kind: &str| counts.get(kind).cloned().unwrap_or_default();
        let most = of("create").values().copied().max().unwrap_or(0);
        json!({
            "creates": of("create"),
            "updates": of("update"),
            "rejects": of("reject"),
            "created": of("create").values().sum::<u64>(),
            "most_creates_of_one": most,
            "order": order,
        })
    }

    /// A create carries the tablet's own number; everything else the code that a create got.
    fn name_in_ledger(&self, ledger: &[LedgerEntry], entry: &LedgerEntry) -> String {
        if let Some((name, _)) = self.codes.iter().find(|(_, code)| **code == entry.effect.code) {
            return name.clone();
        }
        let create = ledger.iter().find(|e| e.effect.kind == "create" && e.effect.code == entry.effect.code);
        let number = create.and_then(|e| e.effect.client_ref.parse().ok());
        number.map_or_else(|| "?".to_owned(), |id| self.name_of(satchel::prospect::ProspectId(id)))
    }

    /// The server's rows that are not rejected: how many, and with `of` that prospect's.
    fn server(&self, step: &Step) -> Value {
        let rows = self.sandbox.prospects();
        let live = rows.iter().filter(|row| !row.rejected).count();
        let code = step.of.as_ref().and_then(|name| self.codes_of(name).into_iter().next());
        let row = code.and_then(|code| rows.iter().find(|row| row.code == code));
        json!({ "rows": live, "row": row.map(shown) })
    }

    /// The codes that the server gave to a prospect of the file.
    fn codes_of(&self, name: &str) -> Vec<String> {
        if let Some(code) = self.codes.get(name) {
            return vec![code.clone()];
        }
        let Some(id) = self.names.get(name).and_then(|record| record.prospect()) else { return vec![] };
        let ledger = self.sandbox.ledger();
        let mine = ledger.iter().filter(|e| {
            e.request != 0 && e.effect.kind == "create" && e.effect.client_ref == id.0.to_string()
        });
        mine.map(|e| e.effect.code.clone()).collect()
    }

    /// The code under which the server has a prospect of the file, known to the tablet or not; of an application, the
    /// number of the only one there.
    pub(super) fn code_at_server(&self, name: &str) -> Result<String, String> {
        let code = match self.names.get(name) {
            Some(Record::Application(_)) => self.sandbox.applications().into_iter().next().map(|one| one.id),
            _ => self.codes_of(name).into_iter().next(),
        };
        code.ok_or_else(|| format!("the server has no `{name}`"))
    }
}

fn shown(row: &Row) -> Value {
    let given = Field::ALL.into_iter().filter(|field| !row.get(field.wire()).is_empty());
    let fields: Map<_, _> =
        given.map(|field| (field.name().to_owned(), json!(row.get(field.wire())))).collect();
    json!({ "rejected": row.rejected, "fields": fields })
}

fn wire_fields(fields: &Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let pair = |(name, value): (&String, &Value)| {
        Ok((field(name)?.wire().to_owned(), value.as_str().unwrap_or_default().to_owned()))
    };
    fields.iter().map(pair).collect()
}
