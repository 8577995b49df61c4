//! Signatures, computed and put into answers: the rules of docs/sources.md, written a second time. The core's own code
//! (`signing.rs`) judges nothing here.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

use super::answer::{Object, text_of};
use crate::sealed::Key;

/// Every field but `sign`, with the text that a signature covers. None where a field cannot be read.
pub(crate) fn fields(object: &Object<'_>) -> Option<Vec<(String, String)>> {
    let signed = object.0.iter().filter(|(name, _)| name != "sign");
    signed.map(|(name, value)| Some((name.clone(), text_of(value.get())?))).collect()
}

/// `name=value`, sorted, joined with `&`.
pub(crate) fn joined(mut fields: Vec<(String, String)>) -> String {
    fields.sort();
    fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

pub(crate) fn md5_hex(text: &str) -> String {
    hex(&Md5::digest(text))
}

/// huishouyin: the base64 of the upper-case hex text (H1).
pub(crate) fn md5_base64(text: &str) -> String {
    STANDARD.encode(md5_hex(text).to_uppercase())
}

pub(crate) fn hmac_hex(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of every length");
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// BlueOcean: all fields, empty ones too, `&key=` last; upper case (B1).
pub(crate) fn blueocean(fields: Vec<(String, String)>, key: &str) -> String {
    md5_hex(&format!("{}&key={key}", joined(fields))).to_uppercase()
}

/// BJRCB: all fields but empty ones, the key behind them bare; upper case (J2).
pub(crate) fn bjrcb(mut fields: Vec<(String, String)>, key: &str) -> String {
    fields.retain(|(_, value)| !value.is_empty());
    md5_hex(&(joined(fields) + key)).to_uppercase()
}

/// maxfun's merchant API: all fields but empty ones and the key, which stands last; lower case (M1).
pub(crate) fn maxfun_tp(mut fields: Vec<(String, String)>, mch_key: &str) -> String {
    fields.retain(|(name, value)| name != "mch_key" && !value.is_empty());
    md5_hex(&format!("{}&mch_key={mch_key}", joined(fields)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key to sign with.
pub(crate) fn key(ours: &'static str, key: Key) -> Option<&'static str> {
    match key {
        Key::Ours => Some(ours),
        Key::Another => Some("another merchant's key"),
        Key::None => None,
    }
}

/// Whether `object` carries `expected` as its `sign`, hex case aside.
pub(crate) fn carries(object: &Object<'_>, name: &str, expected: &str) -> bool {
    object.string(name).is_some_and(|sign| sign.eq_ignore_ascii_case(expected))
}

/// `body` with `sign` in `object`, which is a part of it: in the place of the one that stands there, else in front.
pub(crate) fn with_sign(body: &str, object: &Object<'_>, object_json: &str, sign: &str) -> String {
    let offset = |part: &str| part.as_ptr() as usize - body.as_ptr() as usize;
    let (from, to, text) = match object.json("sign") {
        Some(old) => (offset(old), offset(old) + old.len(), format!("\"{sign}\"")),
        None => {
            let comma = if object.0.is_empty() { "" } else { "," };
            let front = offset(object_json) + 1;
            (front, front, format!("\"sign\":\"{sign}\"{comma}"))
        }
    };
    [&body[..from], &text, &body[to..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_verify() {
        assert_eq!(
            md5_hex("auth_code=123&nonce_str=abc&total_fee=1&devices_key=3363c762-f7dc-11e6-bf52-00163e003235"),
            "5d2a83bdc2740b558e600abe0a53c88b"
        );
        let blueocean = r#"{"region":"HK","business":"Online payment","name":"BlueOcean Pay","appid":1000010}"#;
        let text = joined(fields(&Object::read(blueocean.as_bytes()).unwrap()).unwrap());
        let signed = md5_hex(&(text + "&key=sxkj0RH9qMxdaxo0sJ8xlbki4ssOjvXb"));
        assert_eq!(signed.to_uppercase(), "08C612FB4D2D52C8C913EA00E3DABC8B");
        // RFC 4231, case 2.
        let jefe = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hmac_hex("Jefe", "what do ya want for nothing?"), jefe);
    }

    #[test]
    fn a_signature_takes_the_place_of_another_or_stands_in_front() {
        for (body, signed) in [
            (r#"{"a":{ "b":1}}"#, r#"{"a":{"sign":"S", "b":1}}"#),
            (r#"{"a":{"sign": "old" ,"b":1}}"#, r#"{"a":{"sign": "S" ,"b":1}}"#),
            (r#"{"a":{}}"#, r#"{"a":{"sign":"S"}}"#),
        ] {
            let json = Object::read(body.as_bytes()).unwrap().json("a").unwrap();
            assert_eq!(with_sign(body, &Object::read(json.as_bytes()).unwrap(), json, "S"), signed);
        }
    }
}
