//! The service's messages, exactly as its document writes them.

use super::Row;
use super::dates::Civil;
use crate::fields::Fields;
use crate::remote::Phrase;
use serde::{Deserialize, Serialize, Serializer};

/// The 24 fields of an upload, in the document's order.
pub const UPLOAD: [&str; 24] = [
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

/// The two fields that came with V1.0.1.
pub(super) const SINCE_1_0_1: [&str; 2] = ["OccupationType", "COCommends"];

/// Fields that hold a date-time.
pub(super) const DATES: [&str; 6] = [
    "CreateDateClient",
    "ExpectOnBoardDate",
    "PromotionDate1",
    "PromotionDate2",
    "PromotionDate3",
    "RegisterDate",
];

/// The 25 fields of a downloaded row, in the document's order.
const DOWNLOAD: [&str; 25] = [
    "Code",
    "CreateDateClient",
    "RegisterDate",
    "ReferByID",
    "ReferName",
    "NameKh",
    "NameEn",
    "GenderID",
    "Age",
    "Phone",
    "VillageID",
    "BizStatusID",
    "CollateralStatusID",
    "LoanEligibleID",
    "PromotionDate1",
    "PromotionDate2",
    "PromotionDate3",
    "CustComment",
    "ExpectOnBoardDate",
    "ProspectStatusID",
    "CustServerID",
    "IsOldCust",
    "FromSystemID",
    "OccupationType",
    "COCommends",
];

/// What a request asks for.
pub(super) enum Ask {
    Add(Vec<Fields>),
    Reject(String),
    Get(String),
}

#[derive(Deserialize)]
struct AddRequest {
    #[serde(rename = "ProspectDataList")]
    list: Vec<Fields>,
}

#[derive(Deserialize)]
struct RejectRequest {
    #[serde(rename = "ProspectCode")]
    code: String,
}

#[derive(Deserialize)]
struct GetRequest {
    #[serde(rename = "criteriaValue")]
    code: String,
}

/// Reads a request. An upload must carry at least one entry, and every entry every field of its version.
pub(super) fn read(endpoint: &str, text: &str, v1_0_0: bool) -> Option<Ask> {
    match endpoint {
        "ProspectAddV2" => {
            let list = serde_json::from_str::<AddRequest>(text).ok()?.list;
            let entries: Option<Vec<Fields>> = list.iter().map(|given| whole(given, v1_0_0)).collect();
            entries.filter(|entries| !entries.is_empty()).map(Ask::Add)
        }
        "ProspectReject" => serde_json::from_str::<RejectRequest>(text).ok().map(|ask| Ask::Reject(ask.code)),
        "ProspectGetV2" => serde_json::from_str::<GetRequest>(text).ok().map(|ask| Ask::Get(ask.code)),
        _ => None,
    }
}

/// The known fields of an entry in the document's order; none if one is missing. Unknown ones are dropped.
fn whole(given: &Fields, v1_0_0: bool) -> Option<Fields> {
    let mut fields = Fields::new();
    for name in UPLOAD.into_iter().filter(|name| !(v1_0_0 && SINCE_1_0_1.contains(name))) {
        let (_, value) = given.iter().find(|(n, _)| *n == name)?;
        fields.set(name, value);
    }
    Some(fields)
}

/// One entry of the reply to an upload.
#[derive(Clone, Serialize)]
pub(super) struct AddEntry {
    #[serde(rename = "ERR")]
    pub err: &'static str,
    #[serde(rename = "SMS")]
    pub sms: String,
    #[serde(rename = "ProspectClientID")]
    pub client_id: String,
    #[serde(rename = "Code")]
    pub code: String,
}

#[derive(Serialize)]
struct AddReply<'a> {
    #[serde(rename = "ProspectAddSMSRS")]
    entries: Option<&'a [AddEntry]>,
    #[serde(rename = "ERR")]
    err: &'static str,
    #[serde(rename = "SMS")]
    sms: &'a str,
    #[serde(rename = "ERRCode")]
    code: Option<&'a str>,
}

#[derive(Serialize)]
struct PlainReply<'a> {
    #[serde(rename = "ERR")]
    err: &'static str,
    #[serde(rename = "SMS")]
    sms: &'a str,
    #[serde(rename = "ERRCode")]
    code: &'a str,
}

#[derive(Serialize)]
struct GetReply<'a> {
    #[serde(flatten)]
    plain: PlainReply<'a>,
    #[serde(rename = "DataList")]
    rows: Option<Vec<Shown<'a>>>,
}

pub(super) const SUCCEED: &str = "Succeed";
pub(super) const ERROR: &str = "Error";
pub(super) const NOT_FOUND: &str = "Code is not found";

/// The reply to an executed upload; the document's success has a null `ERRCode` here and here alone.
pub(super) fn added(entries: &[AddEntry], err: &'static str) -> String {
    let (sms, code) = if err == SUCCEED { ("", None) } else { ("Validation failed", Some("")) };
    list(&AddReply { entries: Some(entries), err, sms, code })
}

/// The reply to an executed reject.
pub(super) fn rejected(found: bool) -> String {
    let (err, sms) = if found { (SUCCEED, "") } else { (ERROR, NOT_FOUND) };
    list(&PlainReply { err, sms, code: "" })
}

/// The reply to a download.
pub(super) fn downloaded<'a>(rows: impl Iterator<Item = &'a Row>, v1_0_0: bool) -> String {
    let plain = PlainReply { err: SUCCEED, sms: "", code: "" };
    list(&GetReply { plain, rows: Some(rows.map(|row| Shown { row, v1_0_0 }).collect()) })
}

/// The reply to a download of a code that is not there, from a server that calls this an error.
pub(super) fn nothing_to_download() -> String {
    list(&GetReply { plain: PlainReply { err: ERROR, sms: NOT_FOUND, code: "" }, rows: None })
}

/// An error reply in the shape of the endpoint.
pub(super) fn failed(endpoint: &str, phrase: Phrase) -> String {
    let (sms, code) = match phrase {
        Phrase::Invalid | Phrase::Failure(_) => ("(00002) Invalid request", ""),
        Phrase::SessionExpired => ("Session is invalid or expired", "00009"),
    };
    match endpoint {
        "ProspectAddV2" => list(&AddReply { entries: None, err: ERROR, sms, code: Some(code) }),
        "ProspectGetV2" => list(&GetReply { plain: PlainReply { err: ERROR, sms, code }, rows: None }),
        _ => list(&PlainReply { err: ERROR, sms, code }),
    }
}

/// Every reply is a list of one.
fn list(reply: &impl Serialize) -> String {
    serde_json::to_string(&[reply]).unwrap_or_default()
}

/// A row as a download shows it.
struct Shown<'a> {
    row: &'a Row,
    v1_0_0: bool,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let names = DOWNLOAD.into_iter().filter(|name| !(self.v1_0_0 && SINCE_1_0_1.contains(name)));
        s.collect_map(names.map(|name| (name, shown(self.row, name))))
    }
}

fn shown(row: &Row, name: &str) -> String {
    match name {
        "Code" => row.code.clone(),
        "CustServerID" => String::new(),
        "FromSystemID" => "1".to_owned(),
        name if name.starts_with("PromotionDate") => slashed(row.fields.get(name), Civil::midnight),
        name if DATES.contains(&name) => slashed(row.fields.get(name), |civil| civil),
        name => row.fields.get(name).to_owned(),
    }
}

fn slashed(text: &str, cut: impl Fn(Civil) -> Civil) -> String {
    Civil::read(text).map_or_else(String::new, |civil| cut(civil).download())
}
