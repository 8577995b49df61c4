//! A payment as a row: one column for each field, words as their stable codes.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{
    Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};

use super::Stored;
use crate::{
    money::Amount,
    payment::{Payment, Texts},
};

/// The columns that [`payment`] and [`stored`] read.
pub(super) const COLUMNS: &str = "id, request_key, gateway, kind, order_number, amount_minor, currency, state, \
     is_final, reason, gateway_code, evidence, received_minor, received_currency, paid_at_ms, gateway_order_number, \
     pay_url, contradicted, cancel_too_late, acknowledged, follow_up, code_masked, wallet, subject, detail, cashier, store, terminal, \
     attach, metadata, settled_by, business_day, created_at_ms, updated_at_ms, seq, flow, account, code_hash, \
     refundable_minor, original";

/// A unit enum, or an option of one, as the text that serde writes.
pub(super) struct Word<T>(pub(super) T);

/// A value as JSON text; an absent one as NULL.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_value(&self.0).map_err(unwritable)? {
            serde_json::Value::String(word) => Ok(ToSqlOutput::from(word)),
            serde_json::Value::Null => Ok(ToSqlOutput::Owned(Value::Null)),
            other => Err(unwritable(std::io::Error::other(format!("{other} is no word")))),
        }
    }
}

impl<T: DeserializeOwned> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let value = match value {
            ValueRef::Null => serde_json::Value::Null,
            text => serde_json::Value::String(text.as_str()?.to_owned()),
        };
        serde_json::from_value(value).map(Self).map_err(FromSqlError::other)
    }
}

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_string(&self.0).map_err(unwritable)? {
            null if null == "null" => Ok(ToSqlOutput::Owned(Value::Null)),
            text => Ok(ToSqlOutput::from(text)),
        }
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = match value {
            ValueRef::Null => "null",
            text => text.as_str()?,
        };
        serde_json::from_str(text).map(Self).map_err(FromSqlError::other)
    }
}

/// The caller's data in one order, so that equal data is equal text.
pub(super) fn metadata(payment: &Payment) -> Json<BTreeMap<&String, &String>> {
    Json(payment.metadata.iter().collect())
}

/// Reads [`COLUMNS`].
pub(super) fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        payment: payment(row)?,
        seq: row.get("seq")?,
        flow: row.get("flow")?,
        account: row.get("account")?,
        code_hash: row.get("code_hash")?,
    })
}

/// Reads the payment of [`COLUMNS`].
pub(super) fn payment(row: &Row<'_>) -> rusqlite::Result<Payment> {
    let received_minor: Option<i64> = row.get("received_minor")?;
    let received_currency: Word<Option<_>> = row.get("received_currency")?;
    let refundable_minor: Option<i64> = row.get("refundable_minor")?;
    let amount = Amount::new(row.get("amount_minor")?, word(row, "currency")?);
    let metadata: Json<HashMap<String, String>> = row.get("metadata")?;
    Ok(Payment {
        id: row.get("id")?,
        request_key: row.get("request_key")?,
        gateway: row.get("gateway")?,
        kind: word(row, "kind")?,
        order_number: row.get("order_number")?,
        amount,
        refund_of: row.get::<_, Json<_>>("original")?.0,
        refundable: refundable_minor.map(|minor| Amount::new(minor, amount.currency)),
        state: word(row, "state")?,
        is_final: row.get("is_final")?,
        reason: word(row, "reason")?,
        gateway_code: row.get("gateway_code")?,
        evidence: word(row, "evidence")?,
        received: received_minor.zip(received_currency.0).map(|(minor, currency)| Amount::new(minor, currency)),
        paid_at_ms: row.get("paid_at_ms")?,
        gateway_order_number: row.get("gateway_order_number")?,
        pay_url: row.get("pay_url")?,
        contradicted: row.get("contradicted")?,
        cancel_too_late: row.get("cancel_too_late")?,
        acknowledged: row.get("acknowledged")?,
        follow_up: word(row, "follow_up")?,
        code_masked: row.get("code_masked")?,
        wallet: word(row, "wallet")?,
        texts: Texts {
            subject: row.get("subject")?,
            detail: row.get("detail")?,
            cashier: row.get("cashier")?,
            store: row.get("store")?,
            terminal: row.get("terminal")?,
            attach: row.get("attach")?,
        },
        metadata: metadata.0,
        settled_by: row.get::<_, Json<_>>("settled_by")?.0,
        business_day: row.get("business_day")?,
        created_at_ms: row.get("created_at_ms")?,
        updated_at_ms: row.get("updated_at_ms")?,
    })
}

fn word<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    Ok(row.get::<_, Word<T>>(column)?.0)
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}
