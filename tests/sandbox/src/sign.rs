//! The signing rules of the five gateways, written from their documents and shared with nobody.
//!
//! Every rule works on `(name, text)` pairs, where `text` is the value as it stands in the message: strings without
//! their quotes, numbers as their literal digits.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

/// A field's name and text.
pub(crate) type Pair<'a> = (&'a str, Cow<'a, str>);

/// Whether empty values are part of the signed text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Empty {
    /// BlueOcean: what was received is signed as received.
    Kept,
    /// maxfun, BJRCB, huishouyin.
    Dropped,
}

/// `name=value` joined by `&`, sorted by name in ASCII order, without `sign` and the names in `leave_out`.
fn sorted_text(pairs: &[Pair<'_>], leave_out: &[&str], empty: Empty) -> String {
    joined(kept(pairs, leave_out, empty))
}

fn kept<'a>(pairs: &'a [Pair<'a>], leave_out: &[&str], empty: Empty) -> Vec<(&'a str, &'a str)> {
    let pairs = pairs.iter().map(|(name, value)| (*name, value.as_ref()));
    pairs
        .filter(|(name, value)| {
            *name != "sign" && !leave_out.contains(name) && (empty == Empty::Kept || !value.is_empty())
        })
        .collect()
}

fn joined(mut pairs: Vec<(&str, &str)>) -> String {
    pairs.sort_unstable();
    // With room for a key at the end.
    let mut text =
        String::with_capacity(pairs.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>() + 64);
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// S0: the device key is appended last, outside the sort; lower-case hex.
pub(crate) fn maxfun(pairs: &[Pair<'_>], devices_key: &str) -> String {
    let text = sorted_text(pairs, &["devices_key"], Empty::Dropped);
    hex(&Md5::digest(text + "&devices_key=" + devices_key), LOWER)
}

/// M1: likewise, with the merchant's key.
pub(crate) fn maxfun_tp(pairs: &[Pair<'_>], mch_key: &str) -> String {
    let text = sorted_text(pairs, &["mch_key"], Empty::Dropped);
    hex(&Md5::digest(text + "&mch_key=" + mch_key), LOWER)
}

/// B1: `&key=` appended last; upper-case hex; values raw.
pub(crate) fn blueocean(pairs: &[Pair<'_>], key: &str) -> String {
    let text = sorted_text(pairs, &["key"], Empty::Kept);
    hex(&Md5::digest(text + "&key=" + key), UPPER)
}

/// J2: the key follows the text directly; upper-case hex.
pub(crate) fn bjrcb(pairs: &[Pair<'_>], key: &str) -> String {
    let text = sorted_text(pairs, &[], Empty::Dropped);
    hex(&Md5::digest(text + key), UPPER)
}

/// T1: HMAC-SHA256 over the bytes of the content string; upper-case hex.
pub(crate) fn tencent(content: &str, authen_key: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(authen_key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(content.as_bytes());
    hex(&mac.finalize().into_bytes(), UPPER)
}

/// H1: `app_sercet` (sic) is sorted in like any other parameter; the base64 of the upper-case hex text.
pub(crate) fn huishouyin(pairs: &[Pair<'_>], app_sercet: &str) -> String {
    let mut pairs = kept(pairs, &[], Empty::Dropped);
    pairs.push(("app_sercet", app_sercet));
    STANDARD.encode(hex(&Md5::digest(joined(pairs)), UPPER))
}

/// The text that huishouyin's RSA covers: without `app_sercet`.
pub(crate) fn huishouyin_text(pairs: &[Pair<'_>]) -> String {
    sorted_text(pairs, &[], Empty::Dropped)
}

const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

fn hex(bytes: &[u8], digits: &[u8; 16]) -> String {
    let digit = |nibble: u8| char::from(digits[usize::from(nibble)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const K: &str = "0123456789abcdef0123456789abcdef";

    /// Splits `a=1&b=2`; no value of the vectors holds an `&`.
    fn pairs(text: &str) -> Vec<Pair<'_>> {
        let mut pairs: Vec<_> =
            text.split('&').map(|pair| pair.split_once('=').map(|(n, v)| (n, v.into())).unwrap()).collect();
        pairs.reverse(); // the rule has to sort
        pairs
    }

    #[test]
    fn maxfun_signs_as_the_published_example() {
        let fields = pairs("auth_code=123&nonce_str=abc&total_fee=1");
        assert_eq!(maxfun(&fields, "3363c762-f7dc-11e6-bf52-00163e003235"), "5d2a83bdc2740b558e600abe0a53c88b");
    }

    #[test]
    fn maxfuns_merchant_api_signs_as_its_published_examples() {
        let key = "378284f3-31d4-4d75-8c3a-0c540ee67034";
        let charge = "auth_code=130149729103798799&nonce_str=azfkglz&total_fee=1&tp_trade_no=12601486038696068670";
        assert_eq!(maxfun_tp(&pairs(charge), key), "259140fd9e2bbf84959d0ca01cbda417");
        let query = "nonce_str=azfkglz&tp_trade_no=1484657785743165";
        assert_eq!(maxfun_tp(&pairs(query), key), "06acad6e57d3091b61df59df76b39f5d");
        let notice = "identifier=o9dNzw96W2W6ni3f3ZdQ2_EGsBPM&out_trade_no=1271TP1487057748363124&pay_status=1&\
                      payment_type=1&total_fee=1&tp_trade_no=1484657785743165";
        assert_eq!(maxfun_tp(&pairs(notice), key), "e0f2c29f7042d156cc5bac9758acb2d1");
    }

    #[test]
    fn maxfun_signs_as_vector_1() {
        let fields = pairs("auth_code=134512345678901234&nonce_str=n0nce&total_fee=100");
        assert_eq!(maxfun(&fields, "00000000-0000-0000-0000-000000000001"), "7007c41b853d94147c3b61ddf2efa775");
    }

    #[test]
    fn blueocean_signs_as_the_published_example_with_its_raw_space() {
        let fields = pairs("appid=1000010&business=Online payment&name=BlueOcean Pay&region=HK");
        assert_eq!(blueocean(&fields, "sxkj0RH9qMxdaxo0sJ8xlbki4ssOjvXb"), "08C612FB4D2D52C8C913EA00E3DABC8B");
    }

    #[test]
    fn blueocean_signs_as_vectors_2_and_3() {
        let text = "appid=1000001&auth_code=134512345678901234&body=测试 商品&nonce_str=n0nce&\
                    out_trade_no=T20260101000001&spbill_create_ip=127.0.0.1&total_fee=100";
        assert_eq!(blueocean(&pairs(text), K), "B08903FACA68C2885A196F2ABC62FC6E");
        let kept = format!("{text}&attach=");
        assert_eq!(blueocean(&pairs(&kept), K), "3014623E1C4B4DBBC205A5E51995B2AB");
    }

    #[test]
    fn bjrcb_signs_as_vector_5() {
        let text = "auth_code=281234567890123456&body=测试商品&device_info=POS01&mch_id=C100000000001&nonce_str=n0nce&\
                    out_trade_no=T20260101000001&scene=bar_code&service_type=ALIPAY_MICRO&subject=测试&total_fee=100";
        assert_eq!(bjrcb(&pairs(text), K), "96930BF86EB50D597FB19837AC486BDA");
    }

    #[test]
    fn huishouyin_signs_as_vector_6() {
        let text = "app_id=APPID00000000000000000000000000&order_id=T20260101000001&sign_type=MD5&total_amount=11.00";
        assert_eq!(huishouyin(&pairs(text), K), "NTZEMTNGRDY2NkMwODE0NjQ5MzNDNDdCQUNDNEQ4Qjc=");
    }

    #[test]
    fn huishouyin_signs_nested_values_as_sent_like_vector_7() {
        let text = r#"app_id=APPID00000000000000000000000000&order_id=T20260101000001&sign_type=MD5&total_amount=11.00&goods_list=[{"barcode":"6983748939221","title":"可口可乐300ml","num":2,"price":3.00}]&store_info={"store_id":"S1","cashier_id":"C1"}"#;
        assert_eq!(huishouyin(&pairs(text), K), "NjJBREFDOTc4REJFOTlGOTA1MzlEQTUxMDg0QzEwRUM=");
    }

    #[test]
    fn the_published_base64_step_holds() {
        assert_eq!(STANDARD.encode("90C04D45B9BA45D098303D8176C38ABC"), "OTBDMDRENDVCOUJBNDVEMDk4MzAzRDgxNzZDMzhBQkM=");
    }

    #[test]
    fn tencent_signs_as_vectors_8_and_9() {
        let content = r#"{"nonce_str":"n0nce","pay_content":{"out_trade_no":"sz0100d9ue20260101000001","total_fee":16000,"fee_type":"CNY","body":"测试"},"pay_mch_key":{"pay_platform":1,"out_mch_id":"M1","out_sub_mch_id":"S1","out_shop_id":"H1"},"order_client":{"device_id":"D1","terminal_type":1,"sdk_version":"1.0","spbill_create_ip":"127.0.0.1","machine_no":"01-01-01-01-01-01"}}"#;
        assert_eq!(tencent(content, K), "50CFF7B9C636F4B3866DD7DBB467EDCBE5A24A18F6B0E5B06495D4E5FAB8A280");
        let with_line_feed = format!("{content}\n");
        assert_eq!(tencent(&with_line_feed, K), "56A26B440E6AF8B95D5E66480C8E2FA51E1010531636FCE9F8846A42DA074105");
    }

    #[test]
    fn hmac_agrees_with_the_reference_example_of_the_wallet() {
        let text = "appid=wxd930ea5d5a258f4f&body=test&device_info=1000&mch_id=10000100&nonce_str=ibuaiVcKdpRxkhJA&key=192006250b4c09247ec02edce69f6a2d";
        assert_eq!(
            tencent(text, "192006250b4c09247ec02edce69f6a2d"),
            "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"
        );
    }

    #[test]
    fn huishouyins_rsa_covers_what_its_md5_covers_but_the_secret() {
        let text = "app_id=A1&order_id=T1&sign_type=RSA&total_amount=11.00";
        let mut fields = pairs(text);
        fields.push(("sign", "x".into()));
        fields.push(("goods_list", "".into()));
        assert_eq!(huishouyin_text(&fields), text);
    }
}
