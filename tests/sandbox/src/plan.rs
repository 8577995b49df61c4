//! Misbehaviour by order: what a merchant's customers do, and which answers go wrong how.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gateway::{Kind, Op};
use crate::refunds::Refunding;

/// What the customer does with an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Customer {
    /// Pays at once; a QR order: right after the first query that finds it waiting.
    #[default]
    Pays,
    /// Pays after so many queries were answered with "waiting".
    PaysAfter {
        /// How many queries.
        queries: u32,
    },
    /// Never decides.
    Never,
    /// A charge fails. At a QR order one attempt fails, and the order stays open.
    Declines {
        /// BlueOcean only: say so on the charge (40100), not in the query (201, then PAYERROR).
        #[serde(default)]
        at_once: bool,
    },
    /// Pays at the moment when the reverse or close arrives, which is then refused.
    PaysDuringReverse,
    /// Pays although the reverse or close said done.
    PaysLate {
        /// After which of the two.
        after: After,
    },
}

/// The operation after which late money lands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// After a reverse.
    Reverse,
    /// After a close.
    Close,
}

/// What goes wrong with one exchange. "After": the request was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Do {
    /// Connection closed without a byte; nothing happened.
    LostBefore,
    /// Connection closed without a byte, after.
    LostAfter,
    /// HTTP 500; nothing happened.
    #[serde(rename = "http_500")]
    Http500,
    /// HTTP 500, after.
    #[serde(rename = "http_500_after")]
    Http500After,
    /// HTTP 200 with an HTML page; nothing happened.
    Html,
    /// HTTP 200 with an HTML page, after.
    HtmlAfter,
    /// The full length announced, half the body sent, connection closed, after.
    CutJson,
    /// Half the JSON with a matching length, after.
    CutJsonClean,
    /// 307 to the same path at the other port; nothing happened.
    Redirect,
    /// The answer is held until the gates are opened.
    Hang {
        /// Whether the request is carried out (at once). If not, opening the gate closes the connection.
        #[serde(default = "yes")]
        effect: bool,
    },
    /// HTTP 200 with an empty body, after.
    Empty,
    /// The right answer, followed by blanks to over 1 MiB, after.
    Huge,
    /// The right answer, byte by byte, after.
    Drip {
        /// Milliseconds between two bytes.
        #[serde(default)]
        pause_ms: u64,
    },
    /// The good answer to somebody else's request, rightly signed, after.
    Stranger {
        /// Only on a connection that has carried an exchange before; on a fresh one the rule waits.
        #[serde(default)]
        reused_only: bool,
    },
    /// The answer's signature is wrong, after.
    BadSignature,
    /// The answer has no signature, after.
    NoSignature,
    /// Charge or create: one minor unit more moves. Otherwise the answer says so.
    OtherAmount,
    /// The answer names another order, after.
    OtherOrder,
    /// The answer names another refund, after.
    OtherRefund,
    /// Charge or create: the money moves in US dollars. Otherwise the answer says so.
    OtherCurrency,
    /// A code that stands in no table.
    UnknownCode {
        /// Whether the request is carried out.
        #[serde(default = "yes")]
        effect: bool,
    },
    /// The order's state stands in no table. Only where an answer tells the state.
    UnknownState,
    /// The gateway's own "system busy".
    Busy {
        /// Whether the request is carried out.
        #[serde(default = "yes")]
        effect: bool,
    },
    /// "No such order", although there is one.
    NotFound,
    /// Tencent's status 3, "send it again"; nothing happened. Elsewhere: busy.
    Repeat,
    /// An explicit refusal; nothing happened.
    Refused {
        /// The gateway's code; by default its ordinary one. Tencent's may have its internal status behind a slash: `103/407`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// A refund is refused because the merchant's own funds are short; nothing happened.
    FundsShort,
    /// A refund is refused because the time for it is over; nothing happened.
    PastPeriod,
    /// A reverse or close asks to be called again; nothing happened.
    ReverseAgain,
    /// A reverse or close is refused because the order is paid. An open order is paid at that moment.
    ReverseRefused,
    /// Codes change between number and text.
    CodeAsText,
    /// The Date header is off.
    ClockHeader {
        /// By how much.
        offset_ms: i64,
    },
}

/// What code 108 of maxfun's merchant API means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code108 {
    /// S0: timed out, and the order is revoked.
    #[default]
    Revoked,
    /// Older hosts: the customer must enter the password, and the order goes on.
    Password,
}

/// One entry of a plan. For each operation the entries are used up in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Only at this gateway.
    pub gateway: Option<Kind>,
    /// For this operation.
    pub op: Op,
    /// What goes wrong.
    pub what: Do,
    /// How often; 0 means every time.
    pub times: u32,
    /// How many exchanges go well before.
    pub skip: u32,
}

/// What one merchant's world does wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The customer of every order made from now on. Without one, the amount decides.
    pub customer: Option<Customer>,
    /// What becomes of every refund made from now on. Without it, the refund's amount decides.
    pub refunds: Option<Refunding>,
    /// What goes wrong.
    pub rules: Vec<Rule>,
    /// huishouyin: what a coupon takes off every order made from now on.
    pub coupon_minor: i64,
    /// What maxfun's 108 means.
    pub code_108: Code108,
    /// A close younger than five minutes is refused, as WeChat may do.
    pub close_after_five_minutes: bool,
}

fn yes() -> bool {
    true
}

impl Do {
    /// The name in plans and in the log of calls.
    pub fn name(&self) -> String {
        self.to_json().get("do").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Whether the request is carried out all the same.
    pub fn happens(&self) -> bool {
        match self {
            Do::LostBefore | Do::Http500 | Do::Html | Do::Redirect | Do::Repeat | Do::ReverseAgain => false,
            Do::Refused { .. } | Do::FundsShort | Do::PastPeriod => false,
            Do::Hang { effect } | Do::Busy { effect } | Do::UnknownCode { effect } => *effect,
            _ => true,
        }
    }

    fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Rule {
    /// Once, from the next exchange of this operation.
    pub fn new(op: Op, what: Do) -> Rule {
        Rule { gateway: None, op, what, times: 1, skip: 0 }
    }

    /// So many times; 0 means every time.
    pub fn times(self, times: u32) -> Rule {
        Rule { times, ..self }
    }

    /// Lets so many exchanges go well before.
    pub fn skip(self, skip: u32) -> Rule {
        Rule { skip, ..self }
    }

    /// Only at this gateway.
    pub fn at(self, gateway: Kind) -> Rule {
        Rule { gateway: Some(gateway), ..self }
    }

    /// Reads a rule of a control call; a name that means nothing is an error.
    fn from_json(value: &Value) -> Result<Rule, String> {
        let object = value.as_object().ok_or("a rule is an object")?;
        // Codes may be given as numbers.
        let mut object = object.clone();
        if let Some(Value::Number(code)) = object.get("code").cloned() {
            object.insert("code".to_owned(), Value::String(code.to_string()));
        }
        let what: Do = serde_json::from_value(Value::Object(object.clone())).map_err(|e| format!("rule: {e}"))?;
        let known = what.to_json();
        for name in object.keys() {
            let common = ["gateway", "op", "times", "skip"].contains(&name.as_str());
            if !common && known.get(name).is_none() {
                return Err(format!("rule {}: {name} means nothing here", what.name()));
            }
        }
        let number = |name: &str, default: u32| match object.get(name) {
            None => Ok(default),
            Some(value) => serde_json::from_value(value.clone()).map_err(|e| format!("rule: {name}: {e}")),
        };
        Ok(Rule {
            gateway: read_optional(object.get("gateway")).map_err(|e| format!("rule: gateway: {e}"))?,
            op: read_optional(object.get("op")).map_err(|e| format!("rule: op: {e}"))?.ok_or("rule: op is missing")?,
            times: number("times", 1)?,
            skip: number("skip", 0)?,
            what,
        })
    }
}

impl Plan {
    /// A plan in which nothing goes wrong.
    pub fn new() -> Plan {
        Plan::default()
    }

    /// Sets the customer.
    pub fn customer(self, customer: Customer) -> Plan {
        Plan { customer: Some(customer), ..self }
    }

    /// Sets what becomes of refunds.
    pub fn refunds(self, refunds: Refunding) -> Plan {
        Plan { refunds: Some(refunds), ..self }
    }

    /// Adds a rule.
    pub fn rule(mut self, rule: Rule) -> Plan {
        self.rules.push(rule);
        self
    }

    /// Reads the body of `/_control/plan`; anything that means nothing is an error.
    pub fn from_json(value: &Value) -> Result<Plan, String> {
        let object = value.as_object().ok_or("a plan is an object")?;
        let known =
            ["merchant", "customer", "refunds", "rules", "coupon_minor", "code_108", "close_after_five_minutes"];
        if let Some(name) = object.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("{name} means nothing in a plan"));
        }
        let rules = match object.get("rules") {
            None => Vec::new(),
            Some(Value::Array(rules)) => rules.iter().map(Rule::from_json).collect::<Result<_, _>>()?,
            Some(_) => return Err("rules is a list".to_owned()),
        };
        Ok(Plan {
            customer: object.get("customer").map(|value| read_tagged("customer", value)).transpose()?,
            refunds: object.get("refunds").map(|value| read_tagged("refunds", value)).transpose()?,
            rules,
            coupon_minor: read_optional(object.get("coupon_minor"))
                .map_err(|e| format!("coupon_minor: {e}"))?
                .unwrap_or_default(),
            code_108: read_optional(object.get("code_108")).map_err(|e| format!("code_108: {e}"))?.unwrap_or_default(),
            close_after_five_minutes: read_optional(object.get("close_after_five_minutes"))
                .map_err(|e| format!("close_after_five_minutes: {e}"))?
                .unwrap_or_default(),
        })
    }

    /// Takes the next misbehaviour for this exchange, if one is due.
    pub(crate) fn take(&mut self, gateway: Kind, op: Op, fresh_connection: bool) -> Option<Do> {
        let fits = |rule: &Rule| rule.op == op && rule.gateway.is_none_or(|only| only == gateway);
        let place = self.rules.iter().position(fits)?;
        let rule = &mut self.rules[place];
        if matches!(rule.what, Do::Stranger { reused_only: true }) && fresh_connection {
            return None;
        }
        if rule.skip > 0 {
            rule.skip -= 1;
            return None;
        }
        let what = rule.what.clone();
        match rule.times {
            0 => {}
            1 => drop(self.rules.remove(place)),
            _ => rule.times -= 1,
        }
        Some(what)
    }
}

/// A customer, or what becomes of refunds; a field that means nothing is an error.
fn read_tagged<T: Serialize + serde::de::DeserializeOwned>(what: &str, value: &Value) -> Result<T, String> {
    let read: T = serde_json::from_value(value.clone()).map_err(|e| format!("{what}: {e}"))?;
    let known = serde_json::to_value(&read).unwrap_or_default();
    let names = value.as_object().map(|object| object.keys()).into_iter().flatten();
    match names.into_iter().find(|name| known.get(name).is_none()) {
        Some(name) => Err(format!("{what}: {name} means nothing here")),
        None => Ok(read),
    }
}

fn read_optional<T: serde::de::DeserializeOwned>(value: Option<&Value>) -> Result<Option<T>, serde_json::Error> {
    value.map_or(Ok(None), |value| serde_json::from_value(value.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_are_used_up_in_order() {
        let mut plan = Plan::from_json(&json!({"merchant": "m1", "rules": [
            {"op": "query", "do": "lost_after", "skip": 1, "times": 2},
            {"op": "query", "do": "busy"},
            {"gateway": "bjrcb", "op": "charge", "do": "refused", "code": 40100},
        ]}))
        .unwrap();
        let mut query = || plan.take(Kind::Bjrcb, Op::Query, true);
        assert_eq!(query(), None);
        assert_eq!(query(), Some(Do::LostAfter));
        assert_eq!(query(), Some(Do::LostAfter));
        assert_eq!(query(), Some(Do::Busy { effect: true }));
        assert_eq!(query(), None);
        assert_eq!(plan.take(Kind::BlueoceanV1, Op::Charge, true), None);
        let refused = Do::Refused { code: Some("40100".to_owned()) };
        assert_eq!(plan.take(Kind::Bjrcb, Op::Charge, true), Some(refused));
        assert!(plan.rules.is_empty());
    }

    #[test]
    fn a_plan_with_a_word_that_means_nothing_is_refused() {
        for wrong in [
            json!({"rules": [{"op": "query", "do": "vanish"}]}),
            json!({"rules": [{"op": "guess", "do": "busy"}]}),
            json!({"rules": [{"do": "busy"}]}),
            json!({"rules": [{"op": "query", "do": "busy", "offset_ms": 1}]}),
            json!({"customer": {"do": "pays_after"}}),
            json!({"customer": {"do": "never", "queries": 1}}),
            json!({"costumer": {"do": "never"}}),
            json!({"refunds": {"do": "succeeds", "queries": 1}}),
            json!({"refunds": {"do": "vanishes"}}),
        ] {
            assert!(Plan::from_json(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_stranger_can_wait_for_a_reused_connection() {
        let mut plan = Plan::new().rule(Rule::new(Op::Charge, Do::Stranger { reused_only: true }));
        assert_eq!(plan.take(Kind::MaxfunDevice, Op::Charge, true), None);
        assert!(plan.take(Kind::MaxfunDevice, Op::Charge, false).is_some());
    }
}
