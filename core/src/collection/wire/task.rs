//! A row of the list of tasks.

use crate::collection::model::Task;
use crate::json::{Object, whole};
use crate::text::civil::any_day;
use jiff::civil::Date;

/// The most bytes of a row, and of what stands between two.
pub const LONGEST: usize = 256 << 10;

/// The longest `contract_no`, in characters. (A result takes 25 of them: the desk says so.)
const LONGEST_CONTRACT: usize = 200;

/// It is there, and cannot be read: no object, a key twice, or no contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotATask;

/// Reads a row. Fields that are missing or not of their form cost no other.
///
/// # Errors
/// [`NotATask`].
pub fn task(json: &str) -> Result<Task, NotATask> {
    let row = Object::read(json.as_bytes()).ok_or(NotATask)?;
    let contract = row.text("contract_no").ok_or(NotATask)?;
    if contract.chars().nth(LONGEST_CONTRACT).is_some() || contract.chars().any(char::is_control) {
        return Err(NotATask);
    }
    let text = |name: &str| row.text(name).unwrap_or_default();
    let mut unread = vec![];
    let mut amount = |name| formed(&row, name, &mut unread, |text| text.parse().ok());
    let (installment, installment_amount) = (amount("installmentNumber"), amount("installment_amount"));
    let (penalty, total, outstanding) = (amount("penalty"), amount("total_amount"), amount("osar"));
    let last_paid = amount("lastpaid_amount");
    let mut number = |name| formed(&row, name, &mut unread, whole);
    let (overdue, installments) = (number("overdue"), number("total_installmentNumber"));
    let last_paid_installment = number("lastpaid_tenor");
    let mut day = |name| formed(&row, name, &mut unread, |text| -> Option<Date> { any_day(text) });
    let (due, last_paid_due) = (day("dueDate_Installment"), day("lastpaid_duedate"));
    let last_paid_on = day("lastpaid_paymentdate");
    Ok(Task {
        contract,
        name: text("name"),
        contact: text("contract_person"),
        address: text("address"),
        branch: text("branch_name"),
        seller: text("marketing_name"),
        phones: ["phone1", "phone2", "phone3", "phone4"]
            .into_iter()
            .filter_map(|name| row.text(name))
            .collect(),
        overdue,
        installment,
        installments,
        due,
        payment_method: text("payment_methode"),
        assets: text("description_assets"),
        customer: text("customer_code"),
        installment_amount,
        penalty,
        total,
        outstanding,
        last_paid,
        last_paid_due,
        last_paid_installment,
        last_paid_on,
        product: text("product"),
        dedicated: text("flag_dedicated"),
        unread,
        raw: json.to_owned(),
    })
}

/// The value of a field that has a form; what holds something else is named in `unread`.
fn formed<T>(
    row: &Object,
    name: &str,
    unread: &mut Vec<String>,
    read: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    // An object or a list is no text, and still something.
    let json = row.get(name)?;
    let text = row.text(name);
    let value = text.as_deref().and_then(read);
    if value.is_none() && (text.is_some() || json != "\"\"") {
        unread.push(name.to_owned());
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// The seed's first row.
    const SEED: &str = r#"{"contract_no":"000318270200055","name":"TRIJAYA KONSTRUKSI MEGAH","contract_person":"",
        "address":"JL. SAWANGAN","branch_name":"JAKARTA 1","marketing_name":"JUWITA FIKA TYASTI","phone1":"085340060088",
        "phone2":"","phone3":"","phone4":"","overdue":"5","installmentNumber":"29949000.00","total_installmentNumber":"54",
        "dueDate_Installment":"2021-03-20","payment_methode":"Transfer","description_assets":"DOOSAN EXCAVATOR DX300LCA",
        "customer_code":"C18030135","installment_amount":null,"penalty":"77312731.00","total_amount":"107261731.00",
        "osar":"1445252000","lastpaid_amount":"29949000.00","lastpaid_duedate":"2/20/2021 12:00:00 AM","lastpaid_tenor":"28",
        "lastpaid_paymentdate":"2021-02-22","product":"CF - HEAVY EQUIPMENT BARU","flag_dedicated":"1"}"#;

    #[test]
    fn the_seeds_row_is_read_by_what_its_fields_hold() {
        let row = task(SEED).expect("a row");
        assert_eq!(row.installment.map(|a| a.to_string()).as_deref(), Some("29949000.00"));
        assert_eq!((row.installments, row.overdue, row.last_paid_installment), (Some(54), Some(5), Some(28)));
        assert_eq!(row.outstanding.map(|a| a.to_string()).as_deref(), Some("1445252000"));
        assert_eq!((row.due, row.last_paid_due), (Some(date(2021, 3, 20)), Some(date(2021, 2, 20))));
        assert_eq!(row.last_paid_on, Some(date(2021, 2, 22)));
        assert_eq!((row.phones, row.installment_amount), (vec!["085340060088".to_owned()], None));
        assert!(row.unread.is_empty());
    }

    #[test]
    fn a_field_that_is_not_of_its_form_is_named_and_costs_no_other() {
        let row = task(
            r#"{"contract_no":17,"total_amount":"1,000.00","penalty":1e9,"osar":12.5,"overdue":"x","phone1":{},
                "dueDate_Installment":"3/20/2021 12:00:00 AM","lastpaid_duedate":"2021-02-20","lastpaid_paymentdate":"soon"}"#,
        )
        .expect("a row");
        assert_eq!(row.contract, "17");
        assert_eq!(row.outstanding.map(|a| a.to_string()).as_deref(), Some("12.5"));
        assert_eq!((row.due, row.last_paid_due), (Some(date(2021, 3, 20)), Some(date(2021, 2, 20))));
        assert_eq!(row.unread, ["penalty", "total_amount", "overdue", "lastpaid_paymentdate"]);
        assert_eq!((row.total, row.penalty, row.last_paid_on), (None, None, None));
    }

    #[test]
    fn what_has_no_contract_is_no_task() {
        for json in [
            "{}",
            "[]",
            "7",
            r#"{"contract_no":""}"#,
            r#"{"contract_no":null}"#,
            r#"{"contract_no":"1","contract_no":"2"}"#,
        ] {
            assert_eq!(task(json), Err(NotATask), "{json}");
        }
    }
}
