//! Money on its way back: what the ledger keeps of it.

use super::till::{BEGIN_MS, Till};
use crate::gateway::Kind;
use crate::ledger::Order;
use crate::refunds::RefundState;

/// What was taken, what is back, what the merchant holds.
pub(super) fn money(order: &Order) -> (i64, i64, i64) {
    (order.money_minor, order.refunded_minor(), order.held_minor())
}

#[test]
fn a_refund_behind_the_tills_back_is_in_the_ledger() {
    let mut till = Till::new();
    till.start(Kind::BlueoceanV1, 1, 1000);
    let (merchant, number) = (till.merchant.id.clone(), till.number(Kind::BlueoceanV1, 1));
    let mut refund = |minor| till.world.refund(&merchant, &number, minor, BEGIN_MS);
    refund(300).unwrap();
    refund(700).unwrap();
    assert!(refund(1).is_err(), "no more goes back than was taken");
    let ledger = till.ledger();
    assert_eq!(money(&ledger.orders[0]), (1000, 1000, 0));
    assert_eq!((ledger.totals.money_minor["HKD"], ledger.totals.refunded_minor["HKD"]), (1000, 1000));
    let parts = &ledger.orders[0].refunds;
    assert!(parts.iter().all(|refund| !refund.asked_for && refund.state == RefundState::Succeeded));
    assert_ne!(parts[0].refund_number, parts[1].refund_number);
}

#[test]
fn what_was_not_paid_is_not_refunded() {
    let mut till = Till::new().customer(crate::plan::Customer::Never);
    till.start(Kind::Bjrcb, 1, 1000);
    let number = till.number(Kind::Bjrcb, 1);
    assert!(till.world.refund(&till.merchant.id, &number, 1, BEGIN_MS).is_err());
    assert!(till.world.refund(&till.merchant.id, "none", 1, BEGIN_MS).is_err());
    till.world.pay(&till.merchant.id, &number, BEGIN_MS).unwrap();
    for minor in [0, -1, i64::MAX] {
        assert!(till.world.refund(&till.merchant.id, &number, minor, BEGIN_MS).is_err());
    }
    assert!(till.world.refund(&till.merchant.id, &number, 1, BEGIN_MS).is_ok());
}
