//! What huishouyin's requests may hold (S4, H1).

use crate::fields::{Is, Spec, may, must};

/// H1: 128 characters here, but the check takes no more than 64.
pub(super) const QRCODE_TABLE: &[Spec] = &[
    must("app_id", Is::Text(32)),
    SIGN,
    must("sign_type", Is::Text(32)),
    must("order_id", Is::Text(64)),
    must("pay_code", Is::Text(64)),
    must("total_amount", Is::Text(16)),
    may("store_info", Is::Nested),
    may("goods_list", Is::Nested),
];

/// By the rule 44 characters with MD5 (the tables say 32), 344 with RSA.
const SIGN: Spec = must("sign", Is::Text(344));

/// S4. The answer gives the order number 32 characters, so no more are taken.
pub(super) const SCAN_TABLE: &[Spec] = &[
    must("app_id", Is::Text(32)),
    SIGN,
    must("sign_type", Is::Text(32)),
    must("order_id", Is::Text(32)),
    must("total_amount", Is::Text(16)),
    may("store_info", Is::Nested),
    may("goods_list", Is::Nested),
];

/// H1: one of the two numbers.
pub(super) const ORDER_TABLE: &[Spec] = &[
    must("app_id", Is::Text(32)),
    SIGN,
    must("sign_type", Is::Text(32)),
    may("order_id", Is::Text(64)),
    may("trade_no", Is::Text(64)),
    may("refund_order_id", Is::Text(64)),
];

/// H1.
pub(super) const REFUND_TABLE: &[Spec] = &[
    must("app_id", Is::Text(32)),
    SIGN,
    must("sign_type", Is::Text(32)),
    may("order_id", Is::Text(64)),
    may("trade_no", Is::Text(64)),
    may("refund_order_id", Is::Text(64)),
    must("refund_amount", Is::Text(16)),
    may("store_info", Is::Nested),
];

/// H1: `sign_type` is not in the tables of close and cancel.
pub(super) const CLOSE_TABLE: &[Spec] = &[
    must("app_id", Is::Text(32)),
    SIGN,
    may("sign_type", Is::Text(32)),
    must("order_id", Is::Text(128)),
    may("store_info", Is::Nested),
];
