//! What the sandbox wants to know of an imported certificate, found in its bytes without a parser for X.509: its names
//! by the object identifiers before them, and the kind of its key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Largest certificate that is looked at.
const MAX_BYTES: usize = 64 * 1024;

const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];
const SUBJECT_ALTERNATIVE_NAMES: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x11];
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: [u8; 7] = [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
/// DER tag of a DNS name among the alternative names.
const DNS_NAME: u8 = 0x82;

/// Names and key of a certificate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ParsedCertificate {
    /// The common name first.
    pub(super) names: Vec<String>,
    pub(super) key_algorithm: &'static str,
}

/// Reads the first certificate of a PEM text, itself in base64 as awsJson carries it.
pub(super) fn parse_certificate(blob: &str) -> Option<ParsedCertificate> {
    let pem = decode_blob(blob)?;
    let body = pem.split("-----BEGIN CERTIFICATE-----").nth(1)?.split("-----END CERTIFICATE-----").next()?;
    let body: String = body.split_whitespace().collect();
    let der = STANDARD.decode(body).ok().filter(|der| der.len() <= MAX_BYTES)?;
    // The issuer's common name comes before the subject's.
    let common_name =
        positions(&der, &COMMON_NAME).last().and_then(|at| text_after(&der, at + COMMON_NAME.len()));
    let mut names: Vec<String> = common_name.into_iter().collect();
    for name in alternative_names(&der) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let has = |pattern: &[u8]| positions(&der, pattern).next().is_some();
    let key_algorithm = match () {
        () if has(&P256) => "EC_prime256v1",
        () if has(&P384) => "EC_secp384r1",
        () => "RSA_2048",
    };
    Some(ParsedCertificate { names, key_algorithm })
}

/// Whether the blob holds a private key without a password.
pub(super) fn is_private_key(blob: &str) -> bool {
    decode_blob(blob).is_some_and(|pem| pem.contains("PRIVATE KEY-----") && !pem.contains("ENCRYPTED"))
}

fn decode_blob(blob: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(blob).ok()?).ok()
}

fn positions<'a>(der: &'a [u8], pattern: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    der.windows(pattern.len()).enumerate().filter(move |(_, window)| *window == pattern).map(|(at, _)| at)
}

/// The DNS names of the extension: short elements of their tag, within the bytes that follow its identifier.
fn alternative_names(der: &[u8]) -> Vec<String> {
    let Some(start) = positions(der, &SUBJECT_ALTERNATIVE_NAMES).next() else { return Vec::new() };
    // Identifier, octet string with its length, sequence with its length; longer lengths take more bytes.
    let mut at = start + SUBJECT_ALTERNATIVE_NAMES.len();
    for _ in 0..2 {
        let long =
            der.get(at + 1).filter(|length| **length >= 0x80).map_or(0, |length| usize::from(length & 0x7f));
        at += 2 + long;
    }
    let mut names = Vec::new();
    while der.get(at) == Some(&DNS_NAME) {
        let Some(name) = text_after(der, at) else { break };
        at += 2 + name.len();
        names.push(name);
    }
    names
}

/// The text of the short element at `at`: tag, length, bytes.
fn text_after(der: &[u8], at: usize) -> Option<String> {
    let length = usize::from(*der.get(at + 1)?);
    let bytes = der.get(at + 2..at + 2 + length).filter(|_| length < 0x80)?;
    String::from_utf8(bytes.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(pem: &str) -> String {
        STANDARD.encode(pem)
    }

    #[test]
    fn names_and_key_of_a_certificate_are_found() {
        let mut params =
            rcgen::CertificateParams::new(vec!["b.example".to_owned(), "*.c.example".to_owned()])
                .expect("valid names");
        params.distinguished_name.push(rcgen::DnType::CommonName, "a.example");
        let key = rcgen::KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        let parsed = parse_certificate(&blob(&pem)).expect("a certificate");
        assert_eq!(parsed.names, ["a.example", "b.example", "*.c.example"]);
        assert_eq!(parsed.key_algorithm, "EC_prime256v1");
        assert!(is_private_key(&blob(&key.serialize_pem())));
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        assert_eq!(parse_certificate("%"), None);
        assert_eq!(
            parse_certificate(&blob("-----BEGIN CERTIFICATE-----\n%\n-----END CERTIFICATE-----")),
            None
        );
        assert!(!is_private_key(&blob("-----BEGIN ENCRYPTED PRIVATE KEY-----")));
    }
}
