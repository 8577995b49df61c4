//! What a payment costs the till: `cargo bench -p paywand`. Figures in docs/benchmarks.md.
//!
//! Requests are answered by the sandbox's world, in this process and once: each reading of an answer is of a real one.

#![allow(missing_docs, reason = "criterion's macros")]

mod till;

use std::{collections::HashMap, hint::black_box, sync::Arc};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use paywand::{
    Amount, PaymentCode, PaymentKind, Secret, Texts,
    flow::{Flow, Input, Rules, Time},
    gateway::{self, Gateway, GatewayKind, Operation, Order, Reply, Settings, Stamp, WireResponse},
};
use paywand_sandbox::{HttpRequest, World};
use till::Till;

/// 2026-01-01 08:00:00 +08:00.
const NOW_MS: i64 = 1_767_225_600_000;

/// A gateway, and a sale at it.
struct Sale {
    kind: GatewayKind,
    gateway: Box<dyn Gateway>,
    op: Operation,
    order: Order,
    code: Option<PaymentCode>,
}

impl Sale {
    fn request(&self, nonce: &str) -> gateway::WireRequest {
        let stamp = Stamp { nonce: nonce.to_owned(), at_ms: NOW_MS };
        self.gateway.request(self.op, &self.order, self.code.as_ref(), &stamp).expect("it can be written")
    }

    /// The world's answer to it.
    fn answer(&self, world: &mut World) -> WireResponse {
        let request = self.request(&format!("{:032}", 1));
        let answer = world.exchange(&HttpRequest::post(request.path, request.body.to_vec()), NOW_MS).answer;
        WireResponse { status: answer.status, body: answer.body, fresh: true, verified_tls: true }
    }

    fn read(&self, response: &WireResponse) -> Reply {
        self.gateway.reply(self.op, &self.order, response)
    }
}

/// The sale at each gateway: a charge where it charges, else a QR.
fn sales(world: &mut World) -> Vec<Sale> {
    let account = serde_json::to_value(world.new_merchant()).expect("a merchant is JSON");
    GatewayKind::ALL.map(|kind| sale(kind, &account[kind.code()])).into()
}

fn sale(kind: GatewayKind, account: &serde_json::Value) -> Sale {
    let keys = account.as_object().expect("its account").iter();
    let keys: HashMap<_, _> =
        keys.map(|(name, key)| (name.clone(), Arc::new(Secret::from_text(key.as_str().expect("text"))))).collect();
    let gateway = gateway::open(kind, Settings::new("gateways[0]", keys, "T1", "127.0.0.1")).expect("it opens");
    let can = gateway.capabilities();
    let op = if can.charge { Operation::Charge } else { Operation::CreateQr };
    // One of its own: a code is used once. At BJRCB Alipay's, elsewhere WeChat's.
    let code = match kind {
        GatewayKind::Bjrcb => "280123456789012345",
        GatewayKind::BlueoceanV1 => "130123456789012345",
        _ => "131234567890123456",
    };
    let order = Order {
        number: format!("{}{:0>1$}", can.order_prefix, 32 - can.order_prefix.len()),
        amount: Amount::new(1_250, can.currencies[0]),
        kind: PaymentKind::Charge,
        wallet: None,
        refund: None,
        texts: Texts { subject: "奶茶 two cups".to_owned(), ..Texts::default() },
        gateway_number: None,
        pay_url: None,
    };
    let code = can.charge.then(|| PaymentCode::from_scan(code).expect("a code"));
    Sale { kind, gateway, op, order, code }
}

fn requests(c: &mut Criterion) {
    let mut group = c.benchmark_group("request, built and signed");
    let nonce = format!("{:032}", 7);
    for sale in sales(&mut World::new(1, 1)) {
        group.bench_function(sale.kind.code(), |b| b.iter(|| sale.request(black_box(&nonce))));
    }
}

fn replies(c: &mut Criterion) {
    let mut group = c.benchmark_group("answer, checked and read");
    let mut world = World::new(1, 1);
    for sale in sales(&mut world) {
        let response = sale.answer(&mut world);
        let reply = sale.read(&response);
        assert!(matches!(reply, Reply::Paid(_) | Reply::QrReady { .. }), "{:?}: {reply:?}", sale.kind);
        group.bench_function(sale.kind.code(), |b| b.iter(|| sale.read(black_box(&response))));
    }
}

fn flow(c: &mut Criterion) {
    let sale = sales(&mut World::new(1, 1)).remove(1);
    let rules = Rules::new(&sale.gateway.capabilities(), sale.kind.timing(), None);
    let created = Flow::new(PaymentKind::Charge, rules, NOW_MS);
    let charging = created.step(Input::Begin, Time(0)).expect("it begins").next;
    let mut group = c.benchmark_group("flow");
    group.bench_function("one step", |b| {
        b.iter(|| black_box(&charging).step(Input::Reply { number: 1, reply: Reply::Waiting }, Time(1_000)));
    });
    group.bench_function("to stored text", |b| b.iter(|| black_box(&charging).to_stored()));
    let stored = charging.to_stored();
    group.bench_function("from stored text", |b| b.iter(|| Flow::from_stored(black_box(&stored), rules)));
}

/// Two durable commits (intent, end) through the real driver and store; the gateway answers at once.
fn store(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut till = Till::open(&folder.path().join("till.db")).expect("it opens");
    let mut group = c.benchmark_group("durable charge");
    for at_once in [1, 64] {
        group.throughput(Throughput::Elements(at_once as u64));
        group.bench_function(format!("{at_once} at once"), |b| {
            b.iter(|| assert_eq!(till.charge(at_once), Ok(at_once)));
        });
    }
}

criterion_group!(benches, requests, replies, flow, store);
criterion_main!(benches);
