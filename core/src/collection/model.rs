//! What the app sees: late payers, and what was recorded of them.

use crate::outbox::entry::words;
use crate::prospect::shows;
use crate::record::{CollectionResultId, TaskId};
use crate::text::amount::Amount;
use jiff::civil::{Date, DateTime};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

/// A late payer as the bank lists her. Texts are kept as sent; the names here say what a field holds, which the service's
/// own names do not always do. What is missing is empty or `None`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Task {
    /// `contract_no`: the contract, and what a result is recorded under.
    pub contract: String,
    /// `name`: who owes.
    pub name: String,
    /// `contract_person`: whom to speak to.
    pub contact: String,
    /// `address`.
    pub address: String,
    /// `branch_name`.
    pub branch: String,
    /// `marketing_name`: the colleague who sold the contract.
    pub seller: String,
    /// `phone1` to `phone4`, those that hold something.
    pub phones: Vec<String>,
    /// `overdue`: how far it is overdue, as the bank counts (the document does not say in what).
    pub overdue: Option<i64>,
    /// `installmentNumber`: the amount of an installment, for that is what it holds.
    pub installment: Option<Amount>,
    /// `total_installmentNumber`: how many installments there are, for that is what it holds.
    pub installments: Option<i64>,
    /// `dueDate_Installment`.
    pub due: Option<Date>,
    /// `payment_methode`.
    pub payment_method: String,
    /// `description_assets`: what was financed.
    pub assets: String,
    /// `customer_code`.
    pub customer: String,
    /// `installment_amount`: null in the document's samples.
    pub installment_amount: Option<Amount>,
    /// `penalty`.
    pub penalty: Option<Amount>,
    /// `total_amount`: what is to be paid now.
    pub total: Option<Amount>,
    /// `osar`: the outstanding receivable.
    pub outstanding: Option<Amount>,
    /// `lastpaid_amount`.
    pub last_paid: Option<Amount>,
    /// `lastpaid_duedate`: when what was paid last had been due.
    pub last_paid_due: Option<Date>,
    /// `lastpaid_tenor`: which installment was paid last.
    pub last_paid_installment: Option<i64>,
    /// `lastpaid_paymentdate`.
    pub last_paid_on: Option<Date>,
    /// `product`.
    pub product: String,
    /// `flag_dedicated`, as sent.
    pub dedicated: String,
    /// Fields that hold something which is not of their form (an amount with an exponent, a date that is none), by their
    /// names on the wire. They are `None` here; `raw` has what was sent.
    pub unread: Vec<String>,
    /// The whole row as the bank sent it, JSON, unknown fields too.
    #[serde(skip)]
    pub raw: String,
}
shows!(Task {});

/// What the officer records of a visit or a call.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ResultFields {
    /// `result_code`: how it ended, from the profile's list. Required.
    pub result: String,
    /// `action_code`: what was done, from the profile's list. Required.
    pub action: String,
    /// `remark`: at most 255 characters.
    pub remark: String,
    /// `collection_date`: when she was visited or called, civil time of the profile's zone; `None`: now.
    pub collected: Option<DateTime>,
    /// `promise_date`: when she has promised to pay.
    pub promised: Option<Date>,
    /// `period`: which installments it is about, 0 to 999.
    pub period: i64,
}
shows!(ResultFields {});

words! {
    /// Where something that was recorded stands as a record, whatever its entry does.
    ResultStage {
        /// Recorded; not at the bank yet, as far as is known.
        Live = "live",
        /// The bank has it.
        Delivered = "delivered",
        /// Taken back before it left, or given up.
        Withdrawn = "withdrawn",
    }
}

/// Something that was recorded.
#[derive(Clone, PartialEq, Eq)]
pub struct CollectionResult {
    /// Its number.
    pub id: CollectionResultId,
    /// Of whom.
    pub task: TaskId,
    /// What was recorded. `collected` is always there.
    pub fields: ResultFields,
    /// Where it stands.
    pub stage: ResultStage,
    /// When it was recorded, unix ms.
    pub made_wall: i64,
    /// It has not been settled with the bank.
    pub unsent: bool,
}
shows!(CollectionResult { id, task, stage, made_wall, unsent });

/// The last thing that was recorded of a late payer on this tablet.
#[derive(Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub id: CollectionResultId,
    /// `result_code`.
    pub result: String,
    /// When she was visited or called.
    pub collected: DateTime,
    /// When she promised to pay.
    pub promised: Option<Date>,
}
shows!(Recorded { id });

/// A late payer with what was recorded of her here.
#[derive(Clone, PartialEq, Eq)]
pub struct TaskListed {
    /// Her number.
    pub id: TaskId,
    /// As the bank lists her.
    pub task: Task,
    /// The bank's last list lacks her: she has paid, or is another's task now.
    pub gone: bool,
    /// What was recorded last and not taken back.
    pub last: Option<Recorded>,
    /// Something was recorded of her today.
    pub today: bool,
    /// How much of what was recorded of her is not settled with the bank.
    pub unsent: i64,
}
shows!(TaskListed { id, gone, today, unsent });
