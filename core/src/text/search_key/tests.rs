use super::*;
use proptest::prelude::*;
use unicode_normalization::is_nfc;

const ZERO_WIDTH: [char; 6] = ['\u{200B}', '\u{200C}', '\u{200D}', '\u{FEFF}', '\u{2060}', '\u{A0}'];

fn same(a: &str, b: &str) {
    assert_eq!(normalise(a), normalise(b), "{} / {}", a.escape_unicode(), b.escape_unicode());
}

fn differ(a: &str, b: &str) {
    assert_ne!(normalise(a), normalise(b), "{} / {}", a.escape_unicode(), b.escape_unicode());
}

#[test]
fn a_zero_width_space_anywhere_changes_nothing() {
    let name: Vec<char> = "សុខា".chars().collect();
    for at in 0..=name.len() {
        let mut typed = name.clone();
        typed.insert(at, '\u{200B}');
        same(&String::from_iter(typed), "សុខា");
    }
}

#[test]
fn the_orders_a_syllable_is_typed_in_have_one_key() {
    same("ស្ត្រី", "ស្រ្តី"); // COENG TA, COENG RO in either order
    same("ស្ត្រី", "ស្រី្ត"); // a vowel before the last letter below
    same("ស្ត្រី", "ស្ដ្រី"); // DA below is drawn as TA
    same("ញ៉ែម", "ញែ៉ម"); // shifter and vowel
    same("កុំ", "ក\u{17C6}\u{17BB}"); // sign and vowel
    same("ធម៌", "ធម\u{17CC}"); // robat
    same("ខ្មែរ", "ខែ្មរ"); // a vowel before the letter below
    same("ក\u{17DD}\u{17D2}ត", "ក\u{17D2}ត\u{17DD}"); // a combining class of its own
}

#[test]
fn vowels_of_two_parts_are_one() {
    same("ក\u{17C1}\u{17B8}", "ក\u{17BE}");
    same("ក\u{17B8}\u{17C1}", "ក\u{17BE}");
    same("ក\u{17C1}\u{17B6}", "ក\u{17C4}");
    same("ក\u{17B6}\u{17C1}", "ក\u{17C4}");
    same("ក\u{17BE}\u{17B6}", "ក\u{17C4}\u{17B8}");
    assert_eq!(normalise("ក\u{17C1}\u{17B8}"), "ក\u{17BE}");
    assert_eq!(normalise("ក\u{17C1}\u{17B6}"), "ក\u{17C4}");
}

#[test]
fn the_vowel_u_typed_for_a_shifter_is_the_shifter() {
    same("ស\u{17BB}\u{17B8}", "ស៊ី");
    same("ស\u{17B9}\u{17BB}ម", "ស៊ឹម");
    same("ម\u{17BB}\u{17C9}\u{17B7}ន", "ម៉ិន");
    same("ប\u{17BB}\u{17B7}ន", "ប៉ិន");
    same("ហ\u{17BB}\u{17B6}\u{17C6}", "ហ៊ាំ");
    assert_eq!(normalise("សុខុំ"), "សុខុំ", "no mark above but the sign: U is a vowel");
}

#[test]
fn different_names_stay_different() {
    differ("ដារ៉ា", "តារ៉ា"); // DA and TA on the line are two letters
    differ("សុខ", "សូខ");
    differ("កេ", "កែ");
    differ("ក្ក", "កក");
    differ("ប៉ា", "ប៊ា");
    differ("ក្យ្ក", "ក្ក្យ"); // the order of letters below, but for RO, is seen
    differ("Dara", "Dora");
    differ("០១២", "០១៣");
}

#[test]
fn digits_case_and_spaces() {
    same("០១២ ៣៤៥ ៦៧៨ ៩", "0123456789");
    same("PHA Dy", "pha dy");
    same("Straße", "STRASSE");
    same("ΟΔΟΣ", "οδος");
    same("José", "JOSE\u{301}");
    same(" មី ណា\t\u{3000}\r\n", "មីណា");
    assert_eq!(normalise("Pha dy"), "phady");
    assert_eq!(normalise("2947-1"), "2947-1", "codes keep their hyphen");
    assert_eq!(normalise("\u{17D2}\u{200B}\0\u{202E}"), "");
}

#[test]
fn a_mark_twice_counts_once_and_half_a_letter_below_not_at_all() {
    same("សី\u{17B8}", "សី");
    same("ស\u{17D2}", "ស");
    same("ស\u{17D2}\u{17D2}ត", "ស\u{17D2}ត");
    same("ក\u{17D2}\u{17B8}ត", "ក\u{17B8}ត");
}

#[test]
fn phone_digits() {
    assert_eq!(digits("០៩៦-852 (3147)\u{200B}"), "0968523147");
    assert_eq!(digits("+855 12"), "85512");
    assert_eq!(digits("none ៛ ²"), "");
}

#[test]
fn parts_do_not_run_together() {
    let key = search_key(["Pha dy", "ជា ឌី", "0968523147", "2947-1"]);
    assert_eq!(key, "phady\nជាឌី\n0968523147\n2947-1");
    assert!(!key.contains(&normalise("dy ជា")));
    assert_eq!(search_key([]), "");
}

/// Every character of the planes in use: stable, composed, nothing unseen left, growth bounded.
#[test]
fn every_character() {
    for c in ('\0'..='\u{3FFFF}').chain('\u{E0000}'..='\u{E0FFF}') {
        let text = c.to_string();
        let once = normalise(&text);
        assert_eq!(normalise(&once), once, "{}", c.escape_unicode());
        assert!(is_nfc(&once) && !once.contains(is_unseen), "{}", c.escape_unicode());
        assert!(once.len() <= 3 * text.len(), "{} grows to {}", c.escape_unicode(), once.len());
        // The iota drawn below (U+0345) stays the mark it is; upper case would make it a letter.
        if !text.nfd().any(|part| part == '\u{345}') {
            same(&text, &c.to_uppercase().to_string().to_lowercase());
        }
    }
}

#[test]
fn a_million_marks_on_one_letter_end_soon_and_do_not_grow() {
    let marks: String =
        ['\u{17B8}', '\u{17C1}', '\u{301}', '\u{17BB}', '\u{334}', '\u{17B6}'].iter().collect();
    let hostile = format!("ក{}", marks.repeat(170_000));
    assert!(normalise(&hostile).len() <= hostile.len());
    let below = format!("ក{}", "\u{17D2}ត\u{17D2}រ\u{17D2}".repeat(100_000));
    assert!(normalise(&below).len() <= below.len());
}

fn any_char() -> impl Strategy<Value = char> {
    prop_oneof![
        6 => proptest::char::range('\u{1780}', '\u{17E9}'),
        1 => Just('\u{17D2}'),
        1 => proptest::char::range('\u{300}', '\u{345}'),
        1 => proptest::char::range(' ', '~'),
        1 => proptest::sample::select(&ZERO_WIDTH[..]),
        1 => any::<char>(),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any_char(), 0..24).prop_map(String::from_iter)
}

fn letter() -> impl Strategy<Value = char> {
    proptest::char::range('\u{1780}', '\u{17A2}')
}

/// The pieces of one syllable: letters below, which keep their order among themselves, and marks, which need not.
fn pieces() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let below = letter()
        .prop_filter("RO has its own place", |&c| c != '\u{179A}')
        .prop_map(|c| format!("\u{17D2}{c}"));
    let mark = proptest::char::ranges(
        vec!['\u{17B6}'..='\u{17D1}', '\u{17D3}'..='\u{17D3}', '\u{17DD}'..='\u{17DD}'].into(),
    );
    let marks = proptest::collection::vec(mark.prop_map(String::from), 0..5);
    let ro = proptest::bool::ANY;
    (proptest::collection::vec(below, 0..3), marks, ro).prop_map(|(below, mut marks, ro)| {
        if ro {
            marks.push("\u{17D2}\u{179A}".to_owned());
        }
        (below, marks)
    })
}

fn syllable() -> impl Strategy<Value = String> {
    (letter(), pieces())
        .prop_map(|(base, (below, marks))| format!("{base}{}{}", below.concat(), marks.concat()))
}

proptest! {
    #[test]
    fn normalising_twice_is_normalising_once(text in any_text()) {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn equivalent_texts_have_one_key(text in any_text()) {
        let key = normalise(&text);
        prop_assert_eq!(normalise(&text.nfc().collect::<String>()), key.clone());
        prop_assert_eq!(normalise(&text.nfd().collect::<String>()), key.clone());
        prop_assert!(is_nfc(&key));
        prop_assert!(key.len() <= 3 * text.len());
    }

    #[test]
    fn the_order_of_the_pieces_of_a_syllable_does_not_matter(
        base in letter(),
        (below, marks) in pieces(),
        places in proptest::collection::vec(any::<proptest::sample::Index>(), 8),
    ) {
        let straight = format!("{base}{}{}", below.concat(), marks.concat());
        let mut mixed = below;
        for (mark, place) in marks.into_iter().zip(places) {
            mixed.insert(place.index(mixed.len() + 1), mark);
        }
        prop_assert_eq!(normalise(&format!("{base}{}", mixed.concat())), normalise(&straight));
    }

    #[test]
    fn what_cannot_be_seen_does_not_matter(
        text in any_text(),
        unseen in proptest::collection::vec(
            (any::<proptest::sample::Index>(), proptest::sample::select(&[' ', '\u{200B}', '\u{200C}', '\u{200D}', '\u{FEFF}', '\u{2060}', '\u{A0}', '\u{2003}'][..])), 1..6),
    ) {
        let mut chars: Vec<char> = text.chars().collect();
        for (place, c) in unseen {
            chars.insert(place.index(chars.len() + 1), c);
        }
        prop_assert_eq!(normalise(&String::from_iter(chars)), normalise(&text));
    }

    #[test]
    fn some_whole_syllables_are_found_in_the_whole(
        before in proptest::collection::vec(syllable(), 0..4),
        part in proptest::collection::vec(syllable(), 1..4),
        after in proptest::collection::vec(syllable(), 0..4),
    ) {
        let whole = [before, part.clone(), after].concat().concat();
        prop_assert!(normalise(&whole).contains(&normalise(&part.concat())));
    }

    #[test]
    fn digits_are_digits(text in any_text()) {
        prop_assert!(digits(&text).chars().all(|c| c.is_ascii_digit()));
        prop_assert_eq!(digits(&normalise(&text)), digits(&text));
    }
}
