//! Hosted zones of the names of load balancers: one for each region.

use crate::sandbox::world::ids::IdGenerator;

/// As AWS documents them for application load balancers (General Reference, "Elastic Load Balancing endpoints"; eu-south-2
/// as recorded in cdk-real-drift's corpus, 2026-07-02).
const ZONES: [(&str, &str); 20] = [
    ("ap-northeast-1", "Z14GRHDCWA56QT"),
    ("ap-northeast-2", "ZWKZPGTI48KDX"),
    ("ap-northeast-3", "Z5LXEXXYW11ES"),
    ("ap-south-1", "ZP97RAFLXTNZK"),
    ("ap-southeast-1", "Z1LMS91P8CMLE5"),
    ("ap-southeast-2", "Z1GM3OXH4ZPM65"),
    ("ca-central-1", "ZQSVJUPU6J1EY"),
    ("eu-central-1", "Z215JYRZR1TBD5"),
    ("eu-central-2", "Z06391101F2ZOEP8P5EB3"),
    ("eu-north-1", "Z23TAZ6LKFMNIO"),
    ("eu-south-1", "Z3ULH7SSC9OV64"),
    ("eu-south-2", "Z0956581394HF5D5LXGAP"),
    ("eu-west-1", "Z32O12XQLNTSW2"),
    ("eu-west-2", "ZHURV8PSTC4K8"),
    ("eu-west-3", "Z3Q77PNBQS71R4"),
    ("sa-east-1", "Z2P70J7HTTTPLU"),
    ("us-east-1", "Z35SXDOTRQ7X7K"),
    ("us-east-2", "Z3AADJGX6KTTL2"),
    ("us-west-1", "Z368ELLRRE2KJ0"),
    ("us-west-2", "Z1H1FL5HABSF5"),
];

/// The hosted zone of a region. That of a region which the table lacks is made up, as different as the others.
pub(crate) fn hosted_zone_of(region: &str) -> String {
    let known = ZONES.iter().find(|(known, _)| *known == region).map(|(_, zone)| (*zone).to_owned());
    known.unwrap_or_else(|| {
        let seed = region.bytes().fold(7, |hash: u64, byte| hash.wrapping_mul(31) ^ u64::from(byte));
        format!("Z0{}", IdGenerator::new(seed).hex(18).to_uppercase())
    })
}

/// The region that a load balancer's name is in: `<name>.<region>.elb.amazonaws.com`.
pub(crate) fn region_of_name(name: &str) -> Option<&str> {
    let name = name.trim_end_matches('.');
    let name =
        name.strip_suffix(".elb.amazonaws.com").or_else(|| name.strip_suffix(".elb.amazonaws.com.cn"))?;
    name.rsplit('.').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_a_zone_of_its_own() {
        assert_eq!(hosted_zone_of("us-east-1"), "Z35SXDOTRQ7X7K");
        assert_ne!(hosted_zone_of("mx-central-1"), hosted_zone_of("il-central-1"));
        assert_eq!(region_of_name("xp-1-0-5.eu-west-1.elb.amazonaws.com."), Some("eu-west-1"));
        assert_eq!(region_of_name("d1.cloudfront.net."), None);
    }
}
