//! The download, read as it comes.

use super::{Pieces, byte, loose, unwrapped};
use satchel::prospect::wire::{
    Downloaded, Item, ROW_BYTES, ReadFailure, Tail, Unreadable, read_rows, upload,
};
use satchel::prospect::{Field, Fields, Kind, ProspectId};
use satchel::text::civil;
use serde_json::Value;

type Row = Result<Downloaded, Unreadable>;
type Read = (Vec<Row>, Result<Tail, &'static str>);

pub(super) fn download(mut data: &[u8]) {
    let (first, second) = (byte(&mut data), byte(&mut data));
    let whole = read(data, &[255]);
    let (rows, tail) = &whole;
    assert!(read(data, &[first, second]) == whole, "in pieces as whole");
    let held: usize = rows.iter().flatten().map(texts).sum();
    assert!(held <= 2 * data.len(), "rows are no longer than what they were made of");
    assert!(rows.iter().flatten().all(|row| texts(row) <= ROW_BYTES));
    let stopped = read_rows(data, |_| Err(()));
    assert_eq!(matches!(stopped, Err(ReadFailure::Stopped(()))), !rows.is_empty(), "it stops at the first");
    if let (Ok(tail), Ok(reply)) = (tail, serde_json::from_slice::<Value>(data)) {
        as_it_stands(rows, tail, unwrapped(&reply));
    }
    rows.iter().flatten().for_each(|row| there_and_back(&row.fields));
    there_and_back(&filled(data));
}

fn read(data: &[u8], lengths: &[u8]) -> Read {
    let mut rows = vec![];
    let tail = read_rows(Pieces::of(data, lengths), |row| {
        rows.push(row);
        Ok::<_, ()>(())
    });
    let tail = tail.map_err(|failure| match failure {
        ReadFailure::Undecodable => "undecodable",
        ReadFailure::Broken(_) | ReadFailure::Stopped(()) => panic!("nothing broke off"),
    });
    (rows, tail)
}

fn texts(row: &Downloaded) -> usize {
    let fields: usize = Field::ALL.into_iter().map(|field| row.fields.get(field).len()).sum();
    fields + row.code.len() + row.server.customer_server_id.len() + row.server.from_system_id.len()
}

/// Every value is the one that a reader of any JSON finds there.
fn as_it_stands(rows: &[Row], tail: &Tail, reply: &Value) {
    assert_eq!(Some(&tail.err), loose(reply.get("ERR")).as_ref());
    assert_eq!(Some(&tail.sms), loose(reply.get("SMS")).as_ref());
    let list = reply["DataList"].as_array();
    assert_eq!(rows.len(), list.map_or(0, Vec::len));
    assert!(list.is_some() || !tail.succeeded(), "a success without its list is none");
    for (row, said) in rows.iter().zip(list.into_iter().flatten()) {
        let row = match row {
            Ok(row) => row,
            Err(Unreadable { code: None }) => continue,
            Err(Unreadable { code }) => {
                assert_eq!(*code, loose(said.get("Code")), "its own code or none");
                continue;
            }
        };
        assert_eq!(Some(&row.code), loose(said.get("Code")).as_ref());
        for field in Field::ALL {
            assert_eq!(row.unsaid.contains(&field), said.get(field.wire()).is_none());
            let (took, said) = (row.fields.get(field), loose(said.get(field.wire())).expect("a text"));
            let dated = matches!(field.kind(), Kind::DateTime | Kind::Day);
            let at = civil::parse_upload(&said).or_else(|_| civil::parse_download(&said));
            match at {
                Ok(at) if dated => {
                    let kept = civil::parse_upload(took).expect("in the canonical form");
                    assert_eq!(at.with().subsec_nanosecond(0).build().ok(), Some(kept));
                }
                _ => assert_eq!(took, said),
            }
        }
    }
}

/// What a tablet sends comes back as it was, were the service to return it letter by letter.
fn there_and_back(fields: &Fields) {
    let item = Item { id: ProspectId(17), code: Some("2947-1"), fields };
    let sent: Value = serde_json::from_slice(&upload(&[item], false).expect("a body")).expect("JSON");
    let reply = serde_json::json!([{ "DataList": sent["ProspectDataList"], "ERR": "Succeed" }]);
    let (rows, tail) = read(reply.to_string().as_bytes(), &[16]);
    let large = reply.to_string().len() >= ROW_BYTES;
    assert!(large || tail.is_ok_and(|tail| tail.succeeded()));
    for row in rows.into_iter().flatten() {
        assert!(row.fields.differing(fields).next().is_none() && row.unsaid.is_empty());
        let kept = serde_json::to_string(&row.fields).expect("JSON");
        assert!(serde_json::from_str::<Fields>(&kept).is_ok_and(|again| again == row.fields));
    }
}

/// The bytes as the texts of a form.
fn filled(data: &[u8]) -> Fields {
    let mut fields = Fields::default();
    for (field, text) in Field::ALL.into_iter().zip(data.split(|byte| *byte == 0)) {
        fields.set(field, String::from_utf8_lossy(text));
    }
    fields
}
