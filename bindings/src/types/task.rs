//! Late payers, and what is recorded of them.

use super::instant;
use super::prospect::{CivilDate, CivilDateTime, civil_day};
use crate::error::SatchelError;
use satchel::collection::{self as core, ResultStage};
use satchel::text::amount::Amount as Exact;
use satchel::world::Secret;
use std::time::SystemTime;

/// An amount of money, exactly: at most 18 digits, and 4 more behind the point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Amount(pub String);
uniffi::custom_newtype!(Amount, String);

impl From<Exact> for Amount {
    fn from(amount: Exact) -> Self {
        Amount(amount.to_string())
    }
}

/// The officer's secrets for the collection service. Opaque: no text form shows any of them.
#[derive(uniffi::Object)]
pub struct CollectionSecrets(core::CollectionSecrets);

#[uniffi::export]
impl CollectionSecrets {
    /// User name and password of HTTP Basic, and the HashKey that each result is hashed with. They are checked by `signIn`.
    #[uniffi::constructor]
    pub fn new(user: String, password: String, hash_key: String) -> Self {
        CollectionSecrets(core::CollectionSecrets {
            user: Secret::new(user),
            password: Secret::new(password),
            hash_key: Secret::new(hash_key),
        })
    }
}

impl CollectionSecrets {
    pub(crate) fn core(&self) -> core::CollectionSecrets {
        self.0.clone()
    }
}

/// Which late payers. Everything given must hold.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct TaskQuery {
    /// Part of a name, an address, a phone number, a contract or a customer's code, as the officer types it.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// Overdue at least so far.
    #[uniffi(default = None)]
    pub overdue_from: Option<i64>,
    /// At least so much is to be paid.
    #[uniffi(default = None)]
    pub total_from: Option<Amount>,
    /// Only who has (or has not) promised here to pay.
    #[uniffi(default = None)]
    pub promised: Option<bool>,
    /// Only of this branch.
    #[uniffi(default = None)]
    pub branch: Option<String>,
    /// Only of whom something recorded has (or has not) not been settled with the bank.
    #[uniffi(default = None)]
    pub unsent: Option<bool>,
    /// Those too that the bank no longer lists.
    #[uniffi(default = false)]
    pub include_gone: bool,
    /// Go on after that page: its `next`.
    #[uniffi(default = None)]
    pub after: Option<String>,
    /// The most late payers of the page: 1 to 500.
    #[uniffi(default = 50)]
    pub limit: i32,
}

impl TaskQuery {
    pub(crate) fn core(self) -> Result<core::TaskQuery, SatchelError> {
        let total_from = self.total_from.map(|Amount(text)| text.parse::<Exact>()).transpose();
        Ok(core::TaskQuery {
            text: self.text,
            overdue_from: self.overdue_from,
            total_from: total_from.map_err(|_| SatchelError::form("total_from", "a decimal amount"))?,
            promised: self.promised,
            branch: self.branch,
            unsent: self.unsent,
            include_gone: self.include_gone,
            after: self.after.map(|after| after.parse()).transpose()?,
            limit: usize::try_from(self.limit).unwrap_or(0),
        })
    }
}

/// A page of late payers.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct TaskPage {
    /// In the order of visiting: whose promise has come, then who is furthest overdue and owes most, then who has promised
    /// for later, last those of whom something was recorded today.
    pub items: Vec<TaskListed>,
    /// Where the next page begins; nothing after the last.
    pub next: Option<String>,
    /// How many fit the query, on all pages.
    pub count: i64,
    /// What they are to pay together, exactly; nothing where that is too large for an exact sum.
    pub total: Option<Amount>,
    /// Those that belong here and cannot be decoded. They are still in the book.
    pub damaged: Vec<i64>,
}

/// A late payer with what was recorded of her on this tablet. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct TaskListed {
    /// Her number in this book.
    pub id: i64,
    /// As the bank lists her.
    pub task: CollectionTask,
    /// The bank's last list lacks her: she has paid, or is another's task now.
    pub gone: bool,
    /// What was recorded last and not taken back.
    pub last: Option<Recorded>,
    /// Something was recorded of her today.
    pub today: bool,
    /// How much of what was recorded of her is not settled with the bank.
    pub unsent: i64,
}

/// A late payer as the bank lists her. Personal data. Texts are kept as sent; what is missing is empty or nothing.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct CollectionTask {
    /// The contract, and what a result is recorded under (`contract_no`).
    pub contract: String,
    /// Who owes (`name`).
    pub name: String,
    /// Whom to speak to (`contract_person`).
    pub contact: String,
    /// `address`.
    pub address: String,
    /// `branch_name`.
    pub branch: String,
    /// The colleague who sold the contract (`marketing_name`).
    pub seller: String,
    /// Those of `phone1` to `phone4` that hold something.
    pub phones: Vec<String>,
    /// How far it is overdue, as the bank counts (`overdue`).
    pub overdue: Option<i64>,
    /// The amount of an installment (`installmentNumber`, for that is what it holds).
    pub installment: Option<Amount>,
    /// How many installments there are (`total_installmentNumber`, for that is what it holds).
    pub installments: Option<i64>,
    /// `dueDate_Installment`.
    pub due: Option<CivilDate>,
    /// `payment_methode`.
    pub payment_method: String,
    /// What was financed (`description_assets`).
    pub assets: String,
    /// `customer_code`.
    pub customer: String,
    /// `installment_amount`: null in the bank's samples.
    pub installment_amount: Option<Amount>,
    /// `penalty`.
    pub penalty: Option<Amount>,
    /// What is to be paid now (`total_amount`).
    pub total: Option<Amount>,
    /// The outstanding receivable (`osar`).
    pub outstanding: Option<Amount>,
    /// `lastpaid_amount`.
    pub last_paid: Option<Amount>,
    /// When what was paid last had been due (`lastpaid_duedate`).
    pub last_paid_due: Option<CivilDate>,
    /// Which installment was paid last (`lastpaid_tenor`).
    pub last_paid_installment: Option<i64>,
    /// `lastpaid_paymentdate`.
    pub last_paid_on: Option<CivilDate>,
    /// `product`.
    pub product: String,
    /// `flag_dedicated`, as sent.
    pub dedicated: String,
    /// Fields that hold something which is not of their form, by their names on the wire: nothing here, as sent in `raw`.
    pub unread: Vec<String>,
    /// The whole row as the bank sent it, JSON.
    pub raw: String,
}

/// The last thing that was recorded of a late payer on this tablet.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Recorded {
    /// Its number.
    pub id: i64,
    /// The code of how it ended.
    pub result: String,
    /// When she was visited or called.
    pub collected: CivilDateTime,
    /// When she promised to pay.
    pub promised: Option<CivilDate>,
}

/// What the officer records of a visit or a call. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ResultFields {
    /// How it ended, a code of the profile's list (`result_code`). Required.
    pub result: String,
    /// What was done, a code of the profile's list (`action_code`). Required.
    pub action: String,
    /// At most 255 characters (`remark`).
    #[uniffi(default = "")]
    pub remark: String,
    /// When she was visited or called; nothing: now (`collection_date`).
    #[uniffi(default = None)]
    pub collected: Option<CivilDateTime>,
    /// When she has promised to pay (`promise_date`).
    #[uniffi(default = None)]
    pub promised: Option<CivilDate>,
    /// Which installments it is about, 0 to 999 (`period`).
    #[uniffi(default = 0)]
    pub period: i64,
}

impl ResultFields {
    pub(crate) fn core(self) -> Result<core::ResultFields, SatchelError> {
        let bad = |_| SatchelError::form("collected", "a civil date-time");
        Ok(core::ResultFields {
            result: self.result,
            action: self.action,
            remark: self.remark,
            collected: self.collected.map(|at| at.0.parse().map_err(bad)).transpose()?,
            promised: self.promised.map(|day| civil_day(&day, "promised")).transpose()?,
            period: self.period,
        })
    }
}

/// Where something that was recorded stands as a record, whatever waits to be sent.
#[uniffi::remote(Enum)]
pub enum ResultStage {
    /// Recorded; not at the bank yet, as far as is known.
    Live,
    /// The bank has it.
    Delivered,
    /// Taken back before it left, or given up.
    Withdrawn,
}

/// Something that was recorded. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct CollectionResult {
    /// Its number in this book.
    pub id: i64,
    /// Of whom.
    pub task: i64,
    /// What was recorded. `collected` is always there.
    pub fields: ResultFields,
    /// Where it stands.
    pub stage: ResultStage,
    /// When it was recorded.
    pub made_at: SystemTime,
    /// It has not been settled with the bank.
    pub unsent: bool,
}

impl From<core::TaskPage> for TaskPage {
    fn from(page: core::TaskPage) -> Self {
        TaskPage {
            items: page.items.into_iter().map(TaskListed::from).collect(),
            next: page.next.map(|next| next.to_string()),
            count: super::count(page.count as u64),
            total: page.total.map(Amount::from),
            damaged: page.damaged.into_iter().map(|id| id.0).collect(),
        }
    }
}

impl From<core::TaskListed> for TaskListed {
    fn from(l: core::TaskListed) -> Self {
        let last = l.last.map(|last| Recorded {
            id: last.id.0,
            result: last.result,
            collected: last.collected.into(),
            promised: last.promised.map(CivilDate::from),
        });
        TaskListed { id: l.id.0, task: l.task.into(), gone: l.gone, last, today: l.today, unsent: l.unsent }
    }
}

impl From<core::Task> for CollectionTask {
    fn from(t: core::Task) -> Self {
        CollectionTask {
            contract: t.contract,
            name: t.name,
            contact: t.contact,
            address: t.address,
            branch: t.branch,
            seller: t.seller,
            phones: t.phones,
            overdue: t.overdue,
            installment: t.installment.map(Amount::from),
            installments: t.installments,
            due: t.due.map(CivilDate::from),
            payment_method: t.payment_method,
            assets: t.assets,
            customer: t.customer,
            installment_amount: t.installment_amount.map(Amount::from),
            penalty: t.penalty.map(Amount::from),
            total: t.total.map(Amount::from),
            outstanding: t.outstanding.map(Amount::from),
            last_paid: t.last_paid.map(Amount::from),
            last_paid_due: t.last_paid_due.map(CivilDate::from),
            last_paid_installment: t.last_paid_installment,
            last_paid_on: t.last_paid_on.map(CivilDate::from),
            product: t.product,
            dedicated: t.dedicated,
            unread: t.unread,
            raw: t.raw,
        }
    }
}

impl From<core::CollectionResult> for CollectionResult {
    fn from(r: core::CollectionResult) -> Self {
        let fields = ResultFields {
            result: r.fields.result,
            action: r.fields.action,
            remark: r.fields.remark,
            collected: r.fields.collected.map(CivilDateTime::from),
            promised: r.fields.promised.map(CivilDate::from),
            period: r.fields.period,
        };
        CollectionResult {
            id: r.id.0,
            task: r.task.0,
            fields,
            stage: r.stage,
            made_at: instant(r.made_wall),
            unsent: r.unsent,
        }
    }
}
