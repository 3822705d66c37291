//! The tasks that an officer starts with, and tasks made in numbers.

use super::model::Members;
use serde_json::Value;

/// The two tasks of the document's sample.
const SAMPLES: &str = include_str!("samples.json");

/// The most tasks that are made at once.
pub const MOST: usize = 100_000;

pub(super) fn samples() -> Vec<Members> {
    serde_json::from_str(SAMPLES).unwrap_or_default()
}

/// A task to lay others' members over: the sample's first.
pub(super) fn usual() -> Members {
    samples().into_iter().next().unwrap_or_default()
}

/// A made-up `contract_no`, the same for the same number.
pub(super) fn contract(n: u64) -> String {
    format!("{:015}", 919_000_000_001 + n)
}

/// A made-up task, the same for the same number. What it does not set stays as it is in `task`.
pub(super) fn made(mut task: Members, n: u64) -> Members {
    let mut set = |name: &str, text: String| task.set(name, Value::String(text));
    let pick = |list: &[&str], by: u64| list[((n / by) % list.len() as u64) as usize].to_owned();
    let day = 1 + n % 27;
    let (installment, penalty) = (150_000_000 + n * 3_700_025 % 3_000_000_000, n * 1_234_575 % 900_000_000);
    let phone = |of: u64| format!("08{:010}", 1_100_000_000 + (n * 4 + of) * 7919 % 8_000_000_000);
    set("contract_no", contract(n));
    set("name", format!("{} {}", pick(&FIRST, 1), pick(&LAST, FIRST.len() as u64)));
    set("contract_person", if n.is_multiple_of(3) { pick(&PEOPLE, 3) } else { String::new() });
    set("address", format!("JL. {} NO. {}, {}", pick(&STREETS, 2), 1 + n % 199, pick(&TOWNS, 5)));
    set("branch_name", pick(&["JAKARTA 1", "JAKARTA 2", "MANADO", "MAKASSAR"], 7));
    set("marketing_name", pick(&PEOPLE, 4));
    set("phone1", phone(0));
    set("phone2", if n.is_multiple_of(2) { phone(1) } else { String::new() });
    set("overdue", (1 + n % 90).to_string());
    set("installmentNumber", amount(installment));
    set("total_installmentNumber", (12 + n % 49).to_string());
    set("dueDate_Installment", format!("2021-03-{day:02}"));
    set("payment_methode", pick(&["Transfer", "Giro/Cheq"], 1));
    set("description_assets", pick(&ASSETS, 3));
    set("customer_code", format!("C{:08}", 18_030_000 + n));
    set("penalty", amount(penalty));
    set("total_amount", amount(installment + penalty));
    set("osar", (installment / 100 * (3 + n % 40)).to_string());
    set("lastpaid_amount", amount(installment));
    set("lastpaid_duedate", format!("2/{day}/2021 12:00:00 AM"));
    set("lastpaid_tenor", (1 + n % 40).to_string());
    set("lastpaid_paymentdate", format!("2021-02-{:02}", day + 1));
    set("product", pick(&["CF - HEAVY EQUIPMENT BARU", "FL - HEAVY EQUIPMENT BARU"], 2));
    set("flag_dedicated", (n % 2).to_string());
    task
}

const FIRST: [&str; 9] =
    ["TRIJAYA", "PUTRA", "SINAR", "KARYA", "BINTANG", "MAJU", "CAHAYA", "SUMBER", "ANUGERAH"];
const LAST: [&str; 7] =
    ["KONSTRUKSI MEGAH", "MOROWALI SEJAHTERA", "ABADI", "MANDIRI", "JAYA", "MAKMUR", "LESTARI"];
const PEOPLE: [&str; 5] =
    ["JUWITA FIKA TYASTI", "PUTRA DWIYANA", "SITI RAHAYU", "AGUS SALIM", "DEWI LESTARI"];
const STREETS: [&str; 5] = ["SAWANGAN", "TRANS SULAWESI", "SUDIRMAN", "GATOT SUBROTO", "AHMAD YANI"];
const TOWNS: [&str; 5] = ["MANADO", "MOROWALI", "JAKARTA", "MAKASSAR", "SURABAYA"];
const ASSETS: [&str; 3] = ["DOOSAN EXCAVATOR DX300LCA", "VOLVO COMPACTOR SD110", "KOMATSU BULLDOZER D85"];

/// An amount as the service writes it, to the hundredth.
fn amount(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_tasks_have_the_samples_members_and_add_up() {
        let shape = |task: &Members| task.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
        let sample = usual();
        assert_eq!((samples().len(), shape(&sample).len()), (2, 27));
        let hundredths = |text: &str| text.replace('.', "").parse::<u64>().ok();
        for n in 0..2_000 {
            let task = made(usual(), n);
            assert_eq!(shape(&task), shape(&sample));
            assert!(task.iter().all(|(name, value)| value.is_string() || name == "installment_amount"));
            let of = |name| hundredths(task.text(name));
            assert_eq!(of("total_amount"), of("installmentNumber").zip(of("penalty")).map(|(a, b)| a + b));
            assert_eq!((task.text("contract_no").len(), task.text("phone1").len()), (15, 12));
            assert!(task == made(usual(), n));
        }
    }
}
