//! What a caller asks for, plain, and the checks that it passes before anything is stored or sent.

use std::{collections::HashMap, sync::Arc};

use super::{Inner, PaymentKind, PaymentState, RefundRequest, Settlement};
use crate::{
    driver::NewPayment,
    error::PaywandError,
    gateway::{Operation, Order, Refund, Stamp},
    money::Amount,
    payment::{Payment, RequestKey, Texts},
    payment_code::{PaymentCode, Wallet},
};

/// Longest identifier of a cashier, store or terminal, in characters; a gateway may take less.
const MAX_IDENTIFIER: usize = 64;
/// Longest free text, in characters; each gateway cuts it to its own length.
const MAX_TEXT: usize = 8_192;
/// Most of the caller's own data, in bytes of names and values.
const MAX_METADATA: usize = 16_384;

/// A charge of a customer's payment code.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ChargeRequest {
    /// The caller's own name for the payment, 1 to 64 characters. The same key again is the same payment.
    pub request_key: String,
    /// The configured gateway's id; by default the customer's wallet decides (`routes`).
    #[uniffi(default = None)]
    pub gateway: Option<String>,
    /// What to charge; above zero, in the gateway's currency.
    pub amount: Amount,
    /// The scanned code.
    pub code: Arc<PaymentCode>,
    /// What is sold, in a few words: at most 8192 characters, cut to what the gateway takes.
    #[uniffi(default = "")]
    pub subject: String,
    /// More about what is sold: at most 8192 characters, cut to what the gateway takes.
    #[uniffi(default = None)]
    pub detail: Option<String>,
    /// The cashier's id, at most 64 characters; a gateway may take less.
    #[uniffi(default = None)]
    pub cashier: Option<String>,
    /// The store's id, at most 64 characters; a gateway may take less.
    #[uniffi(default = None)]
    pub store: Option<String>,
    /// The terminal's id, where it is not the configured one: at most 64 characters; a gateway may take less.
    #[uniffi(default = None)]
    pub terminal: Option<String>,
    /// Text that the gateway echoes: at most 8192 characters, cut to what the gateway takes.
    #[uniffi(default = None)]
    pub attach: Option<String>,
    /// The caller's own data, stored and returned untouched; at most 16 KiB.
    #[uniffi(default)]
    pub metadata: HashMap<String, String>,
    /// It is another sale, although one with this gateway and amount is still in doubt.
    #[uniffi(default = false)]
    pub another_sale: bool,
    /// How long the call waits, in milliseconds; by default the gateway's deadline + connect + read + 1 s.
    #[uniffi(default = None)]
    pub limit_ms: Option<i64>,
}

/// A QR order for the customer to scan.
#[derive(Clone, Debug, uniffi::Record)]
pub struct QrRequest {
    /// The caller's own name for the payment, 1 to 64 characters. The same key again is the same payment.
    pub request_key: String,
    /// The configured gateway's id; by default the customer's wallet decides (`routes`).
    #[uniffi(default = None)]
    pub gateway: Option<String>,
    /// What to ask for; above zero, in the gateway's currency.
    pub amount: Amount,
    /// The wallet that is to scan it, where the gateway makes a QR for one wallet; by default the configured one.
    #[uniffi(default = None)]
    pub wallet: Option<Wallet>,
    /// What is sold, in a few words: at most 8192 characters, cut to what the gateway takes.
    #[uniffi(default = "")]
    pub subject: String,
    /// More about what is sold: at most 8192 characters, cut to what the gateway takes.
    #[uniffi(default = None)]
    pub detail: Option<String>,
    /// The cashier's id, at most 64 characters; a gateway may take less.
    #[uniffi(default = None)]
    pub cashier: Option<String>,
    /// The store's id, at most 64 characters; a gateway may take less.
    #[uniffi(default = None)]
    pub store: Option<String>,
    /// The terminal's id, where it is not the configured one: at most 64 characters; a gateway may take less.
    #[uniffi(default = None)]
    pub terminal: Option<String>,
    /// Text that the gateway echoes: at most 8192 characters, cut to what the gateway takes.
    #[uniffi(default = None)]
    pub attach: Option<String>,
    /// The caller's own data, stored and returned untouched; at most 16 KiB.
    #[uniffi(default)]
    pub metadata: HashMap<String, String>,
    /// How long the call waits for the QR, in milliseconds; by default connect + read + 1 s.
    #[uniffi(default = None)]
    pub limit_ms: Option<i64>,
}

/// Which payments a page holds; an empty filter holds all.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct PaymentFilter {
    /// Only charges, QRs or refunds.
    #[uniffi(default = None)]
    pub kind: Option<PaymentKind>,
    /// Only in this state.
    #[uniffi(default = None)]
    pub state: Option<PaymentState>,
    /// Only of this gateway.
    #[uniffi(default = None)]
    pub gateway: Option<String>,
    /// Only of this business day, `YYYY-MM-DD`.
    #[uniffi(default = None)]
    pub business_day: Option<String>,
}

/// What says whether a payment is that of a request, before anything of the request is checked.
pub(super) struct Asked {
    pub(super) request_key: String,
    kind: PaymentKind,
    /// None: all that is left.
    amount: Option<Amount>,
    /// None: the wallet decides.
    gateway: Option<String>,
    refund_of: Option<i64>,
}

impl Asked {
    pub(super) fn charge(request: &ChargeRequest) -> Self {
        let (request_key, gateway) = (request.request_key.clone(), request.gateway.clone());
        Self { request_key, kind: PaymentKind::Charge, amount: Some(request.amount), gateway, refund_of: None }
    }

    pub(super) fn qr(request: &QrRequest) -> Self {
        let (request_key, gateway) = (request.request_key.clone(), request.gateway.clone());
        Self { request_key, kind: PaymentKind::Qr, amount: Some(request.amount), gateway, refund_of: None }
    }

    pub(super) fn refund(request: &RefundRequest) -> Self {
        let (request_key, refund_of) = (request.request_key.clone(), Some(request.payment_id));
        Self { request_key, kind: PaymentKind::Refund, amount: request.amount, gateway: None, refund_of }
    }

    /// Whether `payment`, which has this key, is what is asked for.
    pub(super) fn is(&self, payment: &Payment) -> bool {
        self.kind == payment.kind
            && self.amount.is_none_or(|amount| amount == payment.amount)
            && self.gateway.as_ref().is_none_or(|gateway| *gateway == payment.gateway)
            && self.refund_of == payment.refund_of.as_ref().map(|original| original.id)
    }
}

pub(super) async fn charge(inner: &Inner, request: ChargeRequest) -> Result<NewPayment, PaywandError> {
    let texts = Texts {
        subject: request.subject,
        detail: request.detail,
        cashier: request.cashier,
        store: request.store,
        terminal: request.terminal,
        attach: request.attach,
    };
    let wallet = inner.routes.wallet(&request.code);
    let port =
        inner.choose(request.gateway.as_deref(), &request.request_key, PaymentKind::Charge, Some(wallet)).await?;
    let new = NewPayment {
        request_key: request.request_key,
        port,
        kind: PaymentKind::Charge,
        amount: request.amount,
        refund_of: None,
        wallet: Some(wallet),
        code: Some(request.code),
        texts,
        metadata: request.metadata,
        business_day: String::new(),
        another_sale: request.another_sale,
    };
    checked(inner, new)
}

pub(super) async fn qr(inner: &Inner, request: QrRequest) -> Result<NewPayment, PaywandError> {
    let texts = Texts {
        subject: request.subject,
        detail: request.detail,
        cashier: request.cashier,
        store: request.store,
        terminal: request.terminal,
        attach: request.attach,
    };
    let port = inner.choose(request.gateway.as_deref(), &request.request_key, PaymentKind::Qr, request.wallet).await?;
    let new = NewPayment {
        request_key: request.request_key,
        port,
        kind: PaymentKind::Qr,
        amount: request.amount,
        refund_of: None,
        wallet: request.wallet.or_else(|| inner.ports.get(port)?.gateway.qr_wallet()),
        code: None,
        texts,
        metadata: request.metadata,
        business_day: String::new(),
        another_sale: true,
    };
    checked(inner, new)
}

/// Everything that can be refused before the intent.
pub(super) fn checked(inner: &Inner, mut new: NewPayment) -> Result<NewPayment, PaywandError> {
    RequestKey::new(&new.request_key)?;
    let Some(port) = inner.ports.get(new.port) else {
        return Err(PaywandError::UnknownGateway { gateway: String::new() });
    };
    let can = port.gateway.capabilities();
    let (able, operation, op) = match new.kind {
        PaymentKind::Charge => (can.charge, "charge a payment code", Operation::Charge),
        PaymentKind::Qr => (can.qr, "show a QR", Operation::CreateQr),
        PaymentKind::Refund => (can.refund.is_some(), "refund", Operation::Refund),
    };
    if !able {
        let (gateway, operation) = (port.id.clone(), operation.to_owned());
        return Err(PaywandError::UnsupportedOperation { gateway, operation });
    }
    let currency = new.amount.currency;
    if inner.currencies.get(new.port) != Some(&currency) {
        let (gateway, currency) = (port.id.clone(), currency.to_string());
        return Err(PaywandError::CurrencyNotAccepted { gateway, currency });
    }
    if new.amount.minor <= 0 {
        return Err(PaywandError::InvalidAmount { reason: "it is not above zero".to_owned() });
    }
    if new.amount.minor > can.max_minor {
        let most = Amount::new(can.max_minor, currency);
        return Err(PaywandError::InvalidAmount { reason: format!("gateway {} takes at most {most}", port.id) });
    }
    if new.code.as_ref().is_some_and(|code| code.reveal().len() > can.max_code) {
        let reason = format!("gateway {} takes at most {} characters", port.id, can.max_code);
        return Err(PaywandError::InvalidCode { reason });
    }
    new.texts = texts(new.texts)?;
    let size: usize = new.metadata.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum();
    if size > MAX_METADATA {
        return Err(PaywandError::request("metadata", "it is larger than 16 KiB"));
    }
    // The request is written once for trial: what its gateway cannot take is refused before anything is stored.
    let now = inner.clock.now();
    let number = format!("{}{}", can.order_prefix, "0".repeat(32_usize.saturating_sub(can.order_prefix.len())));
    let order = trial_order(&new, number);
    let stamp = Stamp { nonce: "0".repeat(32), at_ms: now.wall_ms };
    let write = || port.gateway.request(op, &order, new.code.as_deref(), &stamp);
    let written = inner.lines.get(new.port).map_or_else(write, |line| line.unsigned(write));
    written.map_err(|error| PaywandError::request(error.field, error.reason))?;
    new.business_day = inner.business_day(now.wall_ms);
    Ok(new)
}

fn trial_order(new: &NewPayment, number: String) -> Order {
    let refund = Refund { number: number.clone(), amount: new.amount };
    let order = Order {
        number,
        amount: new.amount,
        kind: new.kind,
        wallet: new.wallet,
        refund: Some(refund),
        texts: new.texts.clone(),
        gateway_number: None,
        pay_url: None,
    };
    match &new.refund_of {
        Some(original) => Order {
            number: original.order_number.clone(),
            amount: original.amount,
            kind: original.kind,
            gateway_number: original.gateway_order_number.clone(),
            ..order
        },
        None => order,
    }
}

fn texts(texts: Texts) -> Result<Texts, PaywandError> {
    let free = |field: &str, text: &str| match text.chars().nth(MAX_TEXT) {
        Some(_) => Err(PaywandError::request(field, format!("it is longer than {MAX_TEXT} characters"))),
        None => Ok(()),
    };
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let identifier = |field: &str, text: &Option<String>| {
        let Some(text) = text else { return Ok(()) };
        if text.chars().count() > MAX_IDENTIFIER {
            return Err(PaywandError::request(field, format!("it is longer than {MAX_IDENTIFIER} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(PaywandError::request(field, "it holds a control character"));
        }
        Ok(())
    };
    let texts = Texts {
        subject: texts.subject,
        detail: some(texts.detail),
        cashier: some(texts.cashier),
        store: some(texts.store),
        terminal: some(texts.terminal),
        attach: some(texts.attach),
    };
    free("subject", &texts.subject)?;
    free("detail", texts.detail.as_deref().unwrap_or_default())?;
    free("attach", texts.attach.as_deref().unwrap_or_default())?;
    identifier("cashier", &texts.cashier)?;
    identifier("store", &texts.store)?;
    identifier("terminal", &texts.terminal)?;
    Ok(texts)
}

pub(super) fn settlement(paid: bool, who: &str, why: &str) -> Result<Settlement, PaywandError> {
    for (field, text) in [("who", who), ("why", why)] {
        if text.trim().is_empty() {
            return Err(PaywandError::request(field, "it is empty"));
        }
        if text.chars().count() > 256 {
            return Err(PaywandError::request(field, "it is longer than 256 characters"));
        }
    }
    Ok(Settlement { paid, who: who.to_owned(), why: why.to_owned() })
}
