//! Fields, ordered, become a text; a text becomes a digest. Pure.
//!
//! What gateways differ in (where the key goes, what is left out, hex case) stands in their files.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::{Sha256, digest::Output};

/// `name=value` joined with `&`, sorted by name in ASCII order; values raw.
pub(crate) fn sorted_text<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut fields: Vec<_> = fields.into_iter().collect();
    fields.sort_unstable();
    let mut text = String::with_capacity(fields.iter().map(|(name, value)| name.len() + value.len() + 2).sum());
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// MD5 in lower-case hex.
pub(crate) fn md5_lower(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()), b"0123456789abcdef")
}

/// MD5 in upper-case hex: what published vectors are compared with.
#[cfg(test)]
pub(crate) fn md5_upper(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()), b"0123456789ABCDEF")
}

/// HMAC-SHA256 in upper-case hex.
pub(crate) fn hmac_sha256_upper(key: &str, text: &[u8]) -> String {
    hex(&hmac_sha256(key.as_bytes(), text), b"0123456789ABCDEF")
}

/// HMAC-SHA256.
#[allow(clippy::expect_used, reason = "HMAC takes keys of every length")]
pub(crate) fn hmac_sha256(key: &[u8], text: &[u8]) -> Output<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text);
    mac.finalize().into_bytes()
}

/// SHA-256 in lower-case hex.
pub(crate) fn sha256_lower(text: &[u8]) -> String {
    hex(&Sha256::digest(text), b"0123456789abcdef")
}

/// Whether two signatures are equal, hex case aside, in a time that does not depend on where they differ.
pub(crate) fn same(ours: &str, theirs: &str) -> bool {
    let differences = ours
        .bytes()
        .zip(theirs.bytes())
        .fold(0_u8, |seen, (a, b)| seen | (a.to_ascii_lowercase() ^ b.to_ascii_lowercase()));
    ours.len() == theirs.len() && differences == 0
}

fn hex(bytes: &[u8], digits: &[u8; 16]) -> String {
    let digit = |nibble: u8| digits.get(usize::from(nibble)).map_or('0', |&d| char::from(d));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every order of `fields` gives the text that is signed.
    fn text(fields: &[(&str, &str)]) -> String {
        let text = sorted_text(fields.iter().copied());
        assert_eq!(sorted_text(fields.iter().rev().copied()), text);
        text
    }

    #[test]
    fn fields_are_sorted_by_name_in_ascii_order_and_values_stay_raw() {
        assert_eq!(
            text(&[("b", "2 &="), ("a_b", ""), ("B", "测"), ("a", "1"), ("ab", "0")]),
            "B=测&a=1&a_b=&ab=0&b=2 &="
        );
        assert_eq!(sorted_text([]), "");
    }

    #[test]
    fn maxfun_merchant_signatures_verify() {
        const MERCHANT: &str = "&mch_key=378284f3-31d4-4d75-8c3a-0c540ee67034";
        let code = ("auth_code", "130149729103798799");
        let (nonce, number) = (("nonce_str", "azfkglz"), ("tp_trade_no", "1484657785743165"));
        let pay = text(&[code, nonce, ("total_fee", "0.01")]);
        assert_eq!(md5_lower(&(pay + "&mch_key=111333")), "13003131421f050fbcbf54939897c0f0");
        let pay = text(&[code, nonce, ("total_fee", "1"), ("tp_trade_no", "12601486038696068670")]);
        assert_eq!(md5_lower(&(pay + MERCHANT)), "259140fd9e2bbf84959d0ca01cbda417");
        let refund = text(&[("tp_trade_no", "1494313896345122"), ("nonce_str", "abc")]);
        let cut_key = "&mch_key=378284f3-31d4-4d75-8c3a-0c540ee6";
        assert_eq!(md5_lower(&(refund + cut_key)), "c2f2898a4b1f306b4422584f5e535646");
        let query = text(&[nonce, number]);
        assert_eq!(md5_lower(&(query.clone() + "&mch_key=hkdrg")), "a31bd1d063fd870c6af12bb0a6b8565c");
        assert_eq!(md5_lower(&(query + MERCHANT)), "06acad6e57d3091b61df59df76b39f5d");
        let notify = text(&[
            ("identifier", "o9dNzw96W2W6ni3f3ZdQ2_EGsBPM"),
            ("out_trade_no", "1271TP1487057748363124"),
            ("pay_status", "1"),
            ("payment_type", "1"),
            ("total_fee", "1"),
            number,
        ]);
        assert_eq!(md5_lower(&(notify + MERCHANT)), "e0f2c29f7042d156cc5bac9758acb2d1");
    }

    #[test]
    fn the_signatures_of_liantuofu_and_wechat_verify() {
        let liantuofu = text(&[("random", "123"), ("appId", "EW_N4365306114")]);
        let signed = md5_lower(&(liantuofu + "&key=beb2c94ff04754360ef131dde7bb3017"));
        assert_eq!(signed, "3af0851c40d0443e86942c9ddba75e25");
        const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
        let wechat = text(&[
            ("mch_id", "10000100"),
            ("appid", "wxd930ea5d5a258f4f"),
            ("nonce_str", "ibuaiVcKdpRxkhJA"),
            ("body", "test"),
            ("device_info", "1000"),
        ]) + "&key="
            + KEY;
        assert_eq!(md5_upper(&wechat), "9A0A8659F005D6984697E2CA0A9CF3B7");
        let hmac = "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6";
        assert_eq!(hmac_sha256_upper(KEY, wechat.as_bytes()), hmac);
    }

    #[test]
    fn digests_of_the_standards_verify() {
        assert_eq!(md5_lower(""), "d41d8cd98f00b204e9800998ecf8427e"); // RFC 1321
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2
        assert_eq!(sha256_lower(b"abc"), abc);
        let long_key = "\u{1}".repeat(200);
        assert_eq!(hmac_sha256_upper(&long_key, b"").len(), 64);
        // RFC 4231, case 2.
        let jefe = "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843";
        assert_eq!(hmac_sha256_upper("Jefe", b"what do ya want for nothing?"), jefe);
    }

    #[test]
    fn signatures_are_the_same_whatever_their_case_and_never_by_length() {
        assert!(same("5D2A83", "5d2a83"));
        for theirs in ["", "5d2a8", "5d2a830", "5d2a84", "5d2a8３"] {
            assert!(!same("5D2A83", theirs), "{theirs}");
        }
        assert!(same("", ""));
    }
}
