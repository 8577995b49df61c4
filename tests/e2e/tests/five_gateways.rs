//! A payment at each gateway, over HTTPS, with proof.

use paywand::{Evidence, PaymentState, gateway::GatewayKind};
use paywand_e2e::Till;

#[test]
fn each_gateway_is_paid_once_and_the_till_says_so() {
    for kind in GatewayKind::ALL {
        let till = Till::new();
        let payment = till.pay(kind);
        let payment = till.settled(payment.id);
        assert_eq!(payment.state, PaymentState::Paid, "{kind:?} {:#?}", till.history(payment.id));
        let order = till.order(&payment).expect("the gateway knows it");
        assert_eq!((order.charges, order.money_minor), (1, 100), "{kind:?}");
        let evidence = match kind {
            GatewayKind::MaxfunDevice => Evidence::Connection,
            GatewayKind::MaxfunTp | GatewayKind::Huishouyin => Evidence::Order,
            _ => Evidence::Signature,
        };
        assert_eq!(payment.evidence, Some(evidence), "{kind:?}");
    }
}
