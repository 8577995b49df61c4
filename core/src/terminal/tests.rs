//! The moment between the commit of an intent and the driver's hearing of it: the row can be read, nobody watches it. And
//! two calls at once, of which each has looked for itself.
//! The test stands in the place of the shell.

use std::collections::HashMap;

use super::*;
use crate::{
    RefundRequest,
    payment::{Original, Texts},
    store::{
        Done, Job,
        tests::{Place, begin, begun, change, one},
    },
};

/// A terminal's inside without gateways and without a shell; the store is with the test.
fn inner(store: &Store) -> (Arc<Inner>, mpsc::UnboundedReceiver<Message>) {
    let (sender, messages) = mpsc::unbounded_channel();
    let inner = Inner {
        runtime: Mutex::new(None),
        sender,
        reader: Arc::new(Mutex::new(store.reader().unwrap())),
        board: Arc::new(Board::default()),
        notifier: Notifier::start().unwrap(),
        ports: Arc::new(Vec::new()),
        lines: Arc::new(Vec::new()),
        currencies: Vec::new(),
        clock: BootClock::starting_at(0),
        business_day: BusinessDay::default(),
        routes: Routes::default(),
        calls: Calls::default(),
    };
    (Arc::new(inner), messages)
}

#[tokio::test]
async fn a_wait_for_a_payment_that_the_driver_has_not_heard_of_is_no_end() {
    let place = Place::new();
    let mut store = place.open();
    let stored = begun(&mut store, "a");
    let (inner, _messages) = inner(&store);
    let (waiting, payment) = (inner.clone(), stored.payment.clone());
    let wait = async move { waiting.wait_until(payment, Duration::from_secs(3_600), is_settled).await };
    let wait = tokio::spawn(wait);
    while inner.board.watch(stored.payment.id).is_none() && !wait.is_finished() {
        tokio::task::yield_now().await;
    }
    // Now it hears of the intent, and of the end.
    inner.board.publish(&stored.payment);
    one(&mut store, change(&stored, PaymentState::Paid)).unwrap();
    let paid = inner.reader().payment(stored.payment.id).unwrap().unwrap().payment;
    inner.board.publish(&paid);
    assert_eq!(wait.await.unwrap(), paid);
    assert!(inner.board.watch(paid.id).is_none(), "nothing stays behind");
}

#[tokio::test]
async fn a_wait_for_what_has_ended_or_after_a_shutdown_returns_at_once() {
    let place = Place::new();
    let mut store = place.open();
    let (ended, open) = (begun(&mut store, "a"), begun(&mut store, "b"));
    one(&mut store, change(&ended, PaymentState::Paid)).unwrap();
    let (inner, _messages) = inner(&store);
    let at_once = |payment| {
        let wait = inner.wait_until(payment, Duration::from_secs(3_600), is_settled);
        tokio::time::timeout(Duration::from_secs(60), wait)
    };
    assert_eq!(at_once(ended.payment).await.unwrap().state, PaymentState::Paid);
    inner.board.close();
    assert_eq!(at_once(open.payment.clone()).await, Ok(open.payment));
}

/// A double tap on "give back what is left": between the taps another refund began, and the second found less.
#[tokio::test]
async fn one_key_at_once_for_all_that_is_left_is_one_refund_whatever_each_found_left() {
    let place = Place::new();
    let mut store = place.open();
    let paid = begun(&mut store, "a");
    one(&mut store, change(&paid, PaymentState::Paid)).unwrap();
    let original = Original {
        id: paid.payment.id,
        order_number: paid.payment.order_number,
        amount: paid.payment.amount,
        gateway_order_number: None,
        kind: paid.payment.kind,
    };
    let Job::Begin(mut intent) = begin("r") else { panic!() };
    intent.payment.kind = PaymentKind::Refund;
    intent.payment.refund_of = Some(original.clone());
    intent.payment.amount.minor -= 300;
    let Ok(Done::Begun(refund)) = one(&mut store, Job::Begin(intent)) else { panic!() };
    let (inner, _messages) = inner(&store);
    let begin = |amount| {
        let request = RefundRequest {
            request_key: "r".to_owned(),
            payment_id: original.id,
            amount,
            reason: String::new(),
            cashier: None,
            metadata: HashMap::new(),
            another_refund: false,
            limit_ms: None,
        };
        let new = NewPayment {
            request_key: request.request_key.clone(),
            port: 0,
            kind: PaymentKind::Refund,
            amount: original.amount,
            refund_of: Some(original.clone()),
            wallet: None,
            code: None,
            texts: Texts::default(),
            metadata: HashMap::new(),
            business_day: String::new(),
            another_sale: false,
        };
        let inner = inner.clone();
        async move { inner.begin(Asked::refund(&request), Ok(new)).await }
    };
    assert_eq!(begin(None).await, Ok(refund.payment.clone()));
    let reused = Err(PaywandError::KeyReused { id: refund.payment.id });
    assert_eq!(begin(Some(original.amount)).await, reused, "a sum that was named is another request");
}
