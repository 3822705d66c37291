//! Made-up prospects: the same number is always the same person.

use satchel::prospect::{Field, FieldChange};
use serde_json::{Value, json};

const FIRST: [&str; 24] = [
    "Dara", "Sophea", "Bopha", "Chan", "Rithy", "Sreymom", "Vanna", "Kosal", "Pisey", "Makara", "Nary",
    "Phirun", "Ratana", "Samnang", "Thida", "Veasna", "Kunthea", "Borey", "Chenda", "Davuth", "Malis",
    "Oudom", "Sovann", "Tola",
];
const LAST: [&str; 20] = [
    "Sok", "Chea", "Kim", "Ly", "Meas", "Nhem", "Ouk", "Pen", "Prak", "Ros", "Sam", "Seng", "Tep", "Thach",
    "Uch", "Van", "Yim", "Yos", "Heng", "Keo",
];
const KHMER_FIRST: [&str; 12] =
    ["ដារ៉ា", "សុភា", "បុប្ផា", "ចាន់", "រិទ្ធី", "ស្រីមុំ", "វណ្ណា", "កុសល", "ពិសី", "មករា", "ណារី", "ភិរុណ"];
const KHMER_LAST: [&str; 10] = ["សុខ", "ជា", "គឹម", "លី", "មាស", "ញ៉ែម", "អ៊ុក", "ប៉ែន", "ប្រាក់", "រស់"];

/// Found in one person of a book, in its middle.
pub const RARE: &str = "quixote";
/// Found in one person in twenty-four, all over the list.
pub const COMMON: &str = "dara";
/// The status of one person in ten.
pub const STATUS: &str = "7";
/// The branch of one person in five.
pub const BRANCH: &str = "0304";

/// Scatters numbers, so that neighbours by number are none by name.
fn mixed(n: u64) -> usize {
    let mut z = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 8) as usize
}

fn pick<'a>(from: &[&'a str], n: usize) -> &'a str {
    from[n % from.len()]
}

/// What a person is called, in both scripts, and the phone.
fn called(n: u64) -> [String; 3] {
    let m = mixed(n);
    let tail = char::from(b'a' + (m / 7919 % 26) as u8);
    let latin = format!("{} {}{tail}{}", pick(&LAST, m), pick(&FIRST, m / 31), m / 977 % 1000);
    let khmer = format!("{} {}", pick(&KHMER_LAST, m / 13), pick(&KHMER_FIRST, m / 101));
    [latin, khmer, format!("0{}{:07}", 10 + m % 89, m / 211 % 10_000_000)]
}

/// What an officer types: people whom no download of ours brings.
pub fn typed(n: u64) -> Vec<FieldChange> {
    let [latin, khmer, phone] = called(n + 10_000_000);
    let day = 1 + n % 28;
    [
        (Field::NameEn, latin.as_str()),
        (Field::NameKh, &khmer),
        (Field::Phone, &phone),
        (Field::Gender, "FEMALE"),
        (Field::Age, "34"),
        (Field::Status, "2"),
        (Field::BusinessStatus, "1"),
        (Field::CollateralStatus, "1"),
        (Field::LoanEligible, "1"),
        (Field::OldCustomer, "0"),
        (Field::Village, "03070105"),
        (Field::ReferBy, "AMK"),
        (Field::ReferName, " មី ណា"),
        (Field::Occupation, "ធ្វើការក្រុមហ៊ុន"),
        (Field::OfficerComment, "រង់ចាំ"),
        (Field::RegisteredAt, &format!("2021-02-{day:02} 10:21:00.000")),
        (Field::ExpectOnBoard, &format!("2021-03-{day:02} 23:59:00.000")),
        (Field::Promotion1, &format!("2021-02-{day:02} 00:00:00.000")),
    ]
    .into_iter()
    .map(|(field, text)| FieldChange::text(field, text))
    .collect()
}

/// A row of a download of `of` people.
pub fn row(n: u64, of: u64) -> Value {
    let [mut latin, khmer, phone] = called(n);
    if n == of / 2 {
        latin = format!("Don {RARE}");
    }
    let (day, branch) = (1 + n % 28, 3 + n / 10 % 5);
    let status = if n.is_multiple_of(10) { STATUS } else { "2" };
    json!({
        "Code": format!("{}-{}", 1000 + n / 50, n % 50),
        "CreateDateClient": format!("2/{day}/2021 {}:{:02}:{:02} PM", 1 + n / 3600 % 12, n / 60 % 60, n % 60),
        "RegisterDate": format!("2/{day}/2021 10:21:00 AM"), "ReferByID": "AMK", "ReferName": " មី ណា",
        "NameKh": khmer, "NameEn": latin, "GenderID": "MALE", "Age": "26", "Phone": phone,
        "VillageID": format!("03{branch:02}{:04}", n % 1000), "BizStatusID": "1", "CollateralStatusID": "1",
        "LoanEligibleID": "1", "PromotionDate1": format!("2/{day}/2021 12:00:00 AM"),
        "PromotionDate2": format!("2/{day}/2021 12:00:00 AM"), "PromotionDate3": "", "CustComment": "",
        "ExpectOnBoardDate": format!("3/{day}/2021 11:59:00 PM"), "ProspectStatusID": status, "CustServerID": "",
        "IsOldCust": "0", "FromSystemID": "1", "OccupationType": "ធ្វើការក្រុមហ៊ុន", "COCommends": "រង់ចាំ",
    })
}
