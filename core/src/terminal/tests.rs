//! The moment between the commit of an intent and the driver's hearing of it: the row can be read, nobody watches it.
//! The test stands in the place of the shell.

use super::*;
use crate::store::tests::{Place, begun, change, one};

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
