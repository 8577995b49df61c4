//! The gateways: one file each. A gateway reads a request strictly and words an answer; what happens to the order
//! in between is `world.rs`'s business and the same for all.

mod bjrcb;
mod bjrcb_tables;
mod blueocean;
mod blueocean_tables;
mod blueocean_v2;
mod data;
mod huishouyin;
mod huishouyin_tables;
mod maxfun;
mod maxfun_tp;
mod tencent;
mod tencent_answers;
mod tencent_tables;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::{FieldProblem, Fields, Spec};
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderKind};
use crate::merchant::Merchant;
use crate::plan::Code108;
use crate::refunds::Refund;
use crate::rng::Rng;
use crate::sign::Pair;

pub(crate) use blueocean_v2::blueocean_v2_notice;
pub(crate) use data::Data;
use data::{Item, data};

/// The gateways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// maxfun, device API.
    MaxfunDevice,
    /// BlueOcean, version 1.
    BlueoceanV1,
    /// Beijing Rural Commercial Bank.
    Bjrcb,
    /// Tencent Cloud Pay.
    TencentCpay,
    /// huishouyin.
    Huishouyin,
    /// maxfun, merchant API.
    MaxfunTp,
}

/// The operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// The merchant scans the customer's code.
    Charge,
    /// A QR order is made.
    Create,
    /// How does the order stand?
    Query,
    /// huishouyin: how does it stand, with amounts.
    Detail,
    /// Take back a charge.
    Reverse,
    /// Close a QR order.
    Close,
    /// Give back what was paid, or a part of it.
    Refund,
    /// How does a refund stand?
    RefundQuery,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 6] =
        [Kind::MaxfunDevice, Kind::BlueoceanV1, Kind::Bjrcb, Kind::TencentCpay, Kind::Huishouyin, Kind::MaxfunTp];

    /// The gateway that owns a path.
    pub(crate) fn of_path(path: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.gateway().paths().contains(&path))
    }

    pub(crate) fn gateway(self) -> &'static dyn Gateway {
        match self {
            Kind::MaxfunDevice => &maxfun::Maxfun,
            Kind::BlueoceanV1 => &blueocean::BlueOcean,
            Kind::Bjrcb => &bjrcb::Bjrcb,
            Kind::TencentCpay => &tencent::Tencent,
            Kind::Huishouyin => &huishouyin::Huishouyin,
            Kind::MaxfunTp => &maxfun_tp::MaxfunTp,
        }
    }
}

/// One gateway's reading and writing.
pub(crate) trait Gateway {
    /// The paths it answers.
    fn paths(&self) -> &'static [&'static str];

    /// Checks form, account, fields and signature. `seen` is filled as far as the reading gets.
    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong>;

    /// The answer to a request that was found wrong.
    fn refuse<'a>(&self, wrong: &'a Wrong, desk: &mut Desk<'a>) -> Data<'a>;

    /// The answer to a request that was carried out.
    fn answer<'a>(&self, said: &'a Said<'_>, desk: &mut Desk<'a>) -> Data<'a>;

    /// What it posts about an order as it stands; none where it posts nothing.
    fn notice<'a>(&self, order: &'a Order, desk: &mut Desk<'a>) -> Option<Data<'a>>;
}

/// What could be made out of a request, right or wrong; goes into the log.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) merchant: Option<usize>,
    pub(crate) op: Option<Op>,
    pub(crate) order_number: Option<String>,
    pub(crate) refund_number: Option<String>,
    pub(crate) amount_minor: Option<i64>,
}

/// A request that passed every check of form.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) merchant: usize,
    /// BJRCB: the wallet that the name of the service holds; orders of the other one are not found.
    pub(crate) alipay: Option<bool>,
    /// Tencent: the trade type that the request names; orders of the other one are not found.
    pub(crate) kind: Option<OrderKind>,
    pub(crate) op: Op,
    pub(crate) order_number: Option<String>,
    pub(crate) gateway_number: Option<String>,
    /// Absent at huishouyin, which knows no nonce.
    pub(crate) nonce: Option<String>,
    /// For a charge or a create.
    pub(crate) sale: Option<Sale>,
    /// For a refund or a question about one.
    pub(crate) refund: Option<RefundAsked>,
}

/// What a refund asks for, or which one is asked about.
#[derive(Debug, Default)]
pub(crate) struct RefundAsked {
    pub(crate) number: Option<String>,
    /// None: all that is left.
    pub(crate) amount_minor: Option<i64>,
    /// What the till says that the order was about.
    pub(crate) total_minor: Option<i64>,
    /// Only on the day of the payment, China time.
    pub(crate) same_day: bool,
}

/// What a charge or create asks for.
#[derive(Debug)]
pub(crate) struct Sale {
    pub(crate) amount_minor: i64,
    pub(crate) currency: &'static str,
    pub(crate) code: Option<String>,
    pub(crate) expires_at_ms: Option<i64>,
    pub(crate) texts: BTreeMap<String, Value>,
}

/// What is wrong with a request.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) reason: Reason,
    pub(crate) text: String,
}

/// The kinds of wrong, as far as gateways tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Method,
    Json,
    Account,
    Missing,
    Format,
    Signature,
    Replay,
    TooMuch,
    /// Well formed, but not allowed: a foreign prefix, currency or kind of code.
    Rule,
}

/// What happened, and what is said about it.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    pub(crate) op: Op,
    pub(crate) outcome: Outcome,
    /// The order as the answer shows it.
    pub(crate) order: Option<Cow<'a, Order>>,
    /// The place of the refund that the answer is about; none: all of the order's.
    pub(crate) part: Option<usize>,
    /// A customer's attempt has just failed, and the order is still open.
    pub(crate) attempt_failed: bool,
    /// The state is to be one that stands in no table.
    pub(crate) unknown_state: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The order, or its refund, stands as it stands.
    Order,
    Duplicate {
        paid: bool,
    },
    CodeUsed,
    NotFound,
    Reversed,
    Closed,
    AlreadyClosed,
    Again,
    RefusedPaid,
    /// A reverse of an order that was refunded.
    Refunded,
    /// A reverse of a QR order, or a close of a charge, where the wallet tells them apart.
    WrongKind,
    /// The order has no such refund.
    NoRefund,
    RefundRefused(RefundRefusal),
    TooYoung,
    Busy,
    UnknownCode,
    Repeat,
    Refused(Option<String>),
}

/// Why nothing is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundRefusal {
    /// There is nothing to give back.
    Unpaid,
    /// All of it was given back.
    NothingLeft,
    /// More than is left, or in too many parts.
    TooMuch,
    /// The order was about another sum.
    OtherTotal,
    /// The number stands for another refund.
    NumberTaken,
    /// The merchant has not enough.
    FundsShort,
    /// It is too late.
    PastPeriod,
}

/// What an answer is written with.
pub(crate) struct Desk<'a> {
    pub(crate) merchant: Option<&'a Merchant>,
    pub(crate) now_ms: i64,
    pub(crate) rng: &'a mut Rng,
    pub(crate) signature: Signature,
    pub(crate) code_as_text: bool,
    /// What maxfun's 108 means.
    pub(crate) code_108: Code108,
}

/// How an answer is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    Right,
    Wrong,
    Missing,
}

impl<'a> Said<'a> {
    /// Nothing but the order as it stands.
    pub(crate) fn about(op: Op, order: &'a Order) -> Said<'a> {
        let order = Some(Cow::Borrowed(order));
        Said { op, outcome: Outcome::Order, order, part: None, attempt_failed: false, unknown_state: false }
    }
}

impl Said<'_> {
    pub(crate) fn order(&self) -> Option<&Order> {
        self.order.as_deref()
    }

    /// The refunds that the answer is about.
    pub(crate) fn refunds(&self) -> &[Refund] {
        let refunds = self.order().map_or(&[][..], |order| &order.refunds);
        match self.part {
            Some(part) => refunds.get(part..=part).unwrap_or_default(),
            None => refunds,
        }
    }
}

impl Asked {
    pub(crate) fn is_about_refund(&self) -> bool {
        self.refund.is_some()
    }

    /// What the request is about, as far as it says.
    pub(crate) fn amount_minor(&self) -> Option<i64> {
        let refund = self.refund.as_ref().and_then(|refund| refund.amount_minor);
        self.sale.as_ref().map(|sale| sale.amount_minor).or(refund)
    }
}

impl Wrong {
    pub(crate) fn new(reason: Reason, text: impl Into<String>) -> Wrong {
        Wrong { reason, text: text.into() }
    }
}

impl From<FieldProblem> for Wrong {
    fn from(problem: FieldProblem) -> Wrong {
        let reason = match problem {
            FieldProblem::Missing(_) => Reason::Missing,
            FieldProblem::Format(_) => Reason::Format,
        };
        Wrong::new(reason, problem.to_string())
    }
}

impl Desk<'_> {
    /// Puts `sign` into an answer, or what the plan wants there.
    fn sign(&self, data: &mut Data<'_>, rule: impl Fn(&[Pair<'_>], &str) -> String, key: &str) {
        if let Some(made) = self.signed(data.pairs().as_slice(), rule, key) {
            data.put("sign", made);
        }
    }

    fn signed<T: ?Sized>(&self, what: &T, rule: impl Fn(&T, &str) -> String, key: &str) -> Option<String> {
        match self.signature {
            Signature::Right => Some(rule(what, key)),
            Signature::Wrong => Some(rule(what, &format!("not {key}"))),
            Signature::Missing => None,
        }
    }

    /// A code as this gateway writes it: `number` by default, text when the plan wants the other form.
    fn number_code<'a>(&self, code: &'a str) -> Item<'a> {
        match code.parse::<i64>() {
            Ok(number) if !self.code_as_text => number.into(),
            _ => code.into(),
        }
    }
}

/// Common first steps: method, content type, JSON.
fn open(request: &HttpRequest) -> Result<Fields<'_>, Wrong> {
    if request.method != "POST" {
        return Err(Wrong::new(Reason::Method, format!("{} instead of POST", request.method)));
    }
    let content_type = request.content_type.as_deref().unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|part| part.eq_ignore_ascii_case("application/json"));
    if !is_json || parts.any(|parameter| !parameter.eq_ignore_ascii_case("charset=utf-8")) {
        return Err(Wrong::new(Reason::Json, format!("the content type is {content_type:?}, not application/json")));
    }
    Fields::parse(&request.body).map_err(|text| Wrong::new(Reason::Json, text))
}

/// Common next steps: the account must be known, and the fields must follow the table.
fn identify(
    fields: &Fields<'_>,
    account: &str,
    table: &[Spec],
    merchants: &[Merchant],
    seen: &mut Seen,
    is_account: impl Fn(&Merchant, &str) -> bool,
) -> Result<usize, Wrong> {
    let named = fields.text(account);
    seen.merchant = merchants.iter().position(|merchant| is_account(merchant, named));
    if seen.merchant.is_none() && !named.is_empty() {
        return Err(Wrong::new(Reason::Account, format!("{account} belongs to no merchant")));
    }
    fields.check(table)?;
    seen.merchant.ok_or_else(|| Wrong::new(Reason::Account, format!("{account} belongs to no merchant")))
}

fn check_signature(got: &str, expected: &str) -> Result<(), Wrong> {
    if got == expected { Ok(()) } else { Err(Wrong::new(Reason::Signature, "the signature is wrong")) }
}

fn positive(amount: Option<i64>, most: i64) -> Result<i64, Wrong> {
    match amount {
        Some(amount) if amount > most => Err(Wrong::new(Reason::TooMuch, format!("the amount is above {most}"))),
        Some(amount) if amount > 0 => Ok(amount),
        _ => Err(Wrong::new(Reason::Format, "the amount is not positive")),
    }
}

/// The descriptive fields that came with a sale.
fn texts(fields: &Fields<'_>, names: &[&str]) -> BTreeMap<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), fields.value(name)?))).collect()
}
