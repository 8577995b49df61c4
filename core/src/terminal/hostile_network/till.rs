//! A till whose three charging gateways are one hostile other side.

use std::{collections::HashMap, sync::Arc, time::Duration};

use paywand_sandbox::World;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::{
    Amount, Currency, GatewayConfig, JournalEntry, Payment, PaymentCode, PaymentListener, PaywandError, Secret,
    Subscription, Terminal, TerminalConfig, TimingConfig, gateway::GatewayKind, terminal::ChargeRequest,
    transport::Endpoint,
};

/// The gateways that charge a code. BJRCB's charges may go over a kept connection, the others' over one of their own.
pub(super) const CHARGING: [GatewayKind; 3] = [GatewayKind::MaxfunDevice, GatewayKind::BlueoceanV1, GatewayKind::Bjrcb];

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Till {
    pub(super) terminal: Arc<Terminal>,
    changes: watch::Receiver<u64>,
    _subscription: Arc<Subscription>,
    _folder: TempDir,
}

struct Changes(watch::Sender<u64>);

impl PaymentListener for Changes {
    fn on_payment(&self, _: Payment) -> Result<(), PaywandError> {
        self.0.send_modify(|count| *count += 1);
        Ok(())
    }
}

impl Till {
    /// A till at `endpoint`, with the accounts of the first merchant of the world of seed 1.
    pub(super) fn open(endpoint: &Endpoint) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let merchant = serde_json::to_value(World::new(1, 1).new_merchant()).unwrap();
        let config = TerminalConfig {
            database: folder.path().join("till.db").to_string_lossy().into_owned(),
            gateways: CHARGING.map(|kind| gateway(kind, &merchant[kind.code()], endpoint)).into(),
            business_day: Default::default(),
            routes: Vec::new(),
            default_gateway: None,
            wallets: Vec::new(),
        };
        let mut checked = config.check().unwrap();
        for gateway in &mut checked.gateways {
            gateway.endpoint = endpoint.clone();
        }
        let terminal = Terminal::open_checked(checked, None).unwrap();
        let changes = Changes(watch::Sender::new(0));
        let receiver = changes.0.subscribe();
        let subscription = terminal.subscribe(Arc::new(changes)).unwrap();
        Self { terminal, changes: receiver, _subscription: subscription, _folder: folder }
    }

    /// Begins a charge of 1.00; `n` makes its key and code another's. Returns once its intent is durable.
    pub(super) async fn charge(&self, kind: GatewayKind, n: u32) -> Payment {
        let currency = if kind == GatewayKind::BlueoceanV1 { Currency::HKD } else { Currency::CNY };
        let request = ChargeRequest {
            request_key: format!("{}-{n}", kind.code()),
            gateway: Some(kind.code().to_owned()),
            amount: Amount::new(100, currency),
            code: Arc::new(PaymentCode::from_scan(&code(kind, n)).unwrap()),
            subject: String::new(),
            detail: None,
            cashier: None,
            store: None,
            terminal: None,
            attach: None,
            metadata: HashMap::new(),
            another_sale: true,
            limit_ms: Some(0),
        };
        self.terminal.charge(request).await.unwrap()
    }

    /// The payment, and its journal, once `done`.
    pub(super) async fn until(&self, id: i64, done: impl Fn(&Payment, &[JournalEntry]) -> bool) -> Payment {
        let mut changes = self.changes.clone();
        let reached = async {
            loop {
                changes.mark_unchanged();
                // In this order: the payment is no older than its history.
                let history = self.terminal.history(id).unwrap();
                let payment = self.terminal.payment(id).unwrap();
                if done(&payment, &history) {
                    return payment;
                }
                changes.changed().await.unwrap();
            }
        };
        match tokio::time::timeout(PATIENCE, reached).await {
            Ok(payment) => payment,
            Err(_) => panic!("{:#?}\n{:#?}", self.terminal.payment(id), self.terminal.history(id)),
        }
    }
}

/// The payment code of the `n`th charge at a gateway: 18 digits, of a form that it takes.
pub(super) fn code(kind: GatewayKind, n: u32) -> String {
    let prefix = match kind {
        GatewayKind::Bjrcb => 28,
        GatewayKind::BlueoceanV1 => 13,
        _ => 10,
    };
    format!("{prefix}{:016}", 7_000_000_000_000_000 + u64::from(n))
}

fn gateway(kind: GatewayKind, account: &serde_json::Value, endpoint: &Endpoint) -> GatewayConfig {
    let keys = account.as_object().unwrap().iter();
    let keys = keys.map(|(name, key)| (name.clone(), Arc::new(Secret::from_text(key.as_str().unwrap()))));
    GatewayConfig {
        id: kind.code().to_owned(),
        kind,
        base_url: "https://pay.example".to_owned(),
        keys: keys.collect(),
        currency: None,
        terminal: Some("T1".to_owned()),
        client_ip: None,
        timing: TimingConfig {
            connect_ms: Some(endpoint.connect_ms),
            read_ms: Some(endpoint.read_ms),
            first_query_ms: Some(1),
            interval_ms: Some(1),
            // Nothing is undone: what matters here is what is believed.
            deadline_ms: Some(3_600_000),
            ..TimingConfig::default()
        },
        ca_file: None,
        allow_http: false,
        remote_keys: false,
        options: HashMap::new(),
    }
}
