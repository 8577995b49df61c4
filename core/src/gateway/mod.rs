//! Gateways: what can be asked of them, and what their answers prove.
//!
//! A gateway is two pure functions, [`Gateway::request`] and [`Gateway::reply`]. It knows neither flow nor store nor
//! HTTP, and reads no clock. A reader of answers starts at [`Reply::Unproved`], and only an explicit, checked answer
//! moves it from there.
//!
//! To add a gateway: write its file, and name it in `GatewayKind` and in [`open`] below.

mod answer;
mod bjrcb;
mod blueocean;
mod huishouyin;
mod maxfun;
mod maxfun_tp;
mod notice;
mod request;
mod settings;
mod tencent;
#[cfg(test)]
mod testing;
mod texts;
mod timing;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use settings::Settings;
pub use timing::Timing;

use crate::{
    error::PaywandError,
    money::{Amount, Currency},
    payment::{Evidence, PaymentKind, Texts},
    payment_code::{PaymentCode, Wallet},
};

/// The gateways that this library speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum GatewayKind {
    /// maxfun 一满乐, device API (S0).
    MaxfunDevice,
    /// BlueOcean 蓝海支付, v1 (S1).
    BlueoceanV1,
    /// BJRCB 北京农商银行 (S2).
    Bjrcb,
    /// Tencent Cloud Pay 腾讯云支付 (S3).
    TencentCpay,
    /// huishouyin 慧收银 (S4).
    Huishouyin,
    /// maxfun 一满乐, merchant API "tp" (M1).
    MaxfunTp,
}

impl GatewayKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::MaxfunDevice, Self::BlueoceanV1, Self::Bjrcb, Self::TencentCpay, Self::Huishouyin, Self::MaxfunTp];

    /// What a configuration calls it.
    pub fn code(self) -> &'static str {
        match self {
            Self::MaxfunDevice => "maxfun_device",
            Self::BlueoceanV1 => "blueocean_v1",
            Self::Bjrcb => "bjrcb",
            Self::TencentCpay => "tencent_cpay",
            Self::Huishouyin => "huishouyin",
            Self::MaxfunTp => "maxfun_tp",
        }
    }

    /// The gateway's own numbers, used where the configuration names none.
    pub fn timing(self) -> Timing {
        match self {
            Self::MaxfunDevice => maxfun::TIMING,
            Self::BlueoceanV1 => blueocean::TIMING,
            Self::Bjrcb => bjrcb::TIMING,
            Self::TencentCpay => tencent::TIMING,
            Self::Huishouyin => huishouyin::TIMING,
            Self::MaxfunTp => maxfun_tp::TIMING,
        }
    }
}

/// Makes the gateway of `kind` from its account's values; refuses missing, overlong and unknown ones.
pub fn open(kind: GatewayKind, settings: Settings) -> Result<Box<dyn Gateway>, PaywandError> {
    Ok(match kind {
        GatewayKind::MaxfunDevice => Box::new(maxfun::Maxfun::new(settings)?),
        GatewayKind::BlueoceanV1 => Box::new(blueocean::BlueOcean::new(settings)?),
        GatewayKind::Bjrcb => Box::new(bjrcb::Bjrcb::new(settings)?),
        GatewayKind::TencentCpay => Box::new(tencent::Tencent::new(settings)?),
        GatewayKind::Huishouyin => Box::new(huishouyin::Huishouyin::new(settings)?),
        GatewayKind::MaxfunTp => Box::new(maxfun_tp::MaxfunTp::new(settings)?),
    })
}

/// A gateway: pure requests, pure replies.
pub trait Gateway: Send + Sync {
    /// What it can do, and within what limits.
    fn capabilities(&self) -> Capabilities;

    /// The values that say whose account this is: merchant, shop, device. No secret unless it is the only identifier.
    fn account(&self) -> Vec<&str>;

    /// The wallet that a QR is for where the till names none, at a gateway that makes a QR for one wallet. It is stored
    /// with the payment, whose order may be known to that wallet's service only.
    fn qr_wallet(&self) -> Option<Wallet> {
        None
    }

    /// The request for `op`, reproducible to the byte.
    ///
    /// `code` is there for [`Operation::Charge`] only.
    fn request(
        &self,
        op: Operation,
        order: &Order,
        code: Option<&PaymentCode>,
        stamp: &Stamp,
    ) -> Result<WireRequest, RequestError>;

    /// What `response`, an answer to `op`, proves about `order`.
    fn reply(&self, op: Operation, order: &Order, response: &WireResponse) -> Reply;

    /// Which order a callback is about, and how it is acknowledged. It proves nothing: it is a reason to ask now.
    fn notice(&self, callback: &Callback) -> Result<Notice, NoticeRefusal>;
}

/// What a gateway can do. What it lacks is not there; the flow plans without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Charges a payment code.
    pub charge: bool,
    /// Makes a QR to be shown.
    pub qr: bool,
    /// Can be asked for an order's state.
    pub query: bool,
    /// Its query carries no amount; a detail call does.
    pub detail: bool,
    /// Reverses 撤销 a charge.
    pub reverse: bool,
    /// Closes 关单 a QR order.
    pub close: bool,
    /// The wallets whose failed orders its text wants to be reversed (WeChat rails).
    pub cleans_failures: &'static [Wallet],
    /// Gives back, and how; none where it cannot.
    pub refund: Option<Refunds>,
    /// Signs its answers. Where it does not, plain http is refused.
    pub signs_answers: bool,
    /// Its charges and creations go over connections of their own: one opened in advance would not be used.
    pub own_connections: bool,
    /// The currencies that it takes.
    pub currencies: &'static [Currency],
    /// The largest amount, in minor units.
    pub max_minor: i64,
    /// The longest payment code, in characters.
    pub max_code: usize,
    /// What its order numbers begin with; empty where it demands nothing.
    pub order_prefix: String,
}

/// How a gateway gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refunds {
    /// Can be asked what became of a refund.
    pub query: bool,
    /// Its text says that the same refund number again is the same refund.
    pub repeats: bool,
    /// Gives back a part.
    pub partial: bool,
    /// How many days after the payment it still gives back; 0 is the same day. For a warning: the gateway decides.
    pub days: Option<u32>,
}

/// What is asked of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Charge the payment code.
    Charge,
    /// Create a QR order.
    CreateQr,
    /// Ask for the order's state.
    Query,
    /// Ask for the order's amounts, where the state call carries none.
    Detail,
    /// Reverse 撤销 the charge.
    Reverse,
    /// Close 关单 the QR order.
    Close,
    /// Give back [`Order::refund`].
    Refund,
    /// Ask what became of [`Order::refund`].
    RefundQuery,
}

impl Operation {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::CreateQr => "create_qr",
            Self::Query => "query",
            Self::Detail => "detail",
            Self::Reverse => "reverse",
            Self::Close => "close",
            Self::Refund => "refund",
            Self::RefundQuery => "refund_query",
        }
    }
}

/// What a request is about. Holds no payment code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// `out_trade_no`.
    pub number: String,
    /// What is charged.
    pub amount: Amount,
    /// Who scans whom: never a refund.
    pub kind: PaymentKind,
    /// The wallet that pays: by the form of its code, or as asked for a QR. Advisory.
    pub wallet: Option<Wallet>,
    /// What is to be given back, for [`Operation::Refund`] and [`Operation::RefundQuery`].
    pub refund: Option<Refund>,
    /// What the till attached.
    pub texts: Texts,
    /// The gateway's own number, once known.
    pub gateway_number: Option<String>,
    /// The QR being shown.
    pub pay_url: Option<String>,
}

/// A refund 退款 of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// `out_refund_no`: always the same for one refund.
    pub number: String,
    /// What is to be given back, in the order's currency.
    pub amount: Amount,
}

/// What makes a request unlike any other: brought in, so that requests are reproducible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// 32 random letters and digits.
    pub nonce: String,
    /// UTC milliseconds: by the gateway's clock where one of its answers has told it, else by the device's.
    pub at_ms: i64,
}

/// A POST to be sent as it stands. Its body holds the code: it prints no body.
#[derive(Clone, PartialEq, Eq)]
pub struct WireRequest {
    /// Below the base URL, beginning with `/`.
    pub path: &'static str,
    /// JSON, UTF-8.
    pub body: zeroize::Zeroizing<Vec<u8>>,
    /// Send it over a connection opened for this one exchange, because its answers may name no order.
    pub fresh: bool,
}

impl fmt::Debug for WireRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "POST {} ({} bytes, fresh: {})", self.path, self.body.len(), self.fresh)
    }
}

/// An answer as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct WireResponse {
    /// HTTP status.
    pub status: u16,
    /// The whole body, at most 1 MiB.
    pub body: Vec<u8>,
    /// It came over a connection opened for this exchange: no stranger's answer can stand in it.
    pub fresh: bool,
    /// Over TLS, with the server's name and certificate verified.
    pub verified_tls: bool,
}

impl fmt::Debug for WireResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "HTTP {} ({} bytes, fresh: {}, verified_tls: {})",
            self.status,
            self.body.len(),
            self.fresh,
            self.verified_tls
        )
    }
}

/// A callback 异步通知 as the merchant's server got it and passed it on.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "callback ({} headers, {} bytes)", self.headers.len(), self.body.len())
    }
}

/// What a callback is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The `out_trade_no` that it names.
    pub order_number: String,
    /// Whether its signature was checked: where a gateway signs callbacks, one that does not verify is refused.
    pub signed: bool,
    /// What the merchant's server answers.
    pub acknowledgement: Acknowledgement,
}

/// What the gateway wants to hear, so that it does not call again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The value of the `Content-Type` header.
    pub content_type: &'static str,
    /// The body, with HTTP status 200.
    pub body: &'static str,
}

/// Why a callback is not believed. Nothing follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeRefusal {
    /// This gateway sends none.
    Unsupported,
    /// It cannot be read; the text says why.
    Unreadable(&'static str),
    /// Its signature does not verify, or it is another account's.
    Forged,
}

/// Why a request cannot be made. Found before anything is stored or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    /// The request's field.
    pub field: &'static str,
    /// What is wrong with it; never a code or key.
    pub reason: String,
}

/// Money that came in, proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The gateway's own number.
    pub gateway_number: Option<String>,
    /// When, in UTC milliseconds by the gateway's clock.
    pub paid_at_ms: Option<i64>,
    /// What of it can be given back, where that is less than the order's amount.
    pub refundable: Option<Amount>,
    /// What the proof is.
    pub evidence: Evidence,
}

/// Money that went back, proved by an entry that names our refund and its amount in final success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The gateway's own number for the refund.
    pub gateway_number: Option<String>,
    /// When, in UTC milliseconds by the gateway's clock.
    pub refunded_at_ms: Option<i64>,
    /// What the proof is.
    pub evidence: Evidence,
}

/// What an answer proves (docs/architecture.md).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Our order, our amount and currency, success, signature valid where answers are signed.
    Paid(Receipt),
    /// Success and our order, but this call carries no amount: the detail call must.
    LooksPaid,
    /// Success and our order, another sum: money moved, not what was asked for.
    PaidOther(Amount),
    /// Success in every respect but the signature.
    Unverified,
    /// The customer is busy, or nothing is decided.
    Waiting,
    /// Our QR order waits, but with another QR than the one shown.
    OtherQr,
    /// The QR can be shown.
    QrReady {
        /// What the QR holds.
        pay_url: String,
        /// The gateway's own number.
        gateway_number: Option<String>,
    },
    /// The gateway wants the same request once more (Tencent status 3).
    SendAgain,
    /// This very request was turned away before any charge. Only as the answer to a charge or a creation.
    Refused(String),
    /// The order is known and its charge failed.
    NotPaid(String),
    /// No such order: proves nothing by itself.
    NotFound,
    /// Our order number was taken or paid before this charge.
    NumberTaken,
    /// Our order is reversed.
    Reversed,
    /// Our order is closed.
    Closed,
    /// The reverse or close says that it is done.
    ReverseDone,
    /// The reverse or close wants to be asked again.
    ReverseAgain,
    /// The reverse or close was turned away.
    ReverseRefused,
    /// Money moved and some came back by other hands.
    ReturnedElsewhere,
    /// Money moved and all of it came back: by our reverse, where one is out, else by other hands.
    ReturnedInFull,
    /// The refund was taken on. It is not refunded yet, anywhere.
    RefundAccepted,
    /// Our refund, its amount, final success.
    RefundProved(Returned),
    /// The gateway knows our refund and says that it failed.
    RefundFailed(String),
    /// Our refund cannot be paid out by the wallet (CHANGE 转入代发).
    RefundChanged,
    /// About our order, and it does not tell what became of it, or of our refund. Nothing follows but that it was asked: a
    /// person who knows more may settle it.
    Undecided(&'static str),
    /// Everything else; the text says why, for the journal.
    Unproved(&'static str),
}

impl Reply {
    /// The stable code, for the journal and the log.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Paid(_) => "paid",
            Self::LooksPaid => "looks_paid",
            Self::PaidOther(_) => "paid_other",
            Self::Unverified => "unverified",
            Self::Waiting => "waiting",
            Self::OtherQr => "other_qr",
            Self::QrReady { .. } => "qr_ready",
            Self::SendAgain => "send_again",
            Self::Refused(_) => "refused",
            Self::NotPaid(_) => "not_paid",
            Self::NotFound => "not_found",
            Self::NumberTaken => "number_taken",
            Self::Reversed => "reversed",
            Self::Closed => "closed",
            Self::ReverseDone => "reverse_done",
            Self::ReverseAgain => "reverse_again",
            Self::ReverseRefused => "reverse_refused",
            Self::ReturnedElsewhere => "returned_elsewhere",
            Self::ReturnedInFull => "returned_in_full",
            Self::RefundAccepted => "refund_accepted",
            Self::RefundProved(_) => "refund_proved",
            Self::RefundFailed(_) => "refund_failed",
            Self::RefundChanged => "refund_changed",
            Self::Undecided(_) => "undecided",
            Self::Unproved(_) => "unproved",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_own_connections_sends_its_charges_and_creations_over_them() {
        let keys: [&[(&str, &str)]; GatewayKind::ALL.len()] = [
            &[("devices_key", "d1")],
            &[("appid", "a1"), ("key", testing::K)],
            &[("mch_id", "m1"), ("key", testing::K)],
            &[
                ("out_mch_id", "m1"),
                ("out_sub_mch_id", "s1"),
                ("out_shop_id", "h1"),
                ("authen_key", testing::K),
                ("order_prefix", "T2026"),
            ],
            &[("app_id", "a1"), ("app_sercet", testing::K)],
            &[("mch_key", "m1")],
        ];
        for (kind, keys) in GatewayKind::ALL.into_iter().zip(keys) {
            let gateway = open(kind, testing::settings(keys)).unwrap();
            let can = gateway.capabilities();
            let op = if can.charge { Operation::Charge } else { Operation::CreateQr };
            let (code, order) = (testing::wechat_code(), testing::order(100, can.currencies[0]));
            let request = gateway.request(op, &order, Some(&code), &testing::stamp()).unwrap();
            assert_eq!(request.fresh, can.own_connections, "{kind:?}");
        }
    }
}
