//! The one source of random names in the world: seeded, so that a run can be repeated exactly.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// A deterministic generator (`SplitMix64`) kept in the world's state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdGenerator {
    state: u64,
}

impl IdGenerator {
    /// A generator whose whole output follows from `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// `digits` lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            write!(text, "{:016x}", self.bits()).expect("writing to a string does not fail");
        }
        text.truncate(digits);
        text
    }

    /// An EC2 identifier such as `subnet-0a1b...`: prefix, dash, `0` and 16 hexadecimal digits.
    pub(crate) fn ec2_id(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{}", self.hex(16))
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let (mut first, mut second) = (IdGenerator::new(7), IdGenerator::new(7));
        assert_eq!(first.hex(40), second.hex(40));
        assert_ne!(first.hex(8), second.hex(9));
    }

    #[test]
    fn identifiers_have_the_shape_that_aws_gives_them() {
        let mut ids = IdGenerator::new(1);
        assert_eq!(ids.ec2_id("sg").len(), "sg-".len() + 17);
        assert_eq!(ids.uuid().len(), 36);
    }
}
