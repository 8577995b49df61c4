//! Callbacks of the sandbox, true and false, about an order that the core began; and what nobody would send.

use paywand::{
    PaymentCode,
    gateway::{Gateway, GatewayKind, Operation, Order, Stamp},
};
use paywand_readers::{account, notice_front};
use paywand_sandbox::{Customer, HttpRequest, Notice, NoticeFault, Plan, World};
use serde_json::Value;

const BEGIN_MS: i64 = 1_767_225_600_000;

pub(crate) fn all() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (n, kind) in GatewayKind::ALL.into_iter().enumerate() {
        for body in told(kind) {
            seeds.push(input(n, false, 0, 0, &body));
            for content in signable(kind, &body) {
                let sealings = [(false, 0, 1), (true, 0, 1), (true, 0, 3), (false, 1, 1), (true, 2, 1), (false, 3, 1)];
                seeds.extend(sealings.map(|(as_form, again, sealing)| input(n, as_form, again, sealing, &content)));
            }
            seeds.extend((1..4).map(|again| input(n, false, again, 0, &body)));
        }
        for body in ["", " ", "{}", "[]", "{", "a=1&a=2", "out_trade_no", "sign=&&=", "order_id=1", "<xml/>"] {
            seeds.push(input(n, false, 0, 0, body));
        }
        // GBK, bare and escaped; a mark of the byte order.
        for body in
            [&b"{\"attach\":\"\xb2\xe2\"}"[..], b"attach=\xb2\xe2&sign=x", b"attach=%B2%E2&sign=x", b"\xef\xbb\xbf{}"]
        {
            seeds.push([notice_front(n, false, 0, 0).as_bytes(), body].concat());
        }
    }
    seeds
}

fn input(gateway: usize, as_form: bool, again: usize, sealing: usize, body: &str) -> Vec<u8> {
    format!("{}{body}", notice_front(gateway, as_form, again, sealing)).into_bytes()
}

/// What is signed, as it is, and changed: about no order, another account's, with an empty field.
fn signable(kind: GatewayKind, body: &str) -> Vec<String> {
    let content = match kind {
        GatewayKind::MaxfunDevice | GatewayKind::Huishouyin => return Vec::new(),
        GatewayKind::TencentCpay => {
            let envelope: Value = serde_json::from_str(body).expect("the sandbox writes JSON");
            envelope["request_content"].as_str().expect("it is text").to_owned()
        }
        _ => body.to_owned(),
    };
    let (_, identifier) = account::keys(kind)[0];
    let empty = if content.starts_with('{') {
        content.replacen('{', "{\"device_info\":\"\",", 1)
    } else {
        format!("device_info=&{content}")
    };
    vec![content.replace(account::NUMBER, ""), content.replace(identifier, "another"), empty, content]
}

/// What the gateway posts about our order: waiting, paid, given back; and with each fault.
fn told(kind: GatewayKind) -> Vec<String> {
    let gateway = account::gateway(kind);
    let faults =
        [NoticeFault::BadSignature, NoticeFault::NoSignature, NoticeFault::OtherOrder, NoticeFault::OtherAmount];
    let faults = [None].into_iter().chain(faults.map(Some));
    let wanted: Vec<_> = faults.flat_map(|fault| [false, true].map(|version_2| Notice { fault, version_2 })).collect();
    let mut told = Vec::new();
    for (customer, refunded) in [(Customer::Pays, false), (Customer::Never, false), (Customer::Pays, true)] {
        let mut world = World::new(account::WORLD, 1);
        let merchant = world.new_merchant().id;
        world.plan(&merchant, Plan::new().customer(customer)).expect("the merchant is there");
        let refund = refunded.then_some(Operation::Refund);
        for op in [Some(Operation::Charge), refund].into_iter().flatten() {
            ask(&mut world, gateway.as_ref(), op, &account::order(kind));
        }
        let notices = wanted.iter().map(|wanted| {
            world.notification_of(&merchant, account::NUMBER, *wanted, BEGIN_MS).map(|notification| notification.body)
        });
        told.extend(notices.flatten());
    }
    told
}

fn ask(world: &mut World, gateway: &dyn Gateway, op: Operation, order: &Order) {
    let code = if order.amount.currency.as_str() == "HKD" { "134512345678901234" } else { "281234567890123456" };
    let code = PaymentCode::from_scan(code).expect("it is a code");
    let stamp = Stamp { nonce: format!("n0nce{:027}", op.code().len()), at_ms: BEGIN_MS };
    if let Ok(request) = gateway.request(op, order, Some(&code), &stamp) {
        world.exchange(&HttpRequest::post(request.path, request.body.to_vec()), BEGIN_MS);
    }
}
