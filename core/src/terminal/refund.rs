//! Refunds: what a caller asks for, what is left to give back, and the checks before anything is stored.

use std::collections::HashMap;

use super::{Inner, Terminal, is_settled, request, request::Asked};
use crate::{
    driver::{NewPayment, Port},
    error::PaywandError,
    gateway::Refunds,
    money::Amount,
    payment::{Original, Payment, PaymentKind, Texts},
    store::Stored,
};

/// A refund 退款 of a payment, full or in part.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RefundRequest {
    /// The caller's own name for the refund, 1 to 64 characters. The same key again is the same refund.
    pub request_key: String,
    /// The payment to give back: `Paid`, or `SettledPaid` by a person's word.
    pub payment_id: i64,
    /// How much; by default all that is left.
    #[uniffi(default = None)]
    pub amount: Option<Amount>,
    /// Why: free text, at most 8192 characters, sent where the gateway has a field for it and cut to its length.
    #[uniffi(default = "")]
    pub reason: String,
    /// The cashier's id, at most 64 characters; a gateway may take less.
    #[uniffi(default = None)]
    pub cashier: Option<String>,
    /// The caller's own data, stored and returned untouched; at most 16 KiB.
    #[uniffi(default)]
    pub metadata: HashMap<String, String>,
    /// It is another refund, although one of this payment and amount is still in doubt.
    #[uniffi(default = false)]
    pub another_refund: bool,
    /// How long the call waits, in milliseconds; by default the gateway's deadline + connect + read + 1 s.
    #[uniffi(default = None)]
    pub limit_ms: Option<i64>,
}

/// What can still be given back of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Refundable {
    /// What came in, less every refund that is not proved failed.
    pub left: Amount,
    /// Whether a part can be given back.
    pub partial: bool,
    /// The gateway's window is over, by this device's clock. It can still be asked: the gateway decides.
    pub past_window: bool,
}

#[uniffi::export]
impl Terminal {
    /// Gives a payment back, in full or in part. Returns the refund, a payment of kind `Refund`, when it is `Refunded` or
    /// `Failed`, when it needs attention, or after `request.limit_ms`, whichever is first. A wallet may take days: it is
    /// asked on in the background, and after restarts. The limit begins once the intent is committed, as with `charge`.
    ///
    /// Errors: `NoSuchPayment`, `NotRefundable`, `RefundTooLarge`, `UnsupportedOperation`, `KeyReused`, `LooksLikeRepeat`,
    /// `InvalidAmount`, `CurrencyNotAccepted`, `InvalidRequest`, `UnknownGateway`, `OtherAccount`, `GatewayUnhealthy`,
    /// `StoreUnavailable`, `StoreCorrupt`, `ShutDown`, as with `charge`.
    pub async fn refund(&self, request: RefundRequest) -> Result<Payment, PaywandError> {
        self.run(move |inner| async move {
            let (limit_ms, id, asked) = (request.limit_ms, request.payment_id, Asked::refund(&request));
            let original = inner.read(move |reader| reader.payment(id)).await?;
            let original = original.ok_or(PaywandError::NoSuchPayment { id })?;
            let key = request.request_key.clone();
            let (left, there) = inner.read(move |reader| Ok((reader.refundable(id)?, reader.find(&key)?))).await?;
            let there = there.map(|stored| stored.payment.amount);
            let new = checked(&inner, request, original, there, left);
            let payment = inner.begin(asked, new).await?;
            let limit = inner.limit_at(&payment.gateway, limit_ms, true);
            Ok(inner.wait_until(payment, limit, is_settled).await)
        })
        .await
    }

    /// The refunds of a payment, oldest first; none where there is no such payment.
    pub fn refunds(&self, payment_id: i64) -> Result<Vec<Payment>, PaywandError> {
        let inner = self.inner()?;
        inner.reader().refunds(payment_id)
    }

    /// What can still be given back of a payment. Errors: `NoSuchPayment`, `NotRefundable`, `UnsupportedOperation`,
    /// `UnknownGateway`.
    pub fn refundable(&self, payment_id: i64) -> Result<Refundable, PaywandError> {
        let inner = self.inner()?;
        let stored = inner.reader().payment(payment_id)?.ok_or(PaywandError::NoSuchPayment { id: payment_id })?;
        let port = port_of(&inner, &stored)?;
        let can = can_refund(port)?;
        let left = inner.reader().refundable(payment_id)?;
        let left = left.filter(|_| may_refund(&stored)).ok_or(PaywandError::NotRefundable { id: payment_id })?;
        Ok(Refundable { left, partial: can.partial, past_window: inner.past_window(&stored.payment, can) })
    }
}

impl Inner {
    /// Whether the gateway's last day for it is over: the days of the merchant's calendar.
    fn past_window(&self, payment: &Payment, can: Refunds) -> bool {
        let Some(days) = can.days else { return false };
        let day = |at_ms: i64| at_ms.saturating_add(i64::from(self.business_day.utc_offset_minutes) * 60_000) / DAY_MS;
        let paid_at_ms = payment.paid_at_ms.unwrap_or(payment.created_at_ms);
        day(self.clock.now().wall_ms).saturating_sub(day(paid_at_ms)) > i64::from(days)
    }
}

const DAY_MS: i64 = 24 * 3_600_000;

fn port_of<'a>(inner: &'a Inner, original: &Stored) -> Result<&'a Port, PaywandError> {
    let gateway = &original.payment.gateway;
    let port = inner.ports.get(inner.port(gateway)?);
    port.ok_or_else(|| PaywandError::UnknownGateway { gateway: gateway.clone() })
}

fn can_refund(port: &Port) -> Result<Refunds, PaywandError> {
    let (gateway, operation) = (port.id.clone(), "refund".to_owned());
    port.gateway.capabilities().refund.ok_or(PaywandError::UnsupportedOperation { gateway, operation })
}

/// A payment whose own refund may have left is not given back once more, whoever said that it was paid.
fn may_refund(original: &Stored) -> bool {
    crate::flow::may_be_refunded(&original.flow)
}

fn checked(
    inner: &Inner,
    request: RefundRequest,
    original: Stored,
    // What the refund of this key gives back, where there is one.
    there: Option<Amount>,
    left: Option<Amount>,
) -> Result<NewPayment, PaywandError> {
    let id = request.payment_id;
    let port = port_of(inner, &original)?;
    let can = can_refund(port)?;
    if port.account != original.account {
        return Err(PaywandError::OtherAccount { id });
    }
    let Some(left) = there.or(left).filter(|_| may_refund(&original)) else {
        return Err(PaywandError::NotRefundable { id });
    };
    let payment = original.payment;
    let amount = request.amount.unwrap_or(left);
    // The store decides it, where others refund at the same time; here it is said before the gateway's own rules are.
    let too_large = amount.minor > left.minor || left.minor == 0;
    if there.is_none() && amount.currency == left.currency && too_large {
        return Err(PaywandError::RefundTooLarge { id, left: left.to_string() });
    }
    if !can.partial && amount.minor != payment.amount.minor {
        let (gateway, operation) = (port.id.clone(), "refund a part".to_owned());
        return Err(PaywandError::UnsupportedOperation { gateway, operation });
    }
    let new = NewPayment {
        request_key: request.request_key,
        port: inner.port(&payment.gateway)?,
        kind: PaymentKind::Refund,
        amount,
        refund_of: Some(Original {
            id,
            order_number: payment.order_number,
            amount: payment.amount,
            gateway_order_number: payment.gateway_order_number,
            kind: payment.kind,
        }),
        wallet: payment.wallet,
        code: None,
        texts: Texts { subject: request.reason, cashier: request.cashier, ..payment.texts },
        metadata: request.metadata,
        business_day: String::new(),
        another_sale: request.another_refund,
    };
    request::checked(inner, new)
}
