//! Charges and QR orders at all gateways, for both wallets where a gateway takes both.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use paywand::{ChargeRequest, Payment, PaymentCode, PaywandError, QrRequest, Wallet, gateway::GatewayKind};
use paywand_e2e::{WITH_QR, code_text, wait_for};

use crate::day::{Cashier, Outcome};

/// Amounts, each used once, so that orders can be told apart where they have no number.
static AMOUNT: AtomicI64 = AtomicI64::new(1_000);

/// How a sale may be turned away: after three successes whose signatures fail.
const TURNED_AWAY: [&str; 1] = ["gateway_unhealthy"];

impl Cashier<'_> {
    pub(crate) fn charge(&mut self) -> Outcome {
        let kind = self.chance.one(&GatewayKind::ALL);
        let limit_ms = self.limit_ms(400);
        let code = Arc::new(self.code(kind));
        let request = self.day.shop.till.charge_of(kind, AMOUNT.fetch_add(1, Ordering::Relaxed));
        let request = ChargeRequest { code, limit_ms: Some(limit_ms), ..request };
        let sale = self.call(limit_ms, &TURNED_AWAY, |terminal| wait_for(terminal.charge(request.clone())));
        self.begun(&request.request_key, sale)
    }

    pub(crate) fn show_qr(&mut self) -> Outcome {
        let kind = self.chance.one(&WITH_QR);
        let limit_ms = self.limit_ms(400);
        let mut request = QrRequest { limit_ms: Some(limit_ms), ..self.day.shop.till.qr_request(kind) };
        request.amount.minor = AMOUNT.fetch_add(1, Ordering::Relaxed);
        if kind != GatewayKind::BlueoceanV1 {
            request.wallet = self.chance.one(&[None, Some(Wallet::Wechat), Some(Wallet::Alipay)]);
        }
        let sale = self.call(limit_ms, &TURNED_AWAY, |terminal| wait_for(terminal.create_qr(request.clone())));
        self.begun(&request.request_key, sale)
    }

    /// BlueOcean takes WeChat's codes only.
    fn code(&mut self, kind: GatewayKind) -> PaymentCode {
        let mut text = code_text(kind);
        if kind != GatewayKind::BlueoceanV1 {
            text.replace_range(..2, self.chance.one(&["13", "28"]));
        }
        PaymentCode::from_scan(&text).expect("a code")
    }

    /// What the request of this key, a payment's or a refund's, came to.
    pub(crate) fn begun(&self, key: &str, result: Result<Payment, PaywandError>) -> Outcome {
        match result {
            Ok(payment) => {
                assert_eq!(payment.request_key, key, "another's payment");
                self.remember(&payment);
                payment.state.code()
            }
            Err(error) => error.code(),
        }
    }
}
