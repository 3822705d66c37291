use super::*;
use flate2::{Compression, write::ZlibEncoder};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::io::Write as _;

const SEED: &[u8] = include_bytes!("../../tests/data/seed.pdf");

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Objects 1 and up, under a table; object 1 is the catalogue.
fn with_table(objects: &[&str], extra: &str) -> Vec<u8> {
    let (mut out, mut table) = (String::from("%PDF-1.4\n"), String::new());
    for (number, object) in (1..).zip(objects) {
        writeln!(table, "{:010} 00000 n ", out.len()).unwrap();
        writeln!(out, "{number} 0 obj\n{object}\nendobj").unwrap();
    }
    let (start, size) = (out.len(), objects.len() + 1);
    write!(out, "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R{extra}>>\n")
        .unwrap();
    write!(out, "startxref\n{start}\n%%EOF\n").unwrap();
    out.into_bytes()
}

fn stream(out: &mut Vec<u8>, number: u32, dict: &str, body: &[u8]) -> usize {
    let at = out.len();
    write!(out, "{number} 0 obj\n<<{dict}/Filter/FlateDecode/Length {}>>stream\n", body.len()).unwrap();
    out.extend_from_slice(body);
    out.extend_from_slice(b"\nendstream\nendobj\n");
    at
}

/// Catalogue, tree and page in an object stream, found through a cross-reference stream; `prediction` as PNG's "up".
fn with_streams(prediction: bool, packed: Option<Vec<u8>>) -> Vec<u8> {
    let parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R>>",
    ];
    let index = format!("1 0 2 {} 3 {} ", parts[0].len() + 1, parts[0].len() + parts[1].len() + 2);
    let packed = packed.unwrap_or_else(|| deflated(format!("{index}{}", parts.join(" ")).as_bytes()));
    let mut out = b"%PDF-1.5\n".to_vec();
    let objects = stream(&mut out, 4, &format!("/Type/ObjStm/N 3/First {}", index.len()), &packed);
    let start = out.len();
    let row = |kind: u8, at: usize, third: u8| [kind, (at >> 8) as u8, at as u8, third];
    let rows = [row(0, 0, 0), row(2, 4, 0), row(2, 4, 1), row(2, 4, 2), row(1, objects, 0), row(1, start, 0)];
    let mut above = [0; 4];
    let data: Vec<u8> = rows
        .iter()
        .flat_map(|row| {
            let up: Vec<u8> = row.iter().zip(above).map(|(a, b)| a.wrapping_sub(b)).collect();
            above = *row;
            if prediction { [&[2][..], &up].concat() } else { row.to_vec() }
        })
        .collect();
    let parms = if prediction { "/DecodeParms<</Predictor 12/Columns 4>>" } else { "" };
    stream(&mut out, 5, &format!("/Type/XRef/Size 6/W[1 2 1]/Root 1 0 R{parms}"), &deflated(&data));
    write!(out, "startxref\n{start}\n%%EOF").unwrap();
    out
}

const CATALOGUE: &str = "<</Type/Catalog/Pages 2 0 R>>";
const PAGE: &str = "<</Type/Page/Parent 2 0 R/Contents (a \\) ( nested ) string)>>";

fn three_pages() -> Vec<u8> {
    let inner = "<</Type/Pages/Kids[5 0 R 6 0 R]/Count 2/Parent 2 0 R>>";
    with_table(&[CATALOGUE, "<</Type/Pages/Kids [3 0 R 4 0 R]/Count 99>>", PAGE, inner, PAGE, PAGE], "")
}

#[test]
fn pages_are_counted_in_every_form() {
    assert_eq!(pdf(SEED), Ok(Pdf { pages: 1 }));
    assert_eq!(pdf(&three_pages()), Ok(Pdf { pages: 3 }));
    assert_eq!(pdf(&with_streams(false, None)), Ok(Pdf { pages: 1 }));
    assert_eq!(pdf(&with_streams(true, None)), Ok(Pdf { pages: 1 }));
    assert_eq!(pdf(&[b"some mail header\n", &three_pages()[..]].concat()), Ok(Pdf { pages: 3 }));
}

#[test]
fn an_update_at_the_end_holds() {
    let mut file = three_pages();
    let older = file.windows(4).position(|w| w == b"xref").unwrap();
    let at = file.len();
    write!(file, "2 0 obj\n<</Type/Pages/Kids [3 0 R]>>\nendobj\n").unwrap();
    let start = file.len();
    write!(file, "xref\n2 1\n{at:010} 00000 n \ntrailer\n<</Size 7/Root 1 0 R/Prev {older}>>\nstartxref\n{start}\n%%EOF\n")
        .unwrap();
    assert_eq!(pdf(&file), Ok(Pdf { pages: 1 }));
    for end in at + 1..file.len() - 1 {
        assert_eq!(pdf(&file[..end]), Err(Fault::CutShort), "cut at {end}");
    }
}

#[test]
fn no_beginning_is_taken_for_the_whole() {
    for file in [SEED.to_vec(), three_pages(), with_streams(false, None), with_streams(true, None)] {
        let whole = file.trim_ascii_end().len();
        (0..whole).for_each(|end| assert!(pdf(&file[..end]).is_err(), "cut at {end} of {whole}"));
        assert!(pdf(&file[..whole]).is_ok());
    }
    let web = with_table(&["<</Linearized 1/L 4000>>"], "");
    assert_eq!(pdf(&web), Err(Fault::CutShort));
}

#[test]
fn what_cannot_be_sent_says_why() {
    assert_eq!(pdf(b""), Err(Fault::Empty));
    assert_eq!(pdf(b"\xff\xd8\xff\xe0"), Err(Fault::NotAPicture(crate::Kind::Jpeg)));
    let locked = with_table(&[CATALOGUE, "<</Type/Pages/Kids[3 0 R]>>", PAGE], "/Encrypt 9 0 R");
    assert_eq!(pdf(&locked), Err(Fault::EncryptedPdf));
    assert_eq!(pdf(&with_table(&[CATALOGUE, "<</Type/Pages/Kids[]/Count 0>>"], "")), Err(Fault::NoPages));
    assert_eq!(pdf(&with_table(&[CATALOGUE], "")), Err(Fault::Damaged("PDF reference")));
    assert!(matches!(pdf(&with_table(&["<</Type/Catalog>>"], "")), Err(Fault::Damaged(_))));
}

#[test]
fn bombs_end_early() {
    let loops = with_table(&[CATALOGUE, "<</Type/Pages/Kids[2 0 R]>>"], "");
    assert_eq!(pdf(&loops), Err(Fault::Bomb("PDF page tree")));
    let deep = with_table(&[&"[".repeat(100_000), PAGE], "");
    assert_eq!(pdf(&deep), Err(Fault::Bomb("PDF nesting")));
    let packed = deflated(&vec![b' '; 200 << 20]);
    assert!(packed.len() < 300_000);
    assert_eq!(pdf(&with_streams(false, Some(packed))), Err(Fault::Bomb("PDF stream")));
    let wide = with_table(&[&format!("[{}]", "1 ".repeat(300_000)), PAGE], "");
    assert_eq!(pdf(&wide), Err(Fault::Bomb("PDF items")));
    let mut round = three_pages();
    let at = round.windows(4).position(|w| w == b"xref").unwrap();
    let trailer = round.windows(5).position(|w| w == b"/Root").unwrap();
    round.splice(trailer..trailer, format!("/Prev {at}").into_bytes());
    assert_eq!(pdf(&round), Err(Fault::Bomb("PDF sections")));
    let endless = String::from_utf8(three_pages()).unwrap().replace("0 7\n", "0 4000000000000\n");
    assert!(pdf(endless.as_bytes()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn damaged_files_are_read_or_refused_without_harm(
        form in 0usize..4,
        hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut file = match form {
            0 => SEED[7800..].to_vec(),
            1 => three_pages(),
            form => with_streams(form == 2, None),
        };
        if form == 0 {
            file = [&SEED[..7500], &file[..]].concat();
        }
        for (at, byte) in hits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = pdf(&file);
    }
}
