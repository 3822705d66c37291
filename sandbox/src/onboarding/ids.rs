//! The numbers the service gives out. They follow from how many came before; the first ones are those of the
//! document's samples.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ids {
    applications: u64,
    entities: u64,
    parties: u64,
    actions: u64,
    requirements: u64,
    documents: u64,
}

/// So many codes of seven digits and capitals there are.
const CODES: u128 = 36_u128.pow(7);
/// So many numbers of ten digits there are.
const PARTIES: u128 = 10_u128.pow(10);
const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

impl Ids {
    /// `3X88WLM` and the like.
    pub fn application(&mut self) -> String {
        let mut rest = spread(next(&mut self.applications), 8_539_583_242, 48_271_000_003, CODES);
        let mut code = [0_u8; 7];
        for place in code.iter_mut().rev() {
            *place = DIGITS[(rest % 36) as usize];
            rest /= 36;
        }
        code.iter().map(|digit| char::from(*digit)).collect()
    }

    /// `1778258145` and the like; ten digits, the first may be a zero.
    pub fn party(&mut self) -> String {
        format!("{:010}", spread(next(&mut self.parties), 1_778_258_145, 9_297_734_094, PARTIES))
    }

    /// `60fe1abbdecbb711d1e76620` and the like: what an application is called as an `EntityId`. No reply shows it.
    pub fn entity(&mut self) -> String {
        format!("{:024x}", 0x60fe_1abb_decb_b711_d1e7_6620_u128 + next(&mut self.entities) * 0x40)
    }

    /// `60fe1b7edecbb711d1e76641` and the like.
    pub fn action(&mut self) -> String {
        format!("{:024x}", 0x60fe_1b7e_decb_b711_d1e7_6641_u128 + next(&mut self.actions))
    }

    /// `CA202243101763` and the like.
    pub fn requirement(&mut self) -> String {
        format!("CA{}", 202_243_101_763 + next(&mut self.requirements))
    }

    /// `3b18b79d-2fd5-4197-844b-87be10302a3e` and the like: a random UUID to look at.
    pub fn document(&mut self) -> String {
        let step = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835_u128;
        let number = 0x3b18_b79d_2fd5_4197_844b_87be_1030_2a3e_u128
            .wrapping_add(next(&mut self.documents).wrapping_mul(step));
        let marks = (0xf_u128 << 76) | (0x3_u128 << 62);
        let hex = format!("{:032x}", (number & !marks) | (0x4_u128 << 76) | (0x2_u128 << 62));
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}

/// How many there were, and one more from now on.
fn next(count: &mut u64) -> u128 {
    *count += 1;
    u128::from(*count - 1)
}

/// The `n`th of numbers that do not look like a row of numbers.
fn spread(n: u128, first: u128, step: u128, of: u128) -> u128 {
    (first + n % of * step) % of
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_first_are_those_of_the_samples() {
        let mut ids = Ids::default();
        assert_eq!(ids.entity(), "60fe1abbdecbb711d1e76620");
        assert_eq!(ids.application(), "3X88WLM");
        assert_eq!([ids.party(), ids.party()], ["1778258145", "1075992239"]);
        assert_eq!(ids.action(), "60fe1b7edecbb711d1e76641");
        assert_eq!(ids.requirement(), "CA202243101763");
        assert_eq!(ids.document(), "3b18b79d-2fd5-4197-844b-87be10302a3e");
    }

    #[test]
    fn none_is_given_out_twice_and_all_have_their_form() {
        let mut ids = Ids::default();
        let (mut codes, mut parties, mut documents) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for _ in 0..20_000 {
            codes.insert(ids.application());
            parties.insert(ids.party());
            documents.insert(ids.document());
        }
        assert_eq!([codes.len(), parties.len(), documents.len()], [20_000; 3]);
        assert!(codes.iter().all(|code| code.len() == 7));
        assert!(parties.iter().all(|party| party.len() == 10));
        let uuid = |id: &String| id.len() == 36 && &id[14..15] == "4" && "89ab".contains(&id[19..20]);
        assert!(documents.iter().all(uuid));
    }
}
