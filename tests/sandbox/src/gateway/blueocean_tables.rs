//! What BlueOcean's requests may hold (S1, B1).

use crate::fields::{Is, Spec, may, must};

/// S1.
pub(super) const CHARGE_TABLE: &[Spec] = &[
    must("appid", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
    may("mp_appid", Is::Text(32)),
    may("device_info", Is::Text(32)),
    must("body", Is::Text(128)),
    may("detail", Is::Text(8192)),
    may("attach", Is::Text(127)),
    must("out_trade_no", Is::Text(32)),
    must("total_fee", Is::Int),
    must("spbill_create_ip", Is::Ip(16)),
    may("goods_tag", Is::Text(32)),
    must("auth_code", Is::Text(128)),
    may("scene_info", Is::Text(256)),
];

/// B1: one of the two numbers.
pub(super) const ORDER_TABLE: &[Spec] = &[
    must("appid", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
    may("transaction_id", Is::Text(32)),
    may("out_trade_no", Is::Text(32)),
];

/// B1.
pub(super) const CREATE_TABLE: &[Spec] = &[
    must("appid", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
    must("trade_type", Is::Text(16)),
    may("mp_appid", Is::Text(32)),
    may("device_info", Is::Text(32)),
    must("body", Is::Text(128)),
    may("detail", Is::Text(8192)),
    may("attach", Is::Text(127)),
    must("out_trade_no", Is::Text(32)),
    must("total_fee", Is::Int),
    must("spbill_create_ip", Is::Ip(16)),
    may("time_expire", Is::Text(14)),
    may("goods_tag", Is::Text(32)),
    may("notify_url", Is::Text(256)),
    may("product_id", Is::Text(32)),
    may("openid", Is::Text(128)),
    may("store_id", Is::Int),
];

/// B1: the close and the refund query know the order by the till's number only.
pub(super) const NUMBER_TABLE: &[Spec] = &[
    must("appid", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
    must("out_trade_no", Is::Text(32)),
];

/// B1.
pub(super) const REFUND_TABLE: &[Spec] = &[
    must("appid", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
    may("transaction_id", Is::Text(32)),
    must("out_trade_no", Is::Text(32)),
    must("out_refund_no", Is::Text(32)),
    must("total_fee", Is::Int),
    must("refund_fee", Is::Int),
    may("refund_desc", Is::Text(80)),
];
