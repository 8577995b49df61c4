//! Keys that are not on the device: what a remote signer signs is taken as if the key were here, and what it does not
//! sign was not sent.

use std::sync::Arc;

use paywand::{PaymentState, Reason, gateway::GatewayKind};
use paywand_e2e::{KEYS, SigningService, Till, Turn};

/// A till whose secret keys are with the service, which does `turn` from its `from`-th request on.
fn till(from: usize, turn: Turn) -> (Till, Arc<SigningService>) {
    let mut till = Till::closed();
    let service = SigningService::new(move |n| if n >= from { turn } else { Turn::Signs });
    for (kind, name) in KEYS {
        service.take_over(&mut till, kind, name);
        Till::gateway(&mut till.config, kind).timing.connect_ms = Some(300);
    }
    till.open().unwrap();
    (till, service)
}

#[test]
fn every_signed_gateway_is_paid_with_keys_that_are_not_on_the_device() {
    let (till, service) = till(0, Turn::Signs);
    for (kind, _) in KEYS {
        let payment = till.pay(kind);
        let payment = till.reaches(payment.id, PaymentState::Paid);
        assert_eq!(till.money(&payment), 100, "{kind:?}");
    }
    assert!(service.asked() > KEYS.len());
}

#[test]
fn a_signer_that_fails_or_hangs_before_the_charge_means_not_sent() {
    for turn in [Turn::Fails, Turn::Hangs] {
        let (till, _) = till(0, turn);
        for (kind, _) in KEYS {
            let payment = till.pay(kind);
            let payment = till.settled(payment.id);
            assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::NotSent)), "{kind:?}");
            assert!(till.history(payment.id).iter().any(|step| step.contains("signer")), "{kind:?}");
        }
        assert!(till.calls().is_empty(), "{:#?}", till.calls());
    }
}

#[test]
fn an_answer_that_nobody_can_check_is_neither_paid_nor_failed() {
    // The request is signed; the check of its answer, and all that follows, is not.
    let (till, _) = till(1, Turn::Fails);
    let payment = till.begin_charge(GatewayKind::BlueoceanV1);
    till.wait_calls(1);
    let payment = till.until(payment.id, |payment| payment.state == PaymentState::Querying);
    assert_eq!(till.money(&payment), 100, "the customer has paid");
    assert!(!payment.is_final && payment.in_doubt());
}

#[test]
fn a_terminal_without_a_signer_is_refused_where_keys_are_elsewhere() {
    let mut till = Till::closed();
    let gateway = Till::gateway(&mut till.config, GatewayKind::Bjrcb);
    gateway.keys.remove("key");
    let missing = till.open().unwrap_err();
    assert!(missing.to_string().contains("keys.key"), "{missing}");
    Till::gateway(&mut till.config, GatewayKind::Bjrcb).remote_keys = true;
    let refused = till.open().unwrap_err();
    assert!(refused.to_string().contains("remote_keys"), "{refused}");
}
