//! IPv4 address ranges.

use std::net::Ipv4Addr;

/// A range such as `10.0.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cidr {
    base: u32,
    prefix_length: u32,
}

impl Cidr {
    /// Reads a range; `None` if the text is none or has bits behind the prefix.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (base, prefix_length) = text.split_once('/')?;
        let base = u32::from(base.parse::<Ipv4Addr>().ok()?);
        let prefix_length = prefix_length.parse::<u32>().ok().filter(|length| *length <= 32)?;
        let cidr = Self { base, prefix_length };
        (base & cidr.mask() == base).then_some(cidr)
    }

    /// Length of the prefix in bits.
    pub(super) fn prefix_length(self) -> u32 {
        self.prefix_length
    }

    /// Number of addresses.
    pub(super) fn size(self) -> u64 {
        1_u64 << (32 - self.prefix_length)
    }

    /// Whether every address of `other` is in this range.
    pub(super) fn contains(self, other: Self) -> bool {
        self.prefix_length <= other.prefix_length && other.base & self.mask() == self.base
    }

    /// Whether the ranges share an address.
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    fn mask(self) -> u32 {
        u32::MAX.checked_shl(32 - self.prefix_length).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        Cidr::parse(text).unwrap()
    }

    #[test]
    fn what_is_no_range_is_not_read() {
        for text in ["", "10.0.0.0", "10.0.0.1/16", "10.0.0.0/33", "10.0.0/8", "::/0"] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ranges_contain_and_overlap() {
        assert!(cidr("10.0.0.0/16").contains(cidr("10.0.255.0/24")));
        assert!(!cidr("10.0.0.0/24").contains(cidr("10.0.0.0/16")));
        assert!(cidr("10.0.0.0/24").overlaps(cidr("10.0.0.0/16")));
        assert!(!cidr("10.0.0.0/24").overlaps(cidr("10.0.1.0/24")));
        assert!(cidr("0.0.0.0/0").contains(cidr("10.0.0.0/8")));
        assert_eq!(cidr("10.0.0.0/24").size(), 256);
    }
}
