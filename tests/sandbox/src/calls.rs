//! The log of calls: every request to a gateway, what was done about it, and its body with codes and keys masked.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gateway::{Kind, Op};

/// One request as the sandbox saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its place in the merchant's log; the first is 1.
    pub n: usize,
    /// When it came, UTC.
    pub at_ms: i64,
    /// The gateway.
    pub gateway: Kind,
    /// The operation, where it could be told.
    pub op: Option<Op>,
    /// The path.
    pub path: String,
    /// The order it named.
    pub order_number: Option<String>,
    /// The refund it named.
    #[serde(default)]
    pub refund_number: Option<String>,
    /// The amount it named.
    pub amount_minor: Option<i64>,
    /// Why it was refused, if it was.
    pub problem: Option<String>,
    /// What was done: the misbehaviour if there was one, else the effect.
    pub outcome: String,
    /// What happened to the order, misbehaviour or not: `paid`, `waiting`, `nothing`…
    pub effect: String,
    /// The body, if it was JSON.
    pub body: Value,
    /// Which connection it came over.
    pub connection: u64,
    /// Its place on that connection; the first is 1.
    pub place_on_connection: u64,
    /// Whether the connection was TLS.
    pub tls: bool,
}

/// Masks payment codes (to the last four characters) and keys, at any depth.
pub(crate) fn masked(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| {
                let value = match (name.as_str(), value) {
                    ("auth_code" | "author_code" | "pay_code", Value::String(code)) => Value::String(tail(code)),
                    ("devices_key" | "mch_key" | "key" | "app_sercet" | "authen_key", _) => {
                        Value::String("***".to_owned())
                    }
                    // Tencent's content is JSON in a string: shown as what it holds.
                    ("request_content", Value::String(text)) => {
                        serde_json::from_str(text).map_or(Value::Null, |inner| masked(&inner))
                    }
                    _ => masked(value),
                };
                (name.clone(), value)
            })
            .collect(),
        Value::Array(values) => values.iter().map(masked).collect(),
        other => other.clone(),
    }
}

fn tail(code: &str) -> String {
    let length = code.chars().count();
    if length <= 8 {
        return "*".repeat(length);
    }
    code.chars().enumerate().map(|(place, letter)| if place + 4 < length { '*' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_and_keys_are_masked() {
        let body = json!({"auth_code": "134512345678901234", "devices_key": "secret", "total_fee": 1,
            "request_content": r#"{"author_code":"281234567890123456"}"#});
        let shown = masked(&body);
        assert_eq!(shown["auth_code"], "**************1234");
        assert_eq!(shown["devices_key"], "***");
        assert_eq!(shown["total_fee"], 1);
        assert_eq!(shown["request_content"]["author_code"], "**************3456");
    }
}
