//! One order for the pieces of a Khmer syllable.
//!
//! A syllable is a base letter and what is drawn around it: letters below (each after a COENG), a register shifter,
//! vowels, signs. The drawing hides the order they were typed in, so the same name is stored in several orders.
//! Here each syllable gets the order of the Khmer encoding structure: robat, letters below (RO last), shifter,
//! vowel before, below, above, after, signs, final signs.

/// Makes the letter after it one that hangs below.
const COENG: char = '\u{17D2}';
const DA: char = '\u{178A}';
const TA: char = '\u{178F}';
const RO: char = '\u{179A}';
const BA: char = '\u{1794}';

const AA: char = '\u{17B6}';
const II: char = '\u{17B8}';
const U: char = '\u{17BB}';
const E: char = '\u{17C1}';
const OE: char = '\u{17BE}';
const OO: char = '\u{17C4}';
const NIKAHIT: char = '\u{17C6}';
const MUUSIKATOAN: char = '\u{17C9}';
const TRIISAP: char = '\u{17CA}';

/// Where a piece stands in its syllable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Robat,
    Below,
    BelowRo,
    Shifter,
    VowelBefore,
    VowelBelow,
    VowelAbove,
    VowelAfter,
    Sign,
    FinalSign,
    /// A mark with a combining class of its own, of any script; these keep Unicode's canonical order.
    Combining(u8),
}

/// A mark or a letter below. `rank` orders within a place: by code point where the drawing hides the typed order,
/// 0 where it shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Piece {
    place: Place,
    rank: char,
    letter: char,
}

enum Kind {
    Coeng,
    Letter,
    Mark(Place),
    Other,
}

fn kind(c: char) -> Kind {
    Kind::Mark(match c {
        COENG => return Kind::Coeng,
        '\u{1780}'..='\u{17B3}' => return Kind::Letter,
        AA => Place::VowelAfter,
        '\u{17B7}'..='\u{17BA}' => Place::VowelAbove,
        U..='\u{17BD}' => Place::VowelBelow,
        OE..='\u{17C5}' => Place::VowelBefore,
        '\u{17C7}' | '\u{17C8}' => Place::FinalSign,
        MUUSIKATOAN | TRIISAP => Place::Shifter,
        '\u{17CC}' => Place::Robat,
        NIKAHIT | '\u{17CB}' | '\u{17CD}'..='\u{17D1}' | '\u{17D3}' => Place::Sign,
        _ => match unicode_normalization::char::canonical_combining_class(c) {
            0 => return Kind::Other,
            class => Place::Combining(class),
        },
    })
}

/// Takes characters one by one and writes each syllable, in order, once the next one begins.
///
/// Memory: the pieces of one syllable. Time: linear, but for the stable sort of one syllable's pieces.
#[derive(Default)]
pub(super) struct Syllables {
    out: String,
    base: Option<char>,
    pieces: Vec<Piece>,
    /// A COENG was read and its letter not yet.
    coeng: bool,
}

impl Syllables {
    /// The next character: canonically decomposed, visible.
    pub(super) fn push(&mut self, c: char) {
        let below = std::mem::take(&mut self.coeng);
        match kind(c) {
            // A COENG without a letter is half a key stroke: what it was to hang below is not known. It is left out.
            Kind::Coeng => self.coeng = true,
            Kind::Letter if below => self.hang_below(c),
            Kind::Mark(place) => {
                // Unicode's canonical order may put such marks between a COENG and its letter.
                self.coeng = below && matches!(place, Place::Combining(_));
                self.mark(place, c);
            }
            Kind::Letter | Kind::Other => {
                self.flush();
                self.base = Some(c);
            }
        }
    }

    /// Everything pushed, in order.
    pub(super) fn finish(mut self) -> String {
        self.flush();
        self.out
    }

    fn hang_below(&mut self, letter: char) {
        // DA and TA are drawn alike below.
        let letter = if letter == DA { TA } else { letter };
        let place = if letter == RO { Place::BelowRo } else { Place::Below };
        self.pieces.push(Piece { place, rank: '\0', letter });
    }

    fn mark(&mut self, place: Place, c: char) {
        let rank = if matches!(place, Place::Combining(_)) { '\0' } else { c };
        match c {
            // Vowels of two parts come apart here and together in `join_vowels`: one form, whichever way typed.
            OE => [E, II].into_iter().for_each(|part| self.add(part)),
            OO => [E, AA].into_iter().for_each(|part| self.add(part)),
            _ => self.pieces.push(Piece { place, rank, letter: c }),
        }
    }

    fn add(&mut self, mark: char) {
        let place = match mark {
            E | OE | OO => Place::VowelBefore,
            II => Place::VowelAbove,
            AA => Place::VowelAfter,
            _ => Place::Shifter,
        };
        self.pieces.push(Piece { place, rank: mark, letter: mark });
    }

    fn has(&self, letter: char) -> bool {
        self.pieces.iter().any(|p| p.letter == letter)
    }

    fn remove(&mut self, letter: char) {
        self.pieces.retain(|p| p.letter != letter);
    }

    fn flush(&mut self) {
        if self.pieces.len() > 1 {
            self.join_vowels();
            self.mend_shifter();
            self.pieces.sort_by_key(|p| (p.place, p.rank));
            // A mark typed twice is drawn over itself.
            self.pieces.dedup();
        }
        self.out.extend(self.base.take());
        for piece in self.pieces.drain(..) {
            if matches!(piece.place, Place::Below | Place::BelowRo) {
                self.out.push(COENG);
            }
            self.out.push(piece.letter);
        }
    }

    fn join_vowels(&mut self) {
        for (right, whole) in [(AA, OO), (II, OE)] {
            if self.has(E) && self.has(right) {
                self.remove(E);
                self.remove(right);
                self.add(whole);
            }
        }
    }

    /// Under a mark above, a shifter is drawn as the vowel U, and many type U. No syllable has U and a vowel above,
    /// so there U is a shifter: TRIISAP for SA, HA and QA (no BA beside them), else MUUSIKATOAN.
    fn mend_shifter(&mut self) {
        let above = |p: &Piece| {
            p.place == Place::VowelAbove || matches!(p.letter, OE | '\u{17BF}' | '\u{17D0}' | '\u{17DD}')
        };
        let crowded = self.pieces.iter().any(above) || (self.has(AA) && self.has(NIKAHIT));
        if !crowded || !self.has(U) {
            return;
        }
        let letters = || self.base.into_iter().chain(self.pieces.iter().map(|p| p.letter));
        let triisap = letters().any(|c| matches!(c, '\u{179F}' | '\u{17A0}' | '\u{17A2}'));
        let shifter = if triisap && !letters().any(|c| c == BA) { TRIISAP } else { MUUSIKATOAN };
        self.remove(U);
        self.add(shifter);
    }
}
