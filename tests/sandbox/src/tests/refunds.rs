//! Money on its way back: what the ledger keeps of it.

use super::refund_till::{WORDS, refund_word};
use super::till::{BEGIN_MS, Till, word};
use crate::gateway::{Kind, Op};
use crate::http::Delivery;
use crate::ledger::Order;
use crate::magic::{Magic, table};
use crate::plan::{Customer, Do, Plan, Rule};
use crate::refunds::{RefundState, Refunding};

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
    let mut till = Till::new().customer(Customer::Never);
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

#[test]
fn what_becomes_of_a_refund_is_told_in_each_gateways_way() {
    for words in WORDS {
        let kind = words.kind;
        let ask = |refunding| {
            let mut till = Till::new();
            till.paid(kind, 1, 1000);
            till.plan(Plan::new().refunds(refunding));
            let accepted = till.refund(kind, 1, 1, 400);
            let states = [1, 2, 3].map(|_| till.refund_state(kind, 1, 1));
            let order = till.only_order();
            assert_eq!(order.money_minor, 1000, "a refund leaves what was taken as it is");
            (accepted, states, order.refunded_minor(), order.bound_minor())
        };
        let three = |state: &str| [state; 3].map(str::to_owned);
        let (accepted, states, back, _) = ask(Refunding::Succeeds);
        assert_eq!((states, back), (three(words.succeeded), 400), "{kind:?}");
        assert!(accepted == words.accepted || accepted == words.succeeded, "{kind:?} {accepted}");

        let (accepted, states, back, _) = ask(Refunding::SucceedsAfter { queries: 2 });
        assert_eq!(states, [words.processing, words.processing, words.succeeded], "{kind:?}");
        assert_eq!((accepted.as_str(), back), (words.accepted, 400), "{kind:?}");

        assert_eq!(ask(Refunding::Stays), (words.accepted.to_owned(), three(words.processing), 0, 400), "{kind:?}");
        assert_eq!(ask(Refunding::Fails), (words.accepted.to_owned(), three(words.failed), 0, 0), "{kind:?}");
        assert_eq!(ask(Refunding::Changes), (words.accepted.to_owned(), three(words.changed), 0, 400), "{kind:?}");
    }
}

#[test]
fn the_same_number_again_is_the_same_refund_and_no_other() {
    for words in WORDS {
        let kind = words.kind;
        let mut till = Till::new();
        till.paid(kind, 1, 1000);
        till.paid(kind, 2, 1000);
        let first = till.refund(kind, 1, 1, 400);
        assert_eq!(till.refund(kind, 1, 1, 400), first, "{kind:?}");
        assert_eq!(till.refund(kind, 1, 1, 401), words.number_taken, "{kind:?}: another amount");
        assert_eq!(till.refund(kind, 2, 1, 400), words.number_taken, "{kind:?}: another order");
        let orders = till.ledger().orders;
        assert_eq!([orders[0].refunded_minor(), orders[1].refunded_minor()], [400, 0]);
    }
}

#[test]
fn refunds_never_sum_up_to_more_than_was_taken() {
    for words in WORDS {
        let kind = words.kind;
        let mut till = Till::new();
        till.paid(kind, 1, 1000);
        till.plan(Plan::new().refunds(Refunding::Stays));
        assert_eq!(till.refund(kind, 1, 1, 600), words.accepted);
        assert_eq!(till.refund(kind, 1, 2, 401), words.too_much, "{kind:?}: what is promised counts");
        assert_eq!(till.refund(kind, 1, 2, 400), words.accepted, "{kind:?}: a refusal takes no number");
        assert_eq!(till.only_order().bound_minor(), 1000);

        let mut till = Till::new();
        till.paid(kind, 1, 1000);
        till.plan(Plan::new().refunds(Refunding::Fails));
        till.refund(kind, 1, 1, 1000);
        till.plan(Plan::new());
        till.refund(kind, 1, 2, 1000);
        assert_eq!(till.only_order().refunded_minor(), 1000, "{kind:?}: what failed may be asked for again");
    }
}

#[test]
fn what_cannot_be_refunded_is_refused_in_each_gateways_way() {
    for words in WORDS {
        let kind = words.kind;
        let mut till = Till::new().customer(Customer::Never);
        till.start(kind, 1, 1000);
        assert_eq!(till.refund(kind, 1, 1, 100), words.unpaid, "{kind:?}");
        assert_eq!(till.refund_state(kind, 1, 1), words.no_refund, "{kind:?}");

        let mut till = Till::new();
        till.paid(kind, 1, 1000);
        till.plan(Plan::new().rule(Rule::new(Op::Refund, Do::FundsShort)).rule(Rule::new(Op::Refund, Do::PastPeriod)));
        assert_eq!(till.refund(kind, 1, 1, 100), words.funds_short, "{kind:?}");
        assert_eq!(till.refund(kind, 1, 1, 100), words.past_period, "{kind:?}");
        assert_eq!(till.only_order().refunds, []);
        till.refund(kind, 1, 1, 100);
        assert_eq!(till.only_order().refunded_minor(), 100, "{kind:?}: once the funds are there");

        till.now_ms += 366 * 86_400_000;
        assert_eq!(till.refund(kind, 1, 2, 100), words.past_period, "{kind:?}: after a year");
        assert_eq!(till.only_order().refunded_minor(), 100);
    }
}

#[test]
fn an_order_with_a_refund_says_so_and_is_not_reversed() {
    for words in WORDS {
        let kind = words.kind;
        let mut till = Till::new();
        till.paid(kind, 1, 1000);
        till.refund(kind, 1, 1, 100);
        assert_eq!(word(kind, &till.query(kind, 1)), words.order, "{kind:?}");
        till.now_ms += 15_000;
        till.end(kind, 1);
        assert_eq!(till.last_call().1, "refused_refunded", "{kind:?}");
        assert_eq!(money(&till.only_order()), (1000, 100, 900));
    }
}

#[test]
fn every_misbehaviour_works_for_refunds() {
    for words in WORDS {
        let kind = words.kind;
        let ask = |op, what: Do| {
            let mut till = Till::new();
            till.paid(kind, 1, 1000);
            till.plan(Plan::new().rule(Rule::new(op, what)));
            let refund = till.ask_for_refund(kind, 1, 1, 400);
            let refunded = till.only_order().refunded_minor();
            let exchange = if op == Op::Refund { refund } else { till.ask_about_refund(kind, 1, 1) };
            (till.is_signed(kind, &exchange), exchange, refunded)
        };
        for (what, back) in [(Do::LostBefore, 0), (Do::LostAfter, 400), (Do::Busy { effect: false }, 0)] {
            assert_eq!(ask(Op::Refund, what).2, back, "{kind:?}");
        }
        for op in [Op::Refund, Op::RefundQuery] {
            assert_eq!(ask(op, Do::LostAfter).1.delivery, Delivery::CutConnection);
            let text = |what: Do| {
                let (signed, exchange, refunded) = ask(op, what);
                assert_eq!(refunded, 400);
                assert_ne!(signed, Some(false));
                String::from_utf8(exchange.answer.body).unwrap()
            };
            let till = Till::new();
            let (order, refund) = (till.number(kind, 1), till.refund_number(kind, 1));
            let right = text(Do::Drip { pause_ms: 0 });
            assert!(!text(Do::OtherRefund).contains(&refund) || !right.contains(&refund), "{kind:?} {op:?}");
            assert!(!text(Do::Stranger { reused_only: false }).contains(&refund), "{kind:?} {op:?}");
            let other = text(Do::OtherOrder);
            assert!(
                !other.contains(&format!("{order}\"")) || !right.contains(&format!("{order}\"")),
                "{kind:?} {op:?}"
            );
            if till.is_signed(kind, &ask(op, Do::Drip { pause_ms: 0 }).1).is_some() {
                assert_eq!(ask(op, Do::BadSignature).0, Some(false), "{kind:?}");
                assert_eq!(ask(op, Do::NoSignature).0, None, "{kind:?}");
            }
        }
        let said = |what| refund_word(kind, &ask(Op::RefundQuery, what).1);
        assert_eq!(said(Do::NotFound), words.no_refund, "{kind:?}");
        assert_ne!(said(Do::UnknownState), words.succeeded, "{kind:?}");
    }
}

#[test]
fn a_magic_amount_decides_what_becomes_of_a_refund() {
    let amount = |wanted: Magic| table().into_iter().find(|(_, magic)| *magic == wanted).unwrap().0;
    for words in WORDS {
        let kind = words.kind;
        let mut till = Till::new();
        till.paid(kind, 1, 5_000_000);
        let changes = amount(Magic::Refunding(Refunding::Changes));
        assert_eq!(till.refund(kind, 1, 1, changes), words.accepted, "{kind:?}");
        assert_eq!(till.refund_state(kind, 1, 1), words.changed, "{kind:?}");
        let short = amount(Magic::Refund(Do::FundsShort));
        assert_eq!(till.refund(kind, 1, 2, short), words.funds_short, "{kind:?}");
        assert_ne!(till.refund(kind, 1, 2, short), words.funds_short, "{kind:?}: once");
        let denied = amount(Magic::RefundQuery(Do::NotFound));
        till.refund(kind, 1, 3, denied);
        assert_eq!(till.refund_state(kind, 1, 3), words.no_refund, "{kind:?}");
        assert_eq!(till.refund_state(kind, 1, 3), words.succeeded, "{kind:?}");
    }
}
