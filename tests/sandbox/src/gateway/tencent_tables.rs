//! What Tencent's requests may hold (S3, T1, T2).

use crate::fields::{Is, Spec, may, must};

/// 4.2: the envelope, with one of the two variants.
pub(super) const ENVELOPE: &[Spec] = &[
    must("request_content", Is::Text(65_536)),
    must(
        "authen_info",
        Is::Object(&[
            may("a", Is::Object(&[must("authen_type", Is::Int), must("authen_code", Is::Text(64))])),
            may("s", Is::Object(&[must("sign_type", Is::Int), must("sign", Is::Text(344))])),
        ]),
    ),
];

/// S3.
pub(super) const CREATE_TABLE: &[Spec] = &[
    must(
        "pay_content",
        Is::Object(&[
            must("out_trade_no", Is::Text(32)),
            may("time_expire", Is::Int),
            must("total_fee", Is::Int),
            must("fee_type", Is::Text(16)),
            may("client_flow_id", Is::Text(128)),
            must("body", Is::Text(128)),
            may("detail", Is::Text(6000)),
            may("remark", Is::Text(127)),
            may(
                "wxpay_pay_content_ext",
                Is::Object(&[
                    may("attach", Is::Text(127)),
                    may("goods_tag", Is::Text(32)),
                    may("product_id", Is::Text(32)),
                    may("limit_pay", Is::Text(32)),
                ]),
            ),
        ]),
    ),
    ACCOUNT_SPEC,
    CLIENT_SPEC,
    must("nonce_str", Is::Text(32)),
];

/// T1, T2: as S3 without `time_expire` and `product_id`, and with the code.
pub(super) const CHARGE_TABLE: &[Spec] = &[
    must(
        "pay_content",
        Is::Object(&[
            must("out_trade_no", Is::Text(32)),
            must("author_code", Is::Text(256)),
            must("total_fee", Is::Int),
            must("fee_type", Is::Text(16)),
            may("client_flow_id", Is::Text(128)),
            must("body", Is::Text(128)),
            may("detail", Is::Text(6000)),
            may("remark", Is::Text(127)),
            may(
                "wxpay_pay_content_ext",
                Is::Object(&[
                    may("attach", Is::Text(127)),
                    may("goods_tag", Is::Text(32)),
                    may("limit_pay", Is::Text(32)),
                ]),
            ),
        ]),
    ),
    ACCOUNT_SPEC,
    CLIENT_SPEC,
    must("nonce_str", Is::Text(32)),
];

/// T2: the reverse knows no trade type.
pub(super) const REVERSE_TABLE: &[Spec] =
    &[must("out_trade_no", Is::Text(32)), ACCOUNT_SPEC, CLIENT_SPEC, must("nonce_str", Is::Text(32))];

/// T2. What the extension holds is not documented.
pub(super) const REFUND_TABLE: &[Spec] = &[
    must(
        "refund_content",
        Is::Object(&[
            must("out_trade_no", Is::Text(32)),
            must("out_refund_no", Is::Text(32)),
            must("total_fee", Is::Int),
            must("refund_fee", Is::Int),
            must("refund_fee_type", Is::Text(16)),
            may("refund_reason", Is::Text(128)),
            may("wxpay_refund_content_ext", Is::Nested),
            may("alipay_refund_content_ext", Is::Nested),
        ]),
    ),
    ACCOUNT_SPEC,
    CLIENT_SPEC,
    must("nonce_str", Is::Text(32)),
];

/// T1; an empty refund number asks for all of the order's (T3).
pub(super) const REFUND_QUERY_TABLE: &[Spec] = &[
    must("out_trade_no", Is::Text(32)),
    may("out_refund_no", Is::Text(32)),
    ACCOUNT_SPEC,
    CLIENT_SPEC,
    must("nonce_str", Is::Text(32)),
];

/// T1, T2: the own fields stand beside the common ones.
pub(super) const QUERY_TABLE: &[Spec] = &[
    must("out_trade_no", Is::Text(32)),
    may("trade_type", Is::Int),
    ACCOUNT_SPEC,
    CLIENT_SPEC,
    must("nonce_str", Is::Text(32)),
];

pub(super) const CLOSE_TABLE: &[Spec] = &[
    must("out_trade_no", Is::Text(32)),
    must("trade_type", Is::Int),
    ACCOUNT_SPEC,
    CLIENT_SPEC,
    must("nonce_str", Is::Text(32)),
];

const ACCOUNT_SPEC: Spec = must(
    "pay_mch_key",
    Is::Object(&[
        must("pay_platform", Is::Int),
        may("sub_pay_platform", Is::Int),
        must("out_mch_id", Is::Text(32)),
        must("out_sub_mch_id", Is::Text(32)),
        must("out_shop_id", Is::Text(32)),
    ]),
);

const CLIENT_SPEC: Spec = must(
    "order_client",
    Is::Object(&[
        must("device_id", Is::Text(64)),
        may("staff_id", Is::Text(64)),
        must("terminal_type", Is::Int),
        must("sdk_version", Is::Text(10)),
        must("spbill_create_ip", Is::Ip(16)),
        must("machine_no", Is::Text(32)),
        may("sub_terminal_type", Is::Int),
        may("sn_code", Is::Text(127)),
    ]),
);
