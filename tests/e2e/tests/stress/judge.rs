//! After the rush: everything is brought to its end, and compared with what the gateways hold.

use std::{
    collections::{BTreeMap, HashSet},
    thread,
    time::{Duration, Instant},
};

use paywand::{Held, Payment, PaymentFilter, PaymentState, verify_store};
use paywand_e2e::wait_for;
use paywand_sandbox::{Kind, Plan};

use crate::shop::Shop;

/// For everything to end once nothing goes wrong any more.
const PATIENCE: Duration = Duration::from_secs(180);

/// Lets nothing go wrong any more, does what persons have to do, and waits until nothing is left to be done. Says how many
/// payments ended how.
pub(crate) fn settle_everything(shop: &Shop) -> String {
    paywand_e2e::SANDBOX.plan(&shop.till.merchant.id, Plan::new());
    let give_up = Instant::now() + PATIENCE;
    loop {
        shop.till.open_gates();
        let terminal = shop.terminal();
        let left = shop.call(shop.judge(), "unfinished", 0, || terminal.unfinished()).expect("it is open");
        let Some(first) = left.first() else { break };
        assert!(Instant::now() < give_up, "{} payments do not end: {}", left.len(), story(shop, first));
        for payment in &left {
            help(shop, payment);
        }
        shop.call(shop.judge(), "wait", 50, || wait_for(terminal.wait(first.id, 50)));
    }
    let mut counts = BTreeMap::<&str, usize>::new();
    for payment in all(shop) {
        *counts.entry(payment.state.code()).or_default() += 1;
    }
    counts.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
}

fn story(shop: &Shop, payment: &Payment) -> String {
    let history = shop.terminal().history(payment.id).expect("it can be read");
    let steps: Vec<_> = history.iter().map(|entry| format!("{} {}", entry.state.code(), entry.event)).collect();
    format!("{payment:#?} {steps:#?} {:#?}", shop.till.order_of(payment))
}

/// What a person does: acknowledges, or settles what needs attention as the gateway's books say.
fn help(shop: &Shop, payment: &Payment) {
    let (terminal, id) = (shop.terminal(), payment.id);
    if payment.cancel_too_late {
        shop.call(shop.judge(), "acknowledge", 0, || wait_for(terminal.acknowledge(id)));
    }
    if payment.state == PaymentState::NeedsAttention {
        let paid = shop.till.order_of(payment).is_some_and(|order| order.money_minor > 0);
        let (who, why) = ("Wong".to_owned(), "seen in the merchant's app".to_owned());
        shop.call(shop.judge(), "settle", 0, || wait_for(terminal.settle_by_hand(id, paid, who, why)));
    }
}

/// Every payment, oldest last.
fn all(shop: &Shop) -> Vec<Payment> {
    let (terminal, mut all) = (shop.terminal(), Vec::<Payment>::new());
    loop {
        let before = all.last().map(|payment| payment.id);
        let page = terminal.payments(PaymentFilter::default(), before, 500).expect("it can be read");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Till and ledger agree, nothing is lost, and nothing is held for what has ended. `sales` are the keys that cashiers have seen.
pub(crate) fn judge(shop: &Shop, sales: &[String]) {
    let payments = all(shop);
    let keys: HashSet<&str> = payments.iter().map(|payment| payment.request_key.as_str()).collect();
    assert_eq!(keys.len(), payments.len(), "one key, one payment");
    for sale in sales {
        assert!(keys.contains(sale.as_str()), "the sale {sale} is lost");
    }
    for payment in &payments {
        assert!(payment.is_final, "{}", story(shop, payment));
        let order = shop.till.order_of(payment);
        let (charges, money) = order.as_ref().map_or((0, 0), |order| (order.charges, order.money_minor));
        assert!(charges <= 1, "{}", story(shop, payment));
        match payment.state {
            PaymentState::Paid => assert_eq!(money, payment.amount.minor, "{}", story(shop, payment)),
            PaymentState::Failed | PaymentState::Reversed | PaymentState::Closed => {
                assert_eq!(money, 0, "{}", story(shop, payment));
            }
            // A person's word.
            _ => {}
        }
    }
    let numbers: HashSet<&str> = payments.iter().map(|payment| payment.order_number.as_str()).collect();
    let amounts: HashSet<i64> = payments.iter().map(|payment| payment.amount.minor).collect();
    for order in shop.till.ledger().orders {
        let known = match order.gateway {
            Kind::MaxfunDevice => amounts.contains(&order.amount_minor),
            _ => numbers.contains(order.order_number.as_str()),
        };
        assert!(known, "nobody knows of {order:#?}");
    }
    // The last listener may be hearing of the last payment.
    let give_up = Instant::now() + shop.margin;
    loop {
        let held = wait_for(shop.terminal().held()).expect("it is open");
        if held == Held::default() {
            return;
        }
        assert!(Instant::now() < give_up, "held for what has ended: {held:?}");
        thread::yield_now();
    }
}

/// The file is whole, and opens.
pub(crate) fn close_and_verify(shop: &mut Shop) {
    shop.terminal().shutdown();
    verify_store(shop.till.config.database.clone()).expect("every row is whole");
}
