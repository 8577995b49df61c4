//! The app's signing service: keys that are not on the till.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest as _, Md5};
use paywand::{Digest, PaywandError, RemoteSigner, SigningRequest, gateway::GatewayKind};
use sha2::Sha256;

use crate::Till;

/// The gateways whose requests are signed with a secret key, and the key's name.
pub const KEYS: [(GatewayKind, &str); 4] = [
    (GatewayKind::BlueoceanV1, "key"),
    (GatewayKind::Bjrcb, "key"),
    (GatewayKind::TencentCpay, "authen_key"),
    (GatewayKind::Huishouyin, "app_sercet"),
];

/// What the service does about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Signs it.
    Signs,
    /// Says that it cannot.
    Fails,
    /// Never answers.
    Hangs,
}

/// Signs with the keys that it has taken over.
pub struct SigningService {
    /// By gateway.
    keys: Mutex<HashMap<String, String>>,
    asked: AtomicUsize,
    turn: Box<dyn Fn(usize) -> Turn + Send + Sync>,
}

impl SigningService {
    /// A service that does about its n-th request, from 0 on, what `turn` says.
    pub fn new(turn: impl Fn(usize) -> Turn + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { keys: Mutex::default(), asked: AtomicUsize::new(0), turn: Box::new(turn) })
    }

    /// Takes the key of this name at a gateway out of the till, which asks here from the next start on.
    pub fn take_over(self: &Arc<Self>, till: &mut Till, kind: GatewayKind, name: &str) {
        let key = till.merchant_key(kind, name);
        let gateway = Till::gateway(&mut till.config, kind);
        assert!(gateway.keys.remove(name).is_some(), "{kind:?} has no {name}");
        gateway.remote_keys = true;
        self.keys.lock().expect("no one panics here").insert(gateway.id.clone(), key);
        till.signer = Some(self.clone());
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait::async_trait]
impl RemoteSigner for SigningService {
    async fn sign(&self, request: Arc<SigningRequest>) -> Result<String, PaywandError> {
        match (self.turn)(self.asked.fetch_add(1, Ordering::Relaxed)) {
            Turn::Signs => {}
            Turn::Fails => return Err(PaywandError::ShutDown),
            Turn::Hangs => std::future::pending().await,
        }
        let keys = self.keys.lock().expect("no one panics here");
        Ok(signature(&request, &keys[&request.gateway()]))
    }
}

fn signature(request: &SigningRequest, key: &str) -> String {
    match request.digest() {
        Digest::Md5 => hex(&Md5::digest([request.before(), key.into(), request.after()].concat())),
        Digest::HmacSha256 => {
            let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key");
            mac.update(&request.before());
            hex(&mac.finalize().into_bytes())
        }
        other => panic!("{other:?} is not asked for"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
