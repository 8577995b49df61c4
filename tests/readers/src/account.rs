//! The account and the order that all checks use: the first merchant of the sandbox's world 7, so that the answers which
//! the sandbox signs for it are seeds as they stand.

use std::{collections::HashMap, sync::Arc};

use paywand::{
    Amount, Currency, PaymentKind, Secret, Texts,
    gateway::{Gateway, GatewayKind, Order, Refund, Settings, open},
};

pub(crate) const BLUEOCEAN_APPID: &str = "1000001";
pub(crate) const BLUEOCEAN_KEY: &str = "TCq9deBJnrLTScARU0Uj3V07fRQsmuL7";
pub(crate) const BJRCB_MCH_ID: &str = "C100000000001";
pub(crate) const BJRCB_KEY: &str = "a26aa89b13f6e5c541284b36f66f6d6d";
pub(crate) const MAXFUN_KEY: &str = "7c2ba16e-19bc-e068-f758-fddf09000001";
pub(crate) const MAXFUN_MCH_KEY: &str = "7f423a2b7edc845585699fd4bf-000001";
pub(crate) const TENCENT_KEY: &str = "E9symom5CLWp4HCHik2soP9VNXMrShzr";
pub(crate) const TENCENT_ACCOUNT: [(&str, &str); 3] = [
    ("out_mch_id", "sz01kXzJtrxoe5er9G0s"),
    ("out_sub_mch_id", "sz01EBrgMKSVGf000001"),
    ("out_shop_id", "sz014c3bT7SZNVyigHd47"),
];
pub(crate) const TENCENT_PREFIX: &str = "sz01rcdbhx";
pub(crate) const HUISHOUYIN_APP_ID: &str = "nnMBARuy4fJ82uNfjUdGdPunST000001";
pub(crate) const HUISHOUYIN_SECRET: &str = "LfYXS16Z4o3cn68c67BaD3WC7vDnFDE8";

/// Our order, with the prefix that Tencent demands.
pub const NUMBER: &str = "sz01rcdbhx0000000042";
/// Its refund.
pub const REFUND_NUMBER: &str = "sz01rcdbhx000000004R";
/// What it is about, in minor units.
pub const MINOR: i64 = 1_250;
/// A part of it.
const PART: i64 = 300;
/// The QR that is on the screen, where the order has one.
pub const SHOWN_QR: &str = "weixin://wxpay/bizpayurl?pr=shown";
/// The seed of the world.
pub const WORLD: u64 = 7;

/// The account's values at `kind`, by the gateway's own names.
pub fn keys(kind: GatewayKind) -> Vec<(&'static str, &'static str)> {
    match kind {
        GatewayKind::MaxfunDevice => vec![("devices_key", MAXFUN_KEY)],
        GatewayKind::BlueoceanV1 => vec![("appid", BLUEOCEAN_APPID), ("key", BLUEOCEAN_KEY)],
        GatewayKind::Bjrcb => vec![("mch_id", BJRCB_MCH_ID), ("key", BJRCB_KEY)],
        GatewayKind::TencentCpay => {
            [&TENCENT_ACCOUNT[..], &[("authen_key", TENCENT_KEY), ("order_prefix", TENCENT_PREFIX)]].concat()
        }
        GatewayKind::Huishouyin => vec![("app_id", HUISHOUYIN_APP_ID), ("app_sercet", HUISHOUYIN_SECRET)],
        GatewayKind::MaxfunTp => vec![("mch_key", MAXFUN_MCH_KEY)],
    }
}

/// The core's gateway, opened with that account.
pub fn gateway(kind: GatewayKind) -> Box<dyn Gateway> {
    let secrets: HashMap<_, _> =
        keys(kind).into_iter().map(|(name, value)| (name.to_owned(), Arc::new(Secret::from_text(value)))).collect();
    let mut settings = Settings::new("gateways[0]", secrets, "POS01", "127.0.0.1");
    if kind == GatewayKind::Bjrcb {
        // The names that no document has, as the sandbox has them.
        let names = ["close_service_alipay", "refund_query_service_alipay", "refund_query_service_wechat"];
        let services = ["ALIPAY_CLOSEORDER", "ALIPAY_REFUNDQUERY", "WECHAT_REFUNDQUERY"];
        settings.options.extend(names.into_iter().zip(services).map(|(name, to)| (name.to_owned(), to.to_owned())));
    }
    open(kind, settings).expect("the account is complete")
}

/// What `kind` takes.
pub fn currency(kind: GatewayKind) -> Currency {
    if kind == GatewayKind::BlueoceanV1 { Currency::HKD } else { Currency::CNY }
}

/// The refund of no more than a part.
pub fn refund_of_a_part(kind: GatewayKind) -> Refund {
    Refund { number: REFUND_NUMBER.to_owned(), amount: Amount::new(PART, currency(kind)) }
}

/// The order.
pub fn order(kind: GatewayKind) -> Order {
    Order {
        number: NUMBER.to_owned(),
        amount: Amount::new(MINOR, currency(kind)),
        kind: PaymentKind::Charge,
        wallet: None,
        refund: Some(Refund { number: REFUND_NUMBER.to_owned(), amount: Amount::new(MINOR, currency(kind)) }),
        texts: Texts::default(),
        gateway_number: None,
        pay_url: None,
    }
}
