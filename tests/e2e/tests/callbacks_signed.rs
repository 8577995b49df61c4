//! Callbacks as the gateways of the sandbox write and sign them, read by the core: BlueOcean, BJRCB, maxfun's merchant API.

use std::{collections::HashMap, sync::Arc};

use paywand::{
    Secret,
    gateway::{Callback, Gateway, GatewayKind, NoticeRefusal, Settings, open},
};
use paywand_e2e::{SANDBOX, Till};
use paywand_sandbox::{Merchant, Notice, NoticeFault};

const KINDS: [(GatewayKind, &str); 3] =
    [(GatewayKind::BlueoceanV1, "SUCCESS"), (GatewayKind::Bjrcb, "SUCCESS"), (GatewayKind::MaxfunTp, "success")];

fn gateway(kind: GatewayKind, merchant: &Merchant) -> Box<dyn Gateway> {
    let account = serde_json::to_value(merchant).expect("a merchant is JSON");
    let keys = account[kind.code()].as_object().expect("its account is there").iter();
    let secret = |value: &serde_json::Value| Arc::new(Secret::from_text(value.as_str().expect("text")));
    let keys: HashMap<_, _> = keys.map(|(name, value)| (name.clone(), secret(value))).collect();
    open(kind, Settings::new("gateways[0]", keys, "T1", "10.0.0.1")).expect("the account is whole")
}

fn callback(till: &Till, number: &str, wanted: Notice) -> Callback {
    let sent = SANDBOX.notification(&till.merchant.id, number, wanted);
    Callback { headers: sent.headers.into_iter().collect(), body: sent.body.into_bytes() }
}

#[test]
fn a_callback_names_its_order_and_is_acknowledged() {
    for (kind, acknowledgement) in KINDS {
        let till = Till::new();
        let payment = till.charge_to_end(kind);
        for version_2 in [false, true].into_iter().filter(|second| !second || kind == GatewayKind::BlueoceanV1) {
            let callback = callback(&till, &payment.order_number, Notice { version_2, ..Notice::default() });
            let notice = gateway(kind, &till.merchant).notice(&callback).expect("it is true");
            assert_eq!((&notice.order_number, notice.signed), (&payment.order_number, true), "{kind:?}");
            assert_eq!(notice.acknowledgement.body, acknowledgement);
        }
    }
}

#[test]
fn a_callback_without_its_signature_or_for_somebody_else_is_forged() {
    for (kind, _) in KINDS {
        let till = Till::new();
        let payment = till.charge_to_end(kind);
        let refused = |merchant: &Merchant, fault| {
            let callback = callback(&till, &payment.order_number, Notice { fault, version_2: false });
            gateway(kind, merchant).notice(&callback).expect_err("it is not ours")
        };
        for fault in [NoticeFault::BadSignature, NoticeFault::NoSignature] {
            assert_eq!(refused(&till.merchant, Some(fault)), NoticeRefusal::Forged, "{kind:?} {fault:?}");
        }
        assert_eq!(refused(&SANDBOX.new_merchant(), None), NoticeRefusal::Forged, "{kind:?}");
    }
}
