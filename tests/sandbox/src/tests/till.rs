//! A small till: signed requests for all five gateways, and the answers in short words.

use serde_json::{Value, json};

use crate::gateway::{Kind, Op};
use crate::http::{Exchange, HttpRequest};
use crate::ledger::{Ledger, Order};
use crate::merchant::Merchant;
use crate::plan::{Customer, Do, Plan, Rule};
use crate::sign::{self, Pair};
use crate::world::World;

/// 2026-01-01 00:00:00 UTC.
pub(super) const BEGIN_MS: i64 = 1_767_225_600_000;

pub(super) struct Till {
    pub(super) world: World,
    pub(super) merchant: Merchant,
    pub(super) now_ms: i64,
    count: u64,
}

impl Till {
    pub(super) fn new() -> Till {
        let mut world = World::new(7, 1);
        world.set_addresses("https://localhost:1", "http://127.0.0.1:2");
        let merchant = world.new_merchant();
        Till { world, merchant, now_ms: BEGIN_MS, count: 0 }
    }

    pub(super) fn customer(mut self, customer: Customer) -> Till {
        self.plan(Plan::new().customer(customer));
        self
    }

    /// The customer pays, and one thing goes wrong.
    pub(super) fn wrong(mut self, op: Op, what: Do) -> Till {
        self.plan(Plan::new().rule(Rule::new(op, what)));
        self
    }

    pub(super) fn plan(&mut self, plan: Plan) {
        self.world.plan(&self.merchant.id, plan).unwrap();
    }

    pub(super) fn ledger(&self) -> Ledger {
        self.world.ledger(&self.merchant.id).unwrap()
    }

    pub(super) fn only_order(&self) -> Order {
        let orders = self.ledger().orders;
        assert_eq!(orders.len(), 1, "{orders:?}");
        orders[0].clone()
    }

    /// The outcome and effect of the last call.
    pub(super) fn last_call(&self) -> (String, String) {
        let call = self.world.calls(&self.merchant.id).unwrap().last().unwrap();
        (call.outcome.clone(), call.effect.clone())
    }

    pub(super) fn send(&mut self, request: &HttpRequest) -> Exchange {
        self.world.exchange(request, self.now_ms)
    }

    pub(super) fn number(&self, kind: Kind, n: u32) -> String {
        let prefix = if kind == Kind::TencentCpay { self.merchant.tencent_cpay.order_prefix.as_str() } else { "T" };
        format!("{prefix}{n:010}")
    }

    /// The charge or create of order `n`.
    pub(super) fn start(&mut self, kind: Kind, n: u32, amount: i64) -> Exchange {
        let request = self.start_request(kind, n, amount);
        self.send(&request)
    }

    pub(super) fn start_request(&mut self, kind: Kind, n: u32, amount: i64) -> HttpRequest {
        let body = self.start_body(kind, n, amount);
        self.signed(kind, path(kind, start_op(kind)), body)
    }

    /// The unsigned fields of a charge or create.
    pub(super) fn start_body(&mut self, kind: Kind, n: u32, amount: i64) -> Value {
        let number = self.number(kind, n);
        let nonce = self.nonce();
        let code = format!("{:018}", 130_000_000_000_000_000 + self.count);
        match kind {
            Kind::MaxfunDevice => json!({"auth_code": code, "total_fee": amount, "nonce_str": nonce,
                "devices_key": self.merchant.maxfun_device.devices_key}),
            Kind::MaxfunTp => json!({"mch_key": self.merchant.maxfun_tp.mch_key, "tp_trade_no": number,
                "auth_code": code, "total_fee": amount, "nonce_str": nonce}),
            Kind::BlueoceanV1 => json!({"appid": self.merchant.blueocean_v1.appid, "nonce_str": nonce,
                "body": "测试 商品", "attach": "till 7", "out_trade_no": number, "total_fee": amount,
                "spbill_create_ip": "127.0.0.1", "auth_code": code}),
            Kind::Bjrcb => json!({"service_type": "ALIPAY_MICRO", "mch_id": self.merchant.bjrcb.mch_id,
                "out_trade_no": number, "auth_code": code.replacen("13", "28", 1), "total_fee": amount,
                "subject": "测试", "body": "测试商品", "device_info": "POS01", "scene": "bar_code", "nonce_str": nonce}),
            Kind::TencentCpay => self.tencent_body(json!({"nonce_str": nonce, "pay_content": {
                "out_trade_no": number, "total_fee": amount, "fee_type": "CNY", "body": "测试"}})),
            Kind::Huishouyin => json!({"app_id": self.merchant.huishouyin.app_id, "sign_type": "MD5",
                "order_id": number, "total_amount": yuan(amount)}),
        }
    }

    pub(super) fn query(&mut self, kind: Kind, n: u32) -> Exchange {
        self.about(kind, Op::Query, n)
    }

    /// The reverse or close of order `n`.
    pub(super) fn end(&mut self, kind: Kind, n: u32) -> Exchange {
        self.about(kind, end_op(kind), n)
    }

    /// An operation on an order that exists.
    pub(super) fn about(&mut self, kind: Kind, op: Op, n: u32) -> Exchange {
        let number = self.number(kind, n);
        let nonce = self.nonce();
        let body = match kind {
            Kind::MaxfunDevice => panic!("maxfun's device API has no {op:?}"),
            Kind::MaxfunTp => {
                json!({"mch_key": self.merchant.maxfun_tp.mch_key, "tp_trade_no": number, "nonce_str": nonce})
            }
            Kind::BlueoceanV1 => {
                json!({"appid": self.merchant.blueocean_v1.appid, "nonce_str": nonce, "out_trade_no": number})
            }
            Kind::Bjrcb => {
                let service = if op == Op::Query { "ALIPAY_ORDERQUERY" } else { "ALIPAY_REVERSEORDER" };
                json!({"service_type": service, "mch_id": self.merchant.bjrcb.mch_id, "out_trade_no": number,
                    "nonce_str": nonce})
            }
            Kind::TencentCpay => {
                self.tencent_body(json!({"nonce_str": nonce, "out_trade_no": number, "trade_type": 2}))
            }
            Kind::Huishouyin => {
                json!({"app_id": self.merchant.huishouyin.app_id, "sign_type": "MD5", "order_id": number})
            }
        };
        let request = self.signed(kind, path(kind, op), body);
        self.send(&request)
    }

    /// Adds what every content of Tencent holds.
    pub(super) fn tencent_body(&self, mut content: Value) -> Value {
        let account = &self.merchant.tencent_cpay;
        content["pay_mch_key"] = json!({"pay_platform": 1, "out_mch_id": account.out_mch_id,
            "out_sub_mch_id": account.out_sub_mch_id, "out_shop_id": account.out_shop_id});
        content["order_client"] = json!({"device_id": "D1", "terminal_type": 2, "sdk_version": "1.0",
            "spbill_create_ip": "127.0.0.1", "machine_no": "01-01-01-01-01-01"});
        content
    }

    /// Signs a body as the gateway wants it.
    pub(super) fn signed(&self, kind: Kind, path: &str, body: Value) -> HttpRequest {
        let merchant = &self.merchant;
        let fields = texts(&body);
        let sign = match kind {
            Kind::MaxfunDevice => sign::maxfun(&fields, &merchant.maxfun_device.devices_key),
            Kind::MaxfunTp => sign::maxfun_tp(&fields, &merchant.maxfun_tp.mch_key),
            Kind::BlueoceanV1 => sign::blueocean(&fields, &merchant.blueocean_v1.key),
            Kind::Bjrcb => sign::bjrcb(&fields, &merchant.bjrcb.key),
            Kind::Huishouyin => sign::huishouyin(&fields, &merchant.huishouyin.app_sercet),
            Kind::TencentCpay => {
                let content = body.to_string();
                let code = sign::tencent(&content, &merchant.tencent_cpay.authen_key);
                let envelope = json!({"request_content": content,
                    "authen_info": {"a": {"authen_type": 1, "authen_code": code}}});
                return HttpRequest::post(path, envelope.to_string());
            }
        };
        let mut body = body;
        body["sign"] = sign.into();
        HttpRequest::post(path, body.to_string())
    }

    pub(super) fn nonce(&mut self) -> String {
        self.count += 1;
        format!("nonce{:06}", self.count)
    }

    /// Whether an answer carries a valid signature; None where it carries none.
    pub(super) fn is_signed(&self, kind: Kind, exchange: &Exchange) -> Option<bool> {
        let answer = body(exchange);
        let merchant = &self.merchant;
        match kind {
            Kind::MaxfunDevice | Kind::MaxfunTp | Kind::Huishouyin => None,
            Kind::BlueoceanV1 => {
                let sign = answer["data"]["sign"].as_str()?;
                Some(sign::blueocean(&texts(&answer["data"]), &merchant.blueocean_v1.key) == sign)
            }
            Kind::Bjrcb => {
                let sign = answer["sign"].as_str()?;
                Some(sign::bjrcb(&texts(&answer), &merchant.bjrcb.key) == sign)
            }
            Kind::TencentCpay => {
                let code = answer["authen_info"]["a"]["authen_code"].as_str()?;
                let content = answer["response_content"].as_str()?;
                Some(sign::tencent(content, &merchant.tencent_cpay.authen_key) == code)
            }
        }
    }
}

/// As huishouyin wants it: text with two decimals.
pub(super) fn yuan(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

pub(super) fn start_op(kind: Kind) -> Op {
    match kind {
        Kind::TencentCpay | Kind::Huishouyin => Op::Create,
        _ => Op::Charge,
    }
}

pub(super) fn end_op(kind: Kind) -> Op {
    match kind {
        Kind::TencentCpay | Kind::Huishouyin => Op::Close,
        _ => Op::Reverse,
    }
}

pub(super) fn path(kind: Kind, op: Op) -> &'static str {
    match (kind, op) {
        (Kind::MaxfunDevice, _) => "/maxfunpay/services/devices_scan_pay",
        (Kind::MaxfunTp, Op::Charge) => "/maxfunpay/services/tp/scan_pay",
        (Kind::MaxfunTp, Op::Query) => "/maxfunpay/services/tp/trade_query",
        (Kind::MaxfunTp, _) => "/maxfunpay/services/tp/trade_refund",
        (Kind::BlueoceanV1, Op::Charge) => "/wechat/payment/micropay",
        (Kind::BlueoceanV1, Op::Query) => "/wechat/order/query",
        (Kind::BlueoceanV1, _) => "/wechat/order/reverse",
        (Kind::Bjrcb, _) => "/gateway",
        (Kind::TencentCpay, Op::Create) => "/cpay/scan_code_pay",
        (Kind::TencentCpay, Op::Query) => "/cpay/query_order",
        (Kind::TencentCpay, _) => "/cpay/close_order",
        (Kind::Huishouyin, Op::Create) => "/pay/scan",
        (Kind::Huishouyin, Op::Query) => "/pay/check",
        (Kind::Huishouyin, Op::Detail) => "/pay/get",
        (Kind::Huishouyin, _) => "/pay/close",
    }
}

pub(super) fn body(exchange: &Exchange) -> Value {
    serde_json::from_slice(&exchange.answer.body).unwrap_or_default()
}

/// The content of a Tencent answer.
pub(super) fn content(exchange: &Exchange) -> Value {
    serde_json::from_str(body(exchange)["response_content"].as_str().unwrap_or_default()).unwrap_or_default()
}

/// The answer in short: its code, and the order's state where there is one.
pub(super) fn word(kind: Kind, exchange: &Exchange) -> String {
    let answer = body(exchange);
    let content = content(exchange);
    let (code, state) = match kind {
        Kind::MaxfunDevice => (&answer["result"]["status"], &Value::Null),
        Kind::MaxfunTp if answer["result"]["ret"].is_null() => {
            (&answer["status"]["code"], &answer["result"]["pay_status"])
        }
        Kind::MaxfunTp => (&answer["result"]["ret"], &Value::Null),
        Kind::BlueoceanV1 => (&answer["code"], &answer["data"]["trade_state"]),
        Kind::Bjrcb => (&answer["return_code"], &answer["trade_state"]),
        Kind::TencentCpay => (
            &content["status"],
            &content["query_order"]["order_content"]["wxpay_order_content_ext"]["current_trade_state"],
        ),
        Kind::Huishouyin => (&answer["code"], &answer["data"]["order_status"]),
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if state.is_null() { text(code) } else { format!("{} {}", text(code), text(state)) }
}

pub(super) fn texts(value: &Value) -> Vec<Pair<'_>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), text(value).into())).collect()
}
