//! What BJRCB's requests may hold (S2, J2).

use crate::fields::{Is, Spec, may, must};

/// S2.
pub(super) const CHARGE_TABLE: &[Spec] = &[
    must("service_type", Is::Text(32)),
    must("mch_id", Is::Text(32)),
    must("out_trade_no", Is::Text(32)),
    must("auth_code", Is::Text(32)),
    must("total_fee", Is::Int),
    must("subject", Is::Text(256)),
    may("detail", Is::Text(6000)),
    must("body", Is::Text(127)),
    may("time_start", Is::Text(32)),
    may("time_expire", Is::Text(32)),
    may("op_user_id", Is::Text(32)),
    may("store_id", Is::Text(32)),
    must("device_info", Is::Text(32)),
    must("scene", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    may("limit_pay", Is::Text(32)),
    must("sign", Is::Text(32)),
];

/// J2: names from clients.
pub(super) const ORDER_TABLE: &[Spec] = &[
    must("service_type", Is::Text(32)),
    must("mch_id", Is::Text(32)),
    may("out_trade_no", Is::Text(32)),
    may("transaction_id", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
];

/// J2: `*_SCANNED` exists, its table was not found; the fields are those of the charge that make sense without a code.
pub(super) const CREATE_TABLE: &[Spec] = &[
    must("service_type", Is::Text(32)),
    must("mch_id", Is::Text(32)),
    must("out_trade_no", Is::Text(32)),
    must("total_fee", Is::Int),
    must("subject", Is::Text(256)),
    may("detail", Is::Text(6000)),
    must("body", Is::Text(127)),
    may("time_start", Is::Text(32)),
    may("time_expire", Is::Text(32)),
    may("op_user_id", Is::Text(32)),
    may("store_id", Is::Text(32)),
    must("device_info", Is::Text(32)),
    may("notify_url", Is::Text(256)),
    must("nonce_str", Is::Text(32)),
    may("limit_pay", Is::Text(32)),
    must("sign", Is::Text(32)),
];

/// J2.
pub(super) const REFUND_TABLE: &[Spec] = &[
    must("service_type", Is::Text(32)),
    must("mch_id", Is::Text(32)),
    may("out_trade_no", Is::Text(32)),
    may("transaction_id", Is::Text(32)),
    must("out_refund_no", Is::Text(32)),
    must("refund_fee", Is::Int),
    may("refund_reason", Is::Text(128)),
    may("out_request_no", Is::Text(64)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
];

/// No document has it; the names follow those of the order query.
pub(super) const REFUND_QUERY_TABLE: &[Spec] = &[
    must("service_type", Is::Text(32)),
    must("mch_id", Is::Text(32)),
    may("out_trade_no", Is::Text(32)),
    may("transaction_id", Is::Text(32)),
    must("out_refund_no", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
];
