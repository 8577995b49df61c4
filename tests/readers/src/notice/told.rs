//! A callback as the judge reads it (docs/sources.md): whose it is, which order it names, and whether it is rightly signed.

use paywand::gateway::GatewayKind;

use crate::{
    account::{
        BJRCB_KEY, BJRCB_MCH_ID, BLUEOCEAN_APPID, BLUEOCEAN_KEY, HUISHOUYIN_APP_ID, MAXFUN_MCH_KEY, TENCENT_ACCOUNT,
    },
    form,
    reply::{
        answer::{Object, text_of},
        sign,
        tencent_envelope::Envelope,
    },
};

/// What Tencent calls the content of a callback.
pub(super) const CONTENT: &str = "request_content";

/// What can be read of one.
pub(super) struct Told {
    /// Whether its signature is right; None where the gateway signs none.
    pub(super) signed: Option<bool>,
    /// It is about our account.
    pub(super) ours: bool,
    /// The order that it names.
    pub(super) number: Option<String>,
}

impl Told {
    /// The callback `body` of `kind`; None where it cannot be read, or the gateway sends none.
    pub(super) fn read(kind: GatewayKind, body: &[u8]) -> Option<Self> {
        match kind {
            GatewayKind::MaxfunDevice => None,
            GatewayKind::TencentCpay => tencent(body),
            GatewayKind::Huishouyin => huishouyin(body),
            _ => flat(kind, body),
        }
    }
}

fn flat(kind: GatewayKind, body: &[u8]) -> Option<Told> {
    let fields = fields(body)?;
    let says = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    let (account, ours) = match kind {
        GatewayKind::BlueoceanV1 => ("appid", BLUEOCEAN_APPID),
        GatewayKind::Bjrcb => ("mch_id", BJRCB_MCH_ID),
        _ => ("mch_key", MAXFUN_MCH_KEY),
    };
    let signature = signature(kind, fields.clone(), key(kind))?;
    Some(Told {
        signed: Some(says("sign").is_some_and(|sign| sign.eq_ignore_ascii_case(&signature))),
        ours: says(account).as_deref() == Some(ours),
        number: says(number_name(kind)).filter(|number| !number.is_empty()),
    })
}

/// T1: the content is text in an envelope, as an answer's is.
fn tencent(body: &[u8]) -> Option<Told> {
    let envelope = Envelope::read(CONTENT, body)?;
    let content = Object::read(envelope.content.as_bytes())?;
    let ours = content
        .object("pay_mch_key")
        .is_some_and(|account| TENCENT_ACCOUNT.iter().all(|(name, ours)| account.says_nothing_but(name, ours)));
    let number = content.object("order_content").and_then(|order| order.string("out_trade_no"));
    Some(Told { signed: Some(envelope.signed == Some(true)), ours, number })
}

/// H1: nothing is signed; `data` holds the order, or there is no `data`.
fn huishouyin(body: &[u8]) -> Option<Told> {
    let root = Object::read(body)?;
    let data = match root.json("data") {
        None | Some("null") => root,
        Some(_) => root.object("data")?,
    };
    Some(Told {
        signed: None,
        ours: data.says_nothing_but("app_id", HUISHOUYIN_APP_ID),
        number: data.string("order_id"),
    })
}

/// The fields of a flat callback, JSON or form; None where one cannot be read, or a name stands there twice.
pub(super) fn fields(body: &[u8]) -> Option<Vec<(String, String)>> {
    let body = body.trim_ascii();
    let fields = if body.starts_with(b"{") {
        let object = Object::read(body)?;
        let text = |(name, value): &(String, &serde_json::value::RawValue)| Some((name.clone(), text_of(value.get())?));
        object.0.iter().map(text).collect::<Option<Vec<_>>>()?
    } else {
        form::read(body)
    };
    let mut names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
    names.sort();
    let once = names.windows(2).all(|pair| pair[0] != pair[1]);
    (once && !fields.is_empty()).then_some(fields)
}

/// What `key` signs `fields` with; None where the gateway does not sign so.
pub(super) fn signature(kind: GatewayKind, mut fields: Vec<(String, String)>, key: &str) -> Option<String> {
    fields.retain(|(name, _)| name != "sign");
    match kind {
        GatewayKind::BlueoceanV1 => Some(sign::blueocean(fields, key)),
        GatewayKind::Bjrcb => Some(sign::bjrcb(fields, key)),
        GatewayKind::MaxfunTp => Some(sign::maxfun_tp(fields, key)),
        _ => None,
    }
}

/// The account's key.
pub(super) fn key(kind: GatewayKind) -> &'static str {
    match kind {
        GatewayKind::BlueoceanV1 => BLUEOCEAN_KEY,
        GatewayKind::Bjrcb => BJRCB_KEY,
        _ => MAXFUN_MCH_KEY,
    }
}

/// What the merchant's order number is called.
pub(super) fn number_name(kind: GatewayKind) -> &'static str {
    if kind == GatewayKind::MaxfunTp { "tp_trade_no" } else { "out_trade_no" }
}
