//! Regions and the partitions that they belong to.

/// First part of a region's name and the partition behind it; the first match counts.
const PARTITIONS: [(&str, &str); 8] = [
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
    ("", "aws"),
];

/// The partition of a region: `aws`, `aws-cn`, `aws-us-gov`, ...
pub fn partition_of(region: &str) -> &'static str {
    PARTITIONS.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

/// Whether a text has the shape of a region: `eu-central-1`, `us-gov-west-1`. It need not exist.
pub fn is_region_shaped(text: &str) -> bool {
    let mut parts: Vec<&str> = text.split('-').collect();
    let Some(number) = parts.pop() else { return false };
    let is_number = matches!(number.len(), 1 | 2) && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    is_number && matches!(parts.len(), 2 | 3) && parts.iter().all(is_word) && parts[0].len() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_is_known_by_its_regions() {
        let cases = [
            ("eu-central-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"),
            ("eusc-de-east-1", "aws-eusc"),
        ];
        for (region, partition) in cases {
            assert_eq!(partition_of(region), partition, "{region}");
            assert!(is_region_shaped(region), "{region}");
        }
    }

    #[test]
    fn availability_zones_and_other_texts_are_not_region_shaped() {
        for text in
            ["", "eu-central-1a", "eu_central_1", "EU-CENTRAL-1", "euw1", "eu-central", "Frankfurt", "-a-1"]
        {
            assert!(!is_region_shaped(text), "{text}");
        }
    }
}
