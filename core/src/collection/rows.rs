//! Late payers and what was recorded of them, as they lie in the book.

use super::model::{CollectionResult, ResultFields, ResultStage, Task};
use crate::error::{Error, Result};
use crate::record::{CollectionResultId, TaskId};
use crate::text::search_key::{digits, search_key};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

/// A late payer's row.
pub(super) struct TaskRow {
    pub id: TaskId,
    pub task: Task,
    pub gone: bool,
}

const TASK: &str = "id, fields, raw, life = 'gone'";

type RawTask = (TaskId, String, String, bool);

fn raw_task(r: &Row<'_>) -> rusqlite::Result<RawTask> {
    Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
}

fn decoded((id, fields, raw, gone): RawTask) -> Result<TaskRow> {
    Ok(TaskRow { id, task: Task { raw, ..serde_json::from_str(&fields)? }, gone })
}

/// One of them.
///
/// # Errors
/// `NotFound`; `StoreDamaged` in `row`.
pub(super) fn task(conn: &Connection, id: TaskId) -> Result<TaskRow> {
    let sql = format!("SELECT {TASK} FROM task WHERE id = ?1");
    let found = conn.prepare_cached(&sql)?.query_row([id], raw_task).optional()?;
    decoded(found.ok_or(Error::NotFound { what: "task" })?)
}

/// All whose search key holds that text; the numbers of those that cannot be read beside them.
pub(super) fn tasks(conn: &Connection, gone: bool, key: &str) -> Result<(Vec<TaskRow>, Vec<TaskId>)> {
    let sql = format!(
        "SELECT {TASK} FROM task WHERE (?1 OR life = 'listed') AND (?2 = '' OR instr(search_key, ?2) > 0) ORDER BY place, id"
    );
    let (mut rows, mut damaged) = (vec![], vec![]);
    let mut found = conn.prepare_cached(&sql)?;
    for raw in found.query_map(params![gone, key], raw_task)? {
        let raw = raw?;
        let id = raw.0;
        match decoded(raw) {
            Ok(row) => rows.push(row),
            Err(_) => damaged.push(id),
        }
    }
    Ok((rows, damaged))
}

/// Writes a late payer as the list has her now. `None`: as she was; `Some(true)`: she is new.
pub(super) fn put(tx: &Transaction<'_>, task: &Task, place: i64) -> Result<(TaskId, Option<bool>)> {
    let sql = "SELECT id, raw = ?2 AND life = 'listed', place FROM task WHERE contract = ?1";
    let known = tx.prepare_cached(sql)?.query_row([&task.contract, &task.raw], |r| {
        Ok((r.get::<_, TaskId>(0)?, r.get::<_, bool>(1)?, r.get::<_, i64>(2)?))
    });
    let written = || {
        let fields = serde_json::to_string(task).map_err(|_| Error::internal("task"))?;
        Ok::<_, Error>((fields, key_of(task)))
    };
    match known.optional()? {
        Some((id, true, at)) => {
            if at != place {
                tx.prepare_cached("UPDATE task SET place = ?2 WHERE id = ?1")?.execute(params![id, place])?;
            }
            Ok((id, None))
        }
        Some((id, false, _)) => {
            let (fields, key) = written()?;
            let sql = "UPDATE task SET place = ?2, fields = ?3, raw = ?4, search_key = ?5, life = 'listed' WHERE id = ?1";
            tx.prepare_cached(sql)?.execute(params![id, place, fields, task.raw, key])?;
            Ok((id, Some(false)))
        }
        None => {
            let (fields, key) = written()?;
            let sql = "INSERT INTO task (contract, place, fields, raw, search_key, life)
                       VALUES (?1, ?2, ?3, ?4, ?5, 'listed')";
            tx.prepare_cached(sql)?.execute(params![task.contract, place, fields, task.raw, key])?;
            Ok((TaskId(tx.last_insert_rowid()), Some(true)))
        }
    }
}

fn key_of(task: &Task) -> String {
    let phones: Vec<String> = task.phones.iter().map(|phone| digits(phone)).collect();
    let texts = [&task.name, &task.contact, &task.address, &task.contract, &task.customer];
    search_key(texts.into_iter().chain(&phones).map(String::as_str))
}

/// Those that the book takes for listed.
pub(super) fn listed(conn: &Connection) -> Result<Vec<TaskId>> {
    let mut ids = conn.prepare_cached("SELECT id FROM task WHERE life = 'listed' ORDER BY id")?;
    Ok(ids.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// A whole list lacks her.
pub(super) fn set_gone(tx: &Transaction<'_>, id: TaskId) -> Result<()> {
    tx.prepare_cached("UPDATE task SET life = 'gone' WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// Something that was recorded, as it lies here.
pub(super) struct ResultRow {
    pub id: CollectionResultId,
    pub task: TaskId,
    pub fields: ResultFields,
    pub revision: i64,
    pub stage: ResultStage,
    pub made_wall: i64,
}

impl ResultRow {
    pub fn shown(self, unsent: bool) -> CollectionResult {
        let ResultRow { id, task, fields, stage, made_wall, .. } = self;
        CollectionResult { id, task, fields, stage, made_wall, unsent }
    }
}

const RESULT: &str = "id, task, fields, revision, life, made_wall";

type RawResult = (CollectionResultId, TaskId, String, i64, ResultStage, i64);

fn raw_result(r: &Row<'_>) -> rusqlite::Result<RawResult> {
    Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
}

fn read((id, task, fields, revision, stage, made_wall): RawResult) -> Result<ResultRow> {
    Ok(ResultRow { id, task, fields: serde_json::from_str(&fields)?, revision, stage, made_wall })
}

/// One of them.
///
/// # Errors
/// `NotFound`; `StoreDamaged` in `row`.
pub(super) fn result(conn: &Connection, id: CollectionResultId) -> Result<ResultRow> {
    let sql = format!("SELECT {RESULT} FROM collection_result WHERE id = ?1");
    let found = conn.prepare_cached(&sql)?.query_row([id], raw_result).optional()?;
    read(found.ok_or(Error::NotFound { what: "collection_result" })?)
}

/// What was recorded of one late payer, or of all, oldest first. What cannot be read is left out: `result` says so.
pub(super) fn results(conn: &Connection, task: Option<TaskId>) -> Result<Vec<ResultRow>> {
    let sql = format!("SELECT {RESULT} FROM collection_result WHERE ?1 IS NULL OR task = ?1 ORDER BY id");
    let mut rows = conn.prepare_cached(&sql)?;
    let found = rows.query_map([task], raw_result)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().filter_map(|raw| read(raw).ok()).collect())
}

fn json(fields: &ResultFields) -> Result<String> {
    serde_json::to_string(fields).map_err(|_| Error::internal("result"))
}

/// A new one.
pub(super) fn insert(
    tx: &Transaction<'_>,
    task: TaskId,
    fields: &ResultFields,
    wall: i64,
) -> Result<CollectionResultId> {
    let sql = "INSERT INTO collection_result (task, fields, revision, life, made_wall) VALUES (?1, ?2, 1, 'live', ?3)";
    tx.prepare_cached(sql)?.execute(params![task, json(fields)?, wall])?;
    Ok(CollectionResultId(tx.last_insert_rowid()))
}

/// What the officer has changed.
pub(super) fn set_fields(tx: &Transaction<'_>, id: CollectionResultId, fields: &ResultFields) -> Result<()> {
    let sql = "UPDATE collection_result SET fields = ?2, revision = revision + 1 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(params![id, json(fields)?])?;
    Ok(())
}

/// See [`ResultStage`].
pub(super) fn set_stage(tx: &Transaction<'_>, id: CollectionResultId, stage: ResultStage) -> Result<()> {
    let sql = "UPDATE collection_result SET life = ?2 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(params![id, stage])?;
    Ok(())
}
