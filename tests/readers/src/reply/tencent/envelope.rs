//! Tencent's envelope: a JSON text inside a JSON object, and an HMAC over that text as it stands there (T1, T2).

use crate::{
    account::TENCENT_KEY,
    reply::{answer::Object, sign},
    sealed::Key,
};

/// What is in one, and whether its signature is right; None where it has none.
pub(crate) struct Envelope {
    pub(crate) content: String,
    pub(crate) signed: Option<bool>,
}

impl Envelope {
    /// The envelope `body`, whose content is called `name`.
    pub(crate) fn read(name: &str, body: &[u8]) -> Option<Self> {
        let root = Object::read(body)?;
        let content = root.string(name)?;
        let signed = root.json("authen_info").filter(|json| *json != "null").map(|json| {
            let a = Object::read(json.as_bytes()).and_then(|info| info.object("a"));
            a.is_some_and(|a| {
                let expected = sign::hmac_hex(TENCENT_KEY, &content);
                a.json("authen_type") == Some("1") && sign::carries(&a, "authen_code", &expected)
            })
        });
        Some(Self { content, signed })
    }
}

/// `body` in an envelope, or the content of the one that it is in a new one, signed by `key`.
pub(crate) fn seal(name: &str, body: &str, key: Key) -> Option<String> {
    let content = Object::read(body.as_bytes()).and_then(|root| root.string(name));
    let content = content.as_deref().unwrap_or(body);
    let quoted = serde_json::to_string(content).ok()?;
    let Some(key) = sign::key(TENCENT_KEY, key) else { return Some(format!(r#"{{"{name}":{quoted}}}"#)) };
    let code = sign::hmac_hex(key, content).to_uppercase();
    let info = format!(r#"{{"a":{{"authen_code":"{code}","authen_type":1}}}}"#);
    Some(format!(r#"{{"{name}":{quoted},"authen_info":{info}}}"#))
}
