//! The till's requests for refunds, and the answers in short words.

use serde_json::{Value, json};

use super::till::{Till, body, content, yuan};
use crate::gateway::Kind;
use crate::http::Exchange;

/// How a gateway words what becomes of a refund.
pub(super) struct Words {
    pub(super) kind: Kind,
    pub(super) accepted: &'static str,
    pub(super) processing: &'static str,
    pub(super) succeeded: &'static str,
    pub(super) failed: &'static str,
    pub(super) changed: &'static str,
    pub(super) unpaid: &'static str,
    pub(super) too_much: &'static str,
    pub(super) number_taken: &'static str,
    pub(super) funds_short: &'static str,
    pub(super) past_period: &'static str,
    pub(super) no_refund: &'static str,
    /// An order query, once money goes back.
    pub(super) order: &'static str,
}

pub(super) const WORDS: &[Words] = &[BLUEOCEAN, BJRCB, TENCENT, HUISHOUYIN];

const BLUEOCEAN: Words = Words {
    kind: Kind::BlueoceanV1,
    accepted: "200",
    processing: "200 PROCESSING",
    succeeded: "200 SUCCESS",
    failed: "200 REFUNDCLOSE",
    changed: "200 CHANGE",
    unpaid: "40100",
    too_much: "40100",
    number_taken: "40106",
    funds_short: "40107",
    past_period: "40108",
    // A list of none.
    no_refund: "200",
    order: "200 REFUND",
};

const BJRCB: Words = Words {
    kind: Kind::Bjrcb,
    accepted: "SUCCESS PROCESSING",
    processing: "SUCCESS PROCESSING",
    succeeded: "SUCCESS SUCCESS",
    failed: "SUCCESS FAIL",
    changed: "SUCCESS CHANGE",
    unpaid: "SUCCESS ORDERNOTPAID",
    too_much: "SUCCESS REFUND_FEE_INVALID",
    number_taken: "SUCCESS REFUND_NO_USED",
    funds_short: "SUCCESS NOTENOUGH",
    past_period: "SUCCESS TRADE_OVERDUE",
    no_refund: "SUCCESS REFUNDNOTEXIST",
    order: "SUCCESS REFUND",
};

const TENCENT: Words = Words {
    kind: Kind::TencentCpay,
    accepted: "0 1",
    processing: "0 4",
    succeeded: "0 2",
    failed: "0 3",
    changed: "0 5",
    unpaid: "104 420",
    too_much: "104 422",
    number_taken: "102 427",
    funds_short: "104 424",
    past_period: "104 425",
    no_refund: "104 426",
    order: "0 4",
};

const HUISHOUYIN: Words = Words {
    kind: Kind::Huishouyin,
    accepted: "1000",
    processing: "1000 -3",
    // A part of the order.
    succeeded: "1000 3",
    failed: "1000 -2",
    changed: "1000 -3",
    unpaid: "2001",
    too_much: "2001",
    number_taken: "1007",
    funds_short: "2002",
    past_period: "2001",
    no_refund: "4002",
    order: "1000 3",
};

impl Till {
    /// Order `n`, paid, whatever it takes.
    pub(super) fn paid(&mut self, kind: Kind, n: u32, amount: i64) {
        self.start(kind, n, amount);
        let (merchant, number) = (self.merchant.id.clone(), self.number(kind, n));
        self.world.pay(&merchant, &number, self.now_ms).unwrap();
    }

    pub(super) fn refund_number(&self, kind: Kind, r: u32) -> String {
        format!("{}R", self.number(kind, r))
    }

    /// Refund `r` of order `n`, in the gateway's own words.
    pub(super) fn refund(&mut self, kind: Kind, n: u32, r: u32, minor: i64) -> String {
        refund_word(kind, &self.ask_for_refund(kind, n, r, minor))
    }

    pub(super) fn ask_for_refund(&mut self, kind: Kind, n: u32, r: u32, minor: i64) -> Exchange {
        let (number, refund, nonce) = (self.number(kind, n), self.refund_number(kind, r), self.nonce());
        let total = self.world.order(&self.merchant.id, &number).map_or(minor, |order| order.amount_minor);
        let (path, body) = match kind {
            Kind::BlueoceanV1 => (
                "/wechat/payment/refund",
                json!({"appid": self.merchant.blueocean_v1.appid, "nonce_str": nonce, "out_trade_no": number,
                    "out_refund_no": refund, "total_fee": total, "refund_fee": minor}),
            ),
            Kind::Bjrcb => (
                "/gateway",
                json!({"service_type": "ALIPAY_REFUND", "mch_id": self.merchant.bjrcb.mch_id, "nonce_str": nonce,
                    "out_trade_no": number, "out_refund_no": refund, "refund_fee": minor}),
            ),
            Kind::TencentCpay => (
                "/cpay/refund",
                self.tencent_body(json!({"nonce_str": nonce, "refund_content": {"out_trade_no": number,
                    "out_refund_no": refund, "total_fee": total, "refund_fee": minor, "refund_fee_type": "CNY"}})),
            ),
            Kind::Huishouyin => (
                "/pay/refund",
                json!({"app_id": self.merchant.huishouyin.app_id, "sign_type": "MD5", "order_id": number,
                    "refund_order_id": refund, "refund_amount": yuan(minor)}),
            ),
            other => panic!("{other:?} knows no refund"),
        };
        let request = self.signed(kind, path, body);
        self.send(&request)
    }

    /// How refund `r` of order `n` stands.
    pub(super) fn refund_state(&mut self, kind: Kind, n: u32, r: u32) -> String {
        refund_word(kind, &self.ask_about_refund(kind, n, r))
    }

    pub(super) fn ask_about_refund(&mut self, kind: Kind, n: u32, r: u32) -> Exchange {
        let (number, refund, nonce) = (self.number(kind, n), self.refund_number(kind, r), self.nonce());
        let (path, body) = match kind {
            Kind::BlueoceanV1 => (
                "/wechat/payment/refundquery",
                json!({"appid": self.merchant.blueocean_v1.appid, "nonce_str": nonce, "out_trade_no": number}),
            ),
            Kind::Bjrcb => (
                "/gateway",
                json!({"service_type": "ALIPAY_REFUNDQUERY", "mch_id": self.merchant.bjrcb.mch_id, "nonce_str": nonce,
                    "out_trade_no": number, "out_refund_no": refund}),
            ),
            Kind::TencentCpay => (
                "/cpay/query_refund_order",
                self.tencent_body(json!({"nonce_str": nonce, "out_trade_no": number, "out_refund_no": refund})),
            ),
            Kind::Huishouyin => (
                "/pay/check",
                json!({"app_id": self.merchant.huishouyin.app_id, "sign_type": "MD5", "order_id": number,
                    "refund_order_id": refund}),
            ),
            other => panic!("{other:?} knows no refund query"),
        };
        let request = self.signed(kind, path, body);
        self.send(&request)
    }
}

/// The code, and the state of the last refund where there is one.
pub(super) fn refund_word(kind: Kind, exchange: &Exchange) -> String {
    let (answer, content) = (body(exchange), content(exchange));
    let (code, state) = match kind {
        Kind::BlueoceanV1 => {
            let last = answer["data"]["refund_count"].as_i64().unwrap_or_default() - 1;
            (&answer["code"], &answer["data"][format!("refund_status_{last}")])
        }
        Kind::Bjrcb => {
            let state = if answer["err_code"].is_null() { &answer["refund_status"] } else { &answer["err_code"] };
            (&answer["return_code"], state)
        }
        Kind::TencentCpay => {
            let list = &content["query_refund_order"]["refund_order_content"];
            let refund = if list.is_array() { &list[0] } else { &content["refund"]["refund_order_content"] };
            let state = &refund["wxpay_refund_order_content_ext"]["state"];
            (&content["status"], if state.is_null() { &content["internal_status"] } else { state })
        }
        Kind::Huishouyin => (&answer["code"], &answer["data"]["order_status"]),
        other => panic!("{other:?} knows no refund"),
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if state.is_null() { text(code) } else { format!("{} {}", text(code), text(state)) }
}
