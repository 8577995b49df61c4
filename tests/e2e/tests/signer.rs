//! Keys that are not on the device: what a remote signer signs is taken as if the key were here, and what it does not
//! sign was not sent.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest as _, Md5};
use paywand::{Digest, PaymentState, PaywandError, Reason, RemoteSigner, SigningRequest, gateway::GatewayKind};
use paywand_e2e::Till;
use sha2::Sha256;

/// The signed gateways and their secret keys.
const SIGNED: [(GatewayKind, &str); 4] = [
    (GatewayKind::BlueoceanV1, "key"),
    (GatewayKind::Bjrcb, "key"),
    (GatewayKind::TencentCpay, "authen_key"),
    (GatewayKind::Huishouyin, "app_sercet"),
];

/// The app's signing service.
#[derive(Default)]
struct Service {
    /// By gateway: the key.
    keys: Mutex<Vec<(String, String)>>,
    asked: AtomicUsize,
    /// From this request on it does not answer as it should.
    turns: Option<(usize, Turn)>,
}

#[derive(Clone, Copy)]
enum Turn {
    Fails,
    Hangs,
}

#[async_trait::async_trait]
impl RemoteSigner for Service {
    async fn sign(&self, request: Arc<SigningRequest>) -> Result<String, PaywandError> {
        let n = self.asked.fetch_add(1, Ordering::Relaxed);
        match self.turns {
            Some((from, Turn::Fails)) if n >= from => return Err(PaywandError::ShutDown),
            Some((from, Turn::Hangs)) if n >= from => std::future::pending().await,
            _ => {}
        }
        let keys = self.keys.lock().expect("no one panics here");
        let (_, key) = keys.iter().find(|(gateway, _)| *gateway == request.gateway()).expect("a key");
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Ok(match request.digest() {
            Digest::Md5 => hex(&Md5::digest([request.before(), key.clone().into_bytes(), request.after()].concat())),
            Digest::HmacSha256 => {
                let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key");
                mac.update(&request.before());
                hex(&mac.finalize().into_bytes())
            }
            other => panic!("{other:?} is not asked for"),
        })
    }
}

/// A till whose secret keys are with the service.
fn till(turns: Option<(usize, Turn)>) -> (Till, Arc<Service>) {
    let mut till = Till::closed();
    let service = Arc::new(Service { turns, ..Service::default() });
    for (kind, name) in SIGNED {
        let key = till.merchant_key(kind, name);
        let gateway = Till::gateway(&mut till.config, kind);
        assert!(gateway.keys.remove(name).is_some());
        gateway.remote_keys = true;
        gateway.timing.connect_ms = Some(300);
        service.keys.lock().unwrap().push((gateway.id.clone(), key));
    }
    till.signer = Some(service.clone());
    till.open().unwrap();
    (till, service)
}

#[test]
fn every_signed_gateway_is_paid_with_keys_that_are_not_on_the_device() {
    let (till, service) = till(None);
    for (kind, _) in SIGNED {
        let payment = till.pay(kind);
        let payment = till.reaches(payment.id, PaymentState::Paid);
        assert_eq!(till.money(&payment), 100, "{kind:?}");
    }
    assert!(service.asked.load(Ordering::Relaxed) > SIGNED.len());
}

#[test]
fn a_signer_that_fails_or_hangs_before_the_charge_means_not_sent() {
    for turn in [Turn::Fails, Turn::Hangs] {
        let (till, _) = till(Some((0, turn)));
        for (kind, _) in SIGNED {
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
    let (till, _) = till(Some((1, Turn::Fails)));
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
