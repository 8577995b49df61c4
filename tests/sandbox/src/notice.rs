//! Notifications: what a gateway would post to the merchant's server about an order. Nobody sends them; tests fetch one and hand
//! it on, true or false.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gateway::{Desk, Kind, Signature};
use crate::ledger::Order;
use crate::plan::Code108;
use crate::twist::other_number;
use crate::world::World;

/// What is wrong with a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeFault {
    /// Signed with another key.
    BadSignature,
    /// Not signed.
    NoSignature,
    /// About another order, rightly signed.
    OtherOrder,
    /// About one minor unit more, rightly signed, where an amount is told at all.
    OtherAmount,
}

/// Which notification is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notice {
    /// What is wrong with it.
    pub fault: Option<NoticeFault>,
    /// BlueOcean only: in the form of its version 2.
    pub version_2: bool,
}

/// One notification, as it would reach the merchant's server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Who sends it.
    pub gateway: Kind,
    /// Where the merchant's server might take it; the sandbox's own choice.
    pub path: String,
    /// The headers, in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body, to the byte.
    pub body: String,
}

impl World {
    /// What the gateway would post about this order, as it stands now.
    pub fn notification(&mut self, merchant: &str, order_number: &str, now_ms: i64) -> Result<Notification, String> {
        self.notification_of(merchant, order_number, Notice::default(), now_ms)
    }

    /// The same in another form, or with a fault.
    pub fn notification_of(
        &mut self,
        merchant: &str,
        order_number: &str,
        wanted: Notice,
        now_ms: i64,
    ) -> Result<Notification, String> {
        let account = self.place(merchant)?;
        let place = self.accounts[account].place(order_number);
        let place = place.ok_or_else(|| format!("{merchant} has no order {order_number}"))?;
        let order = with_fault(&self.accounts[account].orders[place], wanted.fault);
        if wanted.version_2 && order.gateway != Kind::BlueoceanV1 {
            return Err(format!("{:?} has no second form", order.gateway));
        }
        let mut desk = Desk {
            merchant: Some(&self.merchants[account]),
            now_ms,
            rng: &mut self.rng,
            signature: match wanted.fault {
                Some(NoticeFault::BadSignature) => Signature::Wrong,
                Some(NoticeFault::NoSignature) => Signature::Missing,
                _ => Signature::Right,
            },
            code_as_text: false,
            code_108: Code108::default(),
        };
        let kind = order.gateway;
        let made = if wanted.version_2 {
            crate::gateway::blueocean_v2_notice(&order, &mut desk).map(|data| (FORM, data.to_form()))
        } else {
            kind.gateway().notice(&order, &mut desk).map(|data| (JSON, data.to_json()))
        };
        let (content_type, body) =
            made.ok_or_else(|| format!("{kind:?} sends none about {order_number} as it stands"))?;
        // The kind's own name, as in the ready line.
        let name = serde_json::to_value(kind).unwrap_or_default();
        Ok(Notification {
            gateway: kind,
            path: format!("/notify/{}", name.as_str().unwrap_or_default()),
            headers: [("content-type".to_owned(), content_type.to_owned())].into(),
            body,
        })
    }
}

const JSON: &str = "application/json; charset=utf-8";
const FORM: &str = "application/x-www-form-urlencoded";

fn with_fault(order: &Order, fault: Option<NoticeFault>) -> Cow<'_, Order> {
    let mut order = Cow::Borrowed(order);
    match fault {
        Some(NoticeFault::OtherOrder) => order.to_mut().order_number = other_number(&order.order_number),
        Some(NoticeFault::OtherAmount) => order.to_mut().charged_minor += 1,
        _ => {}
    }
    order
}
