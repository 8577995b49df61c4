//! What is given back never passes what came in, however many ask and whatever ends in between.

use super::*;
use crate::payment::Original;

/// A payment of 12.50 that stands in `state`; its id.
fn payment(store: &mut Store, key: &str, state: PaymentState) -> Stored {
    let Ok(Done::Begun(stored)) = store.run(&[Job::Begin(Box::new(intent(key)))]).remove(0) else { panic!() };
    to(store, *stored, state)
}

/// `stored`, moved to `state`.
fn to(store: &mut Store, mut stored: Stored, state: PaymentState) -> Stored {
    stored.payment.state = state;
    stored.payment.is_final = state.is_final();
    if state == PaymentState::Paid {
        stored.payment.received = Some(stored.payment.amount);
    }
    stored.seq += 1;
    let change = Change {
        payment: stored.payment.clone(),
        seq: stored.seq,
        flow: stored.flow.clone(),
        event: "{}".to_owned(),
        time_ms: 2,
    };
    assert_eq!(store.run(&[Job::Change(Box::new(change))]), [Ok(Done::Changed)]);
    stored
}

fn refund(key: &str, of: &Stored, minor: i64) -> Job {
    let mut intent = intent(key);
    let original = &of.payment;
    intent.payment.kind = PaymentKind::Refund;
    intent.payment.state = PaymentState::Refunding;
    intent.payment.amount.minor = minor;
    intent.payment.refund_of = Some(Original {
        id: original.id,
        order_number: original.order_number.clone(),
        amount: original.amount,
        gateway_order_number: None,
        kind: original.kind,
    });
    Job::Begin(Box::new(intent))
}

fn begun(answers: Vec<Result<Done, PaywandError>>) -> Vec<Result<Stored, PaywandError>> {
    let one = |answer| match answer {
        Ok(Done::Begun(stored)) => Ok(*stored),
        Ok(Done::RefundTurnedAway(error)) => Err(error),
        other => panic!("{other:?}"),
    };
    answers.into_iter().map(one).collect()
}

fn too_large(id: i64, left: &str) -> Result<Stored, PaywandError> {
    Err(PaywandError::RefundTooLarge { id, left: left.to_owned() })
}

#[test]
fn two_refunds_that_come_at_once_give_back_no_more_than_came_in() {
    let place = Place::new();
    let mut store = place.open();
    let paid = payment(&mut store, "a", PaymentState::Paid);
    let answers = begun(store.run(&[refund("r1", &paid, 800), refund("r2", &paid, 800), refund("r3", &paid, 450)]));
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert_eq!(answers[1], too_large(paid.payment.id, "HKD 4.50"));
    assert_eq!(begun(store.run(&[refund("r4", &paid, 1)]))[0], too_large(paid.payment.id, "HKD 0.00"));
    let refunds = store.reader().unwrap().refunds(paid.payment.id).unwrap();
    assert_eq!(refunds.iter().map(|refund| refund.amount.minor).collect::<Vec<_>>(), [800, 450]);
    store.verify().unwrap();
}

#[test]
fn where_the_gateway_says_that_more_went_back_so_much_is_not_left() {
    let place = Place::new();
    let mut store = place.open();
    let paid = payment(&mut store, "a", PaymentState::Paid);
    for (key, currency, left) in [("r1", Currency::CNY, 950), ("r2", Currency::HKD, 150)] {
        let Ok(mut refund) = begun(store.run(&[refund(key, &paid, 300)])).remove(0) else { panic!() };
        // 8.00 of another currency say nothing of ours.
        refund.payment.received = Some(Amount::new(800, currency));
        to(&mut store, refund, PaymentState::NeedsAttention);
        let refundable = store.reader().unwrap().refundable(paid.payment.id).unwrap();
        assert_eq!(refundable, Some(Amount::new(left, Currency::HKD)));
    }
}

#[test]
fn where_more_went_back_while_the_rest_was_under_way_nothing_is_left() {
    let place = Place::new();
    let mut store = place.open();
    let paid = payment(&mut store, "a", PaymentState::Paid);
    let mut refunds = begun(store.run(&[refund("r1", &paid, 300), refund("r2", &paid, 950)]));
    let Ok(mut first) = refunds.remove(0) else { panic!() };
    assert!(refunds[0].is_ok());
    first.payment.received = Some(Amount::new(301, Currency::HKD));
    to(&mut store, first, PaymentState::NeedsAttention);
    let refundable = store.reader().unwrap().refundable(paid.payment.id).unwrap();
    assert_eq!(refundable, Some(Amount::new(0, Currency::HKD)));
}

#[test]
fn after_a_crash_between_two_refunds_the_first_still_counts() {
    let place = Place::new();
    let mut store = place.open();
    let paid = payment(&mut store, "a", PaymentState::Paid);
    assert!(begun(store.run(&[refund("r1", &paid, 1_000)]))[0].is_ok());
    drop(store);
    let mut store = place.open();
    assert_eq!(begun(store.run(&[refund("r2", &paid, 251)]))[0], too_large(paid.payment.id, "HKD 2.50"));
    assert!(begun(store.run(&[refund("r2", &paid, 250)]))[0].is_ok());
}

#[test]
fn only_a_refund_that_is_proved_failed_frees_its_sum() {
    for (state, frees) in [
        (PaymentState::Refunding, false),
        (PaymentState::NeedsAttention, false),
        (PaymentState::Refunded, false),
        (PaymentState::SettledPaid, false),
        (PaymentState::SettledNotPaid, false),
        (PaymentState::Failed, true),
    ] {
        let place = Place::new();
        let mut store = place.open();
        let paid = payment(&mut store, "a", PaymentState::Paid);
        let first = begun(store.run(&[refund("r1", &paid, 1_250)])).remove(0).unwrap();
        to(&mut store, first, state);
        assert_eq!(begun(store.run(&[refund("r2", &paid, 1)]))[0].is_ok(), frees, "{state:?}");
    }
}

#[test]
fn only_what_is_paid_is_refunded_and_no_refund_is() {
    for state in PaymentState::ALL {
        let place = Place::new();
        let mut store = place.open();
        let original = payment(&mut store, "a", state);
        let able = matches!(state, PaymentState::Paid | PaymentState::SettledPaid);
        let refused = Err(PaywandError::NotRefundable { id: original.payment.id });
        let answer = begun(store.run(&[refund("r1", &original, 1)])).remove(0);
        assert_eq!(answer.is_ok(), able, "{state:?}");
        match answer {
            Ok(refunded) => {
                let refunded = to(&mut store, refunded, PaymentState::SettledPaid);
                let id = refunded.payment.id;
                let again = begun(store.run(&[refund("r2", &refunded, 1)])).remove(0);
                assert_eq!(again, Err(PaywandError::NotRefundable { id }));
            }
            refusal => assert_eq!(refusal, refused),
        }
    }
}

#[test]
fn what_the_gateway_gives_back_bounds_a_refund_and_another_currency_is_none() {
    let place = Place::new();
    let mut store = place.open();
    let mut paid = payment(&mut store, "a", PaymentState::Paid);
    paid.payment.refundable = Some(Amount::new(1_100, Currency::HKD));
    let paid = to(&mut store, paid, PaymentState::Paid);
    assert_eq!(store.reader().unwrap().refundable(paid.payment.id), Ok(paid.payment.refundable));
    assert_eq!(begun(store.run(&[refund("r1", &paid, 1_101)]))[0], too_large(paid.payment.id, "HKD 11.00"));
    let Job::Begin(mut other) = refund("r1", &paid, 1) else { panic!() };
    other.payment.amount.currency = Currency::CNY;
    assert_eq!(begun(store.run(&[Job::Begin(other)]))[0], too_large(paid.payment.id, "HKD 11.00"));
    assert!(begun(store.run(&[refund("r1", &paid, 1_100)]))[0].is_ok());
}

#[test]
fn a_damaged_refund_leaves_no_more_than_came_in() {
    let place = Place::new();
    let mut store = place.open();
    let paid = payment(&mut store, "a", PaymentState::Paid);
    let damaged = begun(store.run(&[refund("r1", &paid, 250), refund("r2", &paid, 800)])).remove(0).unwrap();
    place.by_hand(&format!("UPDATE payment SET amount_minor = -250 WHERE id = {}", damaged.payment.id));
    assert_eq!(begun(store.run(&[refund("r3", &paid, 451)]))[0], too_large(paid.payment.id, "HKD 4.50"));
}

#[test]
fn a_refund_reads_back_as_it_was_written() {
    let place = Place::new();
    let mut store = place.open();
    let paid = payment(&mut store, "a", PaymentState::Paid);
    let written = begun(store.run(&[refund("r1", &paid, 5)])).remove(0).unwrap();
    drop(store);
    let store = place.open();
    let reader = store.reader().unwrap();
    assert_eq!(reader.payment(written.payment.id), Ok(Some(written.clone())));
    assert_eq!(reader.order(&written.payment.order_number), Ok(Some(written.clone())));
    assert_eq!(reader.refunds(paid.payment.id), Ok(vec![written.payment.clone()]));
    assert_ne!(written.payment.order_number, paid.payment.order_number);
}
