//! Answers of the sandbox, good and bad, to requests that the core wrote: one of each kind that the core tells apart.

use std::collections::HashSet;

use paywand::{
    PaymentCode, PaymentKind, Wallet,
    gateway::{Capabilities, Gateway, GatewayKind, Operation, Order, Reply, Stamp, WireResponse},
};
use paywand_readers::{account, front};
use paywand_sandbox::{Customer, Do, HttpRequest, Op, Plan, Refunding, Rule, World};
use serde_json::Value;

const BEGIN_MS: i64 = 1_767_225_600_000;
/// Older than the least age of a reverse.
const STEP_MS: i64 = 20_000;

/// The seeds of the readers.
pub(crate) fn all() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let targets =
        ["reply_maxfun", "reply_blueocean", "reply_bjrcb", "reply_tencent", "reply_huishouyin", "reply_maxfun_tp"];
    GatewayKind::ALL.into_iter().zip(targets).map(|(kind, target)| (target, seeds(kind))).collect()
}

fn seeds(kind: GatewayKind) -> Vec<Vec<u8>> {
    let gateway = account::gateway(kind);
    let mut known = HashSet::new();
    let mut seeds = Vec::new();
    for plan in plans() {
        for order in orders(kind, &gateway.capabilities()) {
            for (op, body) in exchanges(gateway.as_ref(), &order, plan.clone()) {
                let own = WireResponse { status: 200, body: body.clone(), fresh: true, verified_tls: true };
                let reply = gateway.reply(op, &order, &own);
                if known.insert((op.code(), order.kind, order.wallet, kind_of(&reply))) {
                    seeds.push(input(op, order.kind, 0, &body));
                    seeds.extend(signable(kind, &body).map(|content| input(op, order.kind, 1, content.as_bytes())));
                    seeds.extend((order.kind == PaymentKind::Qr).then(|| while_another_is_shown(op, &body)));
                }
            }
        }
    }
    seeds
}

/// Our order as each kind that the gateway can do, and where its answers differ by wallet, from both.
fn orders(kind: GatewayKind, can: &Capabilities) -> Vec<Order> {
    let kinds = [(PaymentKind::Charge, can.charge), (PaymentKind::Qr, can.qr)];
    let kinds = kinds.into_iter().filter(|(_, able)| *able).map(|(kind, _)| kind);
    let wallets: &[_] = match kind {
        GatewayKind::TencentCpay => &[Some(Wallet::Wechat), Some(Wallet::Alipay)],
        _ => &[None],
    };
    kinds.flat_map(|of| wallets.iter().map(move |&wallet| Order { kind: of, wallet, ..account::order(kind) })).collect()
}

fn kind_of(reply: &Reply) -> String {
    match reply {
        Reply::Unproved(why) | Reply::Undecided(why) => format!("{} {why}", reply.code()),
        Reply::Refused(code) | Reply::NotPaid(code) | Reply::RefundFailed(code) => format!("{} {code}", reply.code()),
        _ => reply.code().to_owned(),
    }
}

fn input(op: Operation, kind: PaymentKind, sealing: usize, body: &[u8]) -> Vec<u8> {
    let operations = ["charge", "create_qr", "query", "detail", "reverse", "close", "refund", "refund_query"];
    let op = operations.iter().position(|code| *code == op.code()).expect("every operation is listed");
    [front(op, kind, sealing).as_bytes(), body].concat()
}

/// As an answer about a QR order, while the screen shows a QR that the sandbox did not make.
fn while_another_is_shown(op: Operation, body: &[u8]) -> Vec<u8> {
    let mut input = input(op, PaymentKind::Qr, 0, body);
    input[1] = b'G';
    input
}

/// What is to be signed anew after each change; None where answers are not signed.
fn signable(kind: GatewayKind, body: &[u8]) -> Option<String> {
    let text = String::from_utf8(body.to_vec()).ok()?;
    match kind {
        GatewayKind::BlueoceanV1 | GatewayKind::Bjrcb => Some(text),
        GatewayKind::TencentCpay => {
            let envelope: Value = serde_json::from_str(&text).ok()?;
            Some(envelope.get("response_content")?.as_str()?.to_owned())
        }
        GatewayKind::MaxfunDevice | GatewayKind::MaxfunTp | GatewayKind::Huishouyin => None,
    }
}

/// A life of one order at a gateway: begun, asked about, undone, asked about again, and begun once more.
fn exchanges(gateway: &dyn Gateway, order: &Order, plan: Plan) -> Vec<(Operation, Vec<u8>)> {
    let (begin, undo) = match order.kind {
        PaymentKind::Charge => (Operation::Charge, Operation::Reverse),
        _ => (Operation::CreateQr, Operation::Close),
    };
    let asks = [Operation::Query, Operation::Query, Operation::Detail];
    let back = [Operation::RefundQuery, Operation::Refund, Operation::RefundQuery, Operation::RefundQuery];
    let life = [&[Operation::Query][..], &[begin], &asks, &back, &asks, &[undo, undo], &asks, &[begin]].concat();

    let mut world = World::new(account::WORLD, 1);
    let merchant = world.new_merchant();
    world.plan(&merchant.id, plan).expect("the merchant is there");
    let from_wechat = order.amount.currency.as_str() == "HKD" || order.wallet == Some(Wallet::Wechat);
    let code = if from_wechat { "134512345678901234" } else { "281234567890123456" };
    let code = PaymentCode::from_scan(code).expect("it is a code");
    let mut answers = Vec::new();
    for (n, op) in (1_i64..).zip(life) {
        let at_ms = BEGIN_MS + n * STEP_MS;
        let stamp = Stamp { nonce: format!("n0nce{n:027}"), at_ms };
        let Ok(request) = gateway.request(op, order, Some(&code), &stamp) else { continue };
        let exchange = world.exchange(&HttpRequest::post(request.path, request.body.to_vec()), at_ms);
        answers.push((op, exchange.answer.body));
    }
    answers
}

fn plans() -> Vec<Plan> {
    let customers = [
        Customer::Pays,
        Customer::PaysAfter { queries: 1 },
        Customer::Never,
        Customer::Declines { at_once: false },
        Customer::Declines { at_once: true },
        Customer::PaysDuringReverse,
    ];
    let mut plans: Vec<_> = customers.into_iter().map(|customer| Plan::new().customer(customer)).collect();
    let wrongs = [
        Do::Html,
        Do::Empty,
        Do::CutJsonClean,
        Do::Stranger { reused_only: false },
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherAmount,
        Do::OtherOrder,
        Do::OtherRefund,
        Do::FundsShort,
        Do::PastPeriod,
        Do::OtherCurrency,
        Do::UnknownCode { effect: true },
        Do::UnknownState,
        Do::Busy { effect: true },
        Do::NotFound,
        Do::Repeat,
        Do::Refused { code: None },
        Do::Refused { code: Some("101".to_owned()) },
        Do::Refused { code: Some("101/407".to_owned()) },
        Do::Refused { code: Some("205".to_owned()) },
        Do::ReverseAgain,
        Do::ReverseRefused,
        Do::CodeAsText,
    ];
    let refunds = [Refunding::SucceedsAfter { queries: 2 }, Refunding::Fails, Refunding::Changes];
    plans.extend(refunds.map(|refunds| Plan::new().refunds(refunds)));
    let operations = [Op::Charge, Op::Create, Op::Query, Op::Detail, Op::Reverse, Op::Close];
    for op in operations.into_iter().chain([Op::Refund, Op::RefundQuery]) {
        for what in &wrongs {
            let rule = Rule::new(op, what.clone()).times(0);
            plans.push(Plan::new().customer(Customer::Pays).rule(rule.clone()));
            plans.push(Plan::new().customer(Customer::Never).rule(rule));
        }
    }
    plans
}
