//! The ledger of pretend money: what every order asked for, and what it took from the customer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gateway::{Kind, Op};
use crate::plan::Customer;
use crate::refunds::Refund;

/// How an order came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// The merchant scanned the customer's code.
    Charge,
    /// The customer scans the merchant's QR.
    Qr,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// A QR order nobody has asked about yet.
    Created,
    /// The customer has not decided.
    Waiting,
    /// The customer's money is with the merchant.
    Paid,
    /// The charge failed.
    Failed,
    /// Taken back by a reverse.
    Reversed,
    /// Closed, or its time is over.
    Closed,
}

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The gateway.
    pub gateway: Kind,
    /// The merchant's number. maxfun's device API has none: `maxfun:` and the nonce.
    pub order_number: String,
    /// How it came about.
    pub kind: OrderKind,
    /// What was asked for.
    pub amount_minor: i64,
    /// What moves when the customer pays: the amount, unless the plan says otherwise.
    pub charged_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Where it stands.
    pub state: OrderState,
    /// What was taken from the customer, and not given back by a reverse. Refunds leave it as it is.
    pub money_minor: i64,
    /// How many times money was taken.
    pub charges: u32,
    /// How many times money was given back.
    pub returns: u32,
    /// How many queries found it.
    pub queries: u32,
    /// The gateway's own number.
    pub gateway_number: String,
    /// The wallet's number.
    pub wallet_number: String,
    /// What the QR says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub qr: Option<String>,
    /// When it was made, UTC.
    pub created_at_ms: i64,
    /// When it was last paid.
    pub paid_at_ms: Option<i64>,
    /// When it was reversed or closed.
    pub ended_at_ms: Option<i64>,
    /// When it dies by itself, if it does.
    pub expires_at_ms: Option<i64>,
    /// Descriptive fields as received.
    pub texts: BTreeMap<String, Value>,
    /// What its customer does.
    pub customer: Customer,
    /// What a coupon took off: the customer paid so much less.
    #[serde(default)]
    pub coupon_minor: i64,
    /// What was given back of it, oldest first.
    #[serde(default)]
    pub refunds: Vec<Refund>,
}

/// A merchant's orders, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// The orders.
    pub orders: Vec<Order>,
    /// Their sums.
    pub totals: Totals,
}

/// Sums over a ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many orders there are.
    pub orders: usize,
    /// How many of them are paid now.
    pub paid: usize,
    /// How many times money was taken, over all orders.
    pub charges: u32,
    /// What was taken from the customers, by currency.
    pub money_minor: BTreeMap<String, i64>,
    /// What they got back by refunds, by currency.
    #[serde(default)]
    pub refunded_minor: BTreeMap<String, i64>,
}

impl Order {
    /// Whether the customer can still pay it.
    pub fn is_open(&self) -> bool {
        matches!(self.state, OrderState::Created | OrderState::Waiting)
    }

    /// Whether Alipay is asked, where a gateway serves both wallets; else it is WeChat.
    pub(crate) fn is_alipay(&self) -> bool {
        let platform = self.texts.get("pay_platform").and_then(Value::as_i64);
        let service = self.texts.get("service_type").and_then(Value::as_str);
        platform == Some(2) || service.is_some_and(|name| name.starts_with("ALIPAY"))
    }

    /// W1: a reverse is for charges and a close for QR orders. Alipay's cancel takes both (A1), and huishouyin's (H1).
    pub(crate) fn may_be_ended_by(&self, op: Op) -> bool {
        match (op, self.kind) {
            (Op::Reverse, OrderKind::Qr) => self.is_alipay() || self.gateway == Kind::Huishouyin,
            (Op::Close, OrderKind::Charge) => false,
            _ => true,
        }
    }

    /// The customer pays. Money is never taken twice in a row.
    pub(crate) fn pay(&mut self, now_ms: i64) {
        if self.state != OrderState::Paid {
            self.state = OrderState::Paid;
            self.money_minor += self.charged_minor - self.coupon_minor;
            self.charges += 1;
            self.paid_at_ms = Some(now_ms);
        }
    }

    /// The order ends without money; what was taken is given back.
    pub(crate) fn end(&mut self, state: OrderState, now_ms: i64) {
        if self.money_minor > 0 {
            self.money_minor = 0;
            self.returns += 1;
        }
        self.state = state;
        self.ended_at_ms = Some(now_ms);
    }
}

impl Ledger {
    /// Adds up the orders.
    pub(crate) fn of(orders: &[Order]) -> Ledger {
        let mut totals = Totals { orders: orders.len(), ..Totals::default() };
        for order in orders {
            totals.paid += usize::from(order.state == OrderState::Paid);
            totals.charges += order.charges;
            *totals.money_minor.entry(order.currency.clone()).or_default() += order.money_minor;
            *totals.refunded_minor.entry(order.currency.clone()).or_default() += order.refunded_minor();
        }
        Ledger { orders: orders.to_vec(), totals }
    }

    /// The order with this number.
    pub fn order(&self, order_number: &str) -> Option<&Order> {
        self.orders.iter().find(|order| order.order_number == order_number)
    }
}
