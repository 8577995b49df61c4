//! A payment that names no gateway goes by the customer's wallet, else to the default; no code is refused for its form.

use std::sync::Arc;

use paywand::{
    ChargeRequest, PaymentCode, PaymentState, PaywandError, QrRequest, Route, Wallet, WalletForm, gateway::GatewayKind,
};
use paywand_e2e::{Till, new_key, wait_for};

const BJRCB: &str = "bjrcb";
const MAXFUN: &str = "maxfun_device";
const TENCENT: &str = "tencent_cpay";

fn till() -> Till {
    Till::with(|config| {
        let route = |wallet, gateway: &str| Route { wallet, gateway: gateway.to_owned() };
        config.routes = vec![route(Wallet::Alipay, BJRCB), route(Wallet::Wechat, TENCENT)];
        config.default_gateway = Some(MAXFUN.to_owned());
        config.wallets =
            vec![WalletForm { wallet: Wallet::Alipay, prefixes: vec!["77".to_owned()], min_chars: 18, max_chars: 18 }];
    })
}

fn charge(till: &Till, code: &str) -> ChargeRequest {
    let code = Arc::new(PaymentCode::from_scan(code).unwrap());
    ChargeRequest { gateway: None, code, ..till.charge_request(GatewayKind::Bjrcb) }
}

#[test]
fn a_charge_goes_by_the_form_of_its_code_and_an_unknown_form_to_the_default() {
    let till = till();
    for (code, gateway, wallet) in [
        ("280000000000000101", BJRCB, Wallet::Alipay),
        ("130000000000000102", TENCENT, Wallet::Wechat),
        ("6200000000000000103", MAXFUN, Wallet::UnionPay),
        ("990000000000000104", MAXFUN, Wallet::Unknown),
        // A prefix that no release knows, from the configuration.
        ("770000000000000105", BJRCB, Wallet::Alipay),
    ] {
        let payment = till.try_charge(charge(&till, code)).unwrap();
        assert_eq!((payment.gateway.as_str(), payment.wallet), (gateway, Some(wallet)), "{code}");
        let code = Arc::new(PaymentCode::from_scan(code).unwrap());
        assert_eq!(till.terminal().wallet_of(code), Ok(wallet));
    }
}

#[test]
fn the_gateway_that_is_named_is_asked_whatever_the_wallet() {
    let till = till();
    let request = ChargeRequest { gateway: Some(MAXFUN.to_owned()), ..charge(&till, "280000000000000201") };
    assert_eq!(till.try_charge(request).unwrap().gateway, MAXFUN);
}

#[test]
fn a_request_key_keeps_its_gateway_when_the_routes_change() {
    let mut till = till();
    let request = charge(&till, "280000000000000301");
    let first = till.try_charge(request.clone()).unwrap();
    assert_eq!((first.gateway.as_str(), first.state), (BJRCB, PaymentState::Paid));
    till.restart(|config| config.routes.clear());
    assert_eq!(till.try_charge(request).unwrap(), first);
}

#[test]
fn a_qr_goes_to_a_gateway_that_shows_one() {
    let till = till();
    // The default shows none; for WeChat there is a route.
    let request =
        |wallet| QrRequest { gateway: None, wallet, request_key: new_key(), ..till.qr_request(GatewayKind::Bjrcb) };
    let payment = wait_for(till.terminal().create_qr(request(Some(Wallet::Wechat)))).unwrap();
    assert_eq!(payment.gateway, TENCENT);
    let refused = wait_for(till.terminal().create_qr(request(Some(Wallet::Jd)))).unwrap_err();
    assert_eq!(refused, PaywandError::NoRoute { wallet: "jd".to_owned() });
    assert_eq!(refused.code(), "no_route");
}
