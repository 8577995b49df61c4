//! What a payment has left to give back. The sum counts every refund that is not proved failed, and is checked in the
//! transaction that inserts the next one.

use rusqlite::Connection;

use super::{fault::Fault, read};
use crate::{
    error::PaywandError,
    money::Amount,
    payment::{Payment, PaymentKind, PaymentState},
};

/// Why `refund` cannot be begun; nothing where it can, or is no refund.
pub(super) fn turned_away(conn: &Connection, refund: &Payment) -> Result<Option<PaywandError>, Fault> {
    let Some(original) = &refund.refund_of else { return Ok(None) };
    let id = original.id;
    let Some(stored) = read::payment(conn, id)? else { return Ok(Some(PaywandError::NoSuchPayment { id })) };
    let payment = stored.payment;
    if !is_refundable(&payment) {
        return Ok(Some(PaywandError::NotRefundable { id }));
    }
    let left = left(conn, &payment)?;
    if refund.amount.currency != left.currency || refund.amount.minor > left.minor {
        return Ok(Some(PaywandError::RefundTooLarge { id, left: left.to_string() }));
    }
    Ok(None)
}

/// Only what is paid, by proof or by a person's word, is given back by a refund.
pub(super) fn is_refundable(payment: &Payment) -> bool {
    payment.kind != PaymentKind::Refund && matches!(payment.state, PaymentState::Paid | PaymentState::SettledPaid)
}

/// What really came in and can be given back, less every refund that is not proved failed: what was asked for, or more
/// where the gateway says that more went back.
pub(super) fn left(conn: &Connection, payment: &Payment) -> Result<Amount, Fault> {
    let most = payment.refundable.or(payment.received).unwrap_or(payment.amount);
    // A damaged row may say less than nothing: it leaves no more to give back.
    let sum: i64 = conn
        .prepare_cached(
            "SELECT ifnull(sum(max(amount_minor, iif(received_currency = currency, received_minor, 0), 0)), 0)
             FROM payment WHERE refund_of = ?1 AND state <> 'failed'",
        )?
        .query_row([payment.id], |row| row.get(0))?;
    Ok(Amount::new(most.minor.saturating_sub(sum).max(0), most.currency))
}
