//! A payment and each error, as the tests of the table want them.

use std::collections::HashMap;

use crate::{
    error::PaywandError,
    money::{Amount, Currency},
    payment::{FollowUp, Payment, PaymentKind, PaymentState, Reason, Texts},
};

/// A payment that stands so.
pub(super) fn payment(kind: PaymentKind, state: PaymentState, reason: Option<Reason>) -> Payment {
    Payment {
        id: 7,
        request_key: "till-7/0042".to_owned(),
        gateway: "hk".to_owned(),
        kind,
        order_number: "PW000000000000000000000000000042".to_owned(),
        amount: Amount::new(1_250, Currency::HKD),
        refund_of: None,
        state,
        is_final: state.is_final(),
        reason,
        gateway_code: None,
        evidence: None,
        received: None,
        refundable: None,
        paid_at_ms: None,
        gateway_order_number: None,
        pay_url: None,
        contradicted: false,
        cancel_too_late: false,
        acknowledged: false,
        follow_up: FollowUp::None,
        code_masked: None,
        wallet: None,
        texts: Texts::default(),
        metadata: HashMap::new(),
        settled_by: None,
        business_day: "2026-01-01".to_owned(),
        created_at_ms: 0,
        updated_at_ms: 0,
    }
}

/// One of each error.
pub(super) fn errors() -> Vec<PaywandError> {
    use PaywandError as E;
    let text = str::to_owned;
    let (id, gateway, reason) = (1_234_567, text("kowloon-2"), text("what a developer reads"));
    vec![
        E::InvalidAmount { reason: reason.clone() },
        E::CurrencyNotAccepted { gateway: gateway.clone(), currency: text("HKD") },
        E::InvalidCode { reason: reason.clone() },
        E::InvalidRequest { field: text("request_key"), reason: reason.clone() },
        E::UnknownGateway { gateway: gateway.clone() },
        E::NoRoute { wallet: text("union_pay") },
        E::UnsupportedOperation { gateway: gateway.clone(), operation: text("refund a part") },
        E::KeyReused { id },
        E::CodeInDoubt { id },
        E::LooksLikeRepeat { id },
        E::GatewayUnhealthy { gateway: gateway.clone() },
        E::InvalidConfig { field: text("gateways[0].keys.order_prefix"), reason: reason.clone() },
        E::NoSuchPayment { id },
        E::NoSuchOrder { order_number: text("PW000000000000000000000000000042") },
        E::NotificationRefused { gateway, reason: text("forged") },
        E::CannotCancel { id },
        E::NotInAttention { id },
        E::ReverseInFlight { id },
        E::NotRefundable { id },
        E::OtherAccount { id },
        E::RefundTooLarge { id, left: text("12.50 HKD") },
        E::StoreInUse { path: text("/data/till.db") },
        E::StoreNewer { path: text("/data/till.db"), version: 9 },
        E::StoreCorrupt { path: text("/data/till.db"), reason: reason.clone() },
        E::StoreUnavailable { reason: reason.clone() },
        E::ShutDown,
        E::ListenerFailed { reason },
    ]
}
