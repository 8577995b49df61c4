//! Refunds at the gateways that give back any part of a payment: what the till may say of them, against the gateway's
//! books and against what the gateway was asked.

use std::sync::Arc;

use paywand::{
    Amount, ChargeRequest, Payment, PaymentCode, PaymentState, PaywandError, Reason, RefundRequest, Secret,
    gateway::GatewayKind,
};
use paywand_e2e::{SANDBOX, Till, currency, gateway, new_key, side_by_side, wait_for};
use paywand_sandbox::{Call, Customer, Do, Op, Plan, Refunding, Rule};

const KINDS: [GatewayKind; 2] = [GatewayKind::TencentCpay, GatewayKind::Huishouyin];

/// The call that tells what became of a refund: at huishouyin only the order's details name it and its amount.
fn asking(kind: GatewayKind) -> Op {
    if kind == GatewayKind::Huishouyin { Op::Detail } else { Op::RefundQuery }
}

/// A till, and a charge of 1.00 that is paid there; from then on `plan`.
fn paid(kind: GatewayKind, plan: Plan) -> (Till, Payment) {
    let till = Till::timed(kind, |timing| {
        timing.first_query_ms = Some(20);
        timing.interval_ms = Some(20);
        timing.landing_horizon_ms = Some(200);
        timing.attention_after_ms = Some(2_000);
    });
    let payment = till.charge_to_end(kind);
    assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
    till.plan(plan);
    (till, payment)
}

fn request(payment: &Payment, minor: Option<i64>) -> RefundRequest {
    RefundRequest {
        request_key: new_key(),
        payment_id: payment.id,
        amount: minor.map(|minor| Amount::new(minor, payment.amount.currency)),
        reason: "退".to_owned(),
        cashier: None,
        metadata: Default::default(),
        another_refund: true,
        limit_ms: Some(0),
    }
}

/// A refund at its end, or in a person's hands.
fn refunded(till: &Till, payment: &Payment, minor: Option<i64>) -> Payment {
    let refund = wait_for(till.terminal().refund(request(payment, minor))).expect("it is accepted");
    till.settled(refund.id)
}

fn left(till: &Till, payment: &Payment) -> i64 {
    till.terminal().refundable(payment.id).expect("it can be given back").left.minor
}

/// What the gateway has given back, and in how many refunds.
fn books(till: &Till, payment: &Payment) -> (i64, usize) {
    let order = till.order(payment).expect("the gateway knows it");
    (order.refunded_minor(), order.refunds.iter().filter(|refund| refund.asked_for).count())
}

/// The numbers under which refunds were sent, in order.
fn sent(till: &Till) -> Vec<String> {
    let calls: Vec<Call> = till.calls().into_iter().filter(|call| call.op == Some(Op::Refund)).collect();
    calls.into_iter().filter_map(|call| call.refund_number).collect()
}

fn rule(op: Op, what: Do) -> Plan {
    Plan::new().rule(Rule::new(op, what))
}

#[test]
fn all_of_it_comes_back_once() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, Plan::new());
        let refund = refunded(&till, &payment, None);
        assert_eq!(
            (refund.state, refund.amount.minor),
            (PaymentState::Refunded, 100),
            "{:#?}",
            till.history(refund.id)
        );
        assert_eq!((books(&till, &payment), left(&till, &payment)), ((100, 1), 0));
        assert_eq!(sent(&till), [refund.order_number.as_str()]);
        assert_eq!(till.payment(payment.id).state, PaymentState::Paid);
        let again = wait_for(till.terminal().refund(request(&payment, Some(1))));
        assert!(matches!(again, Err(PaywandError::RefundTooLarge { .. })), "{again:?}");
        assert_eq!(sent(&till).len(), 1);
    });
}

#[test]
fn what_alipay_paid_comes_back() {
    side_by_side(KINDS, |kind| {
        for (customer, what) in
            [(Refunding::Succeeds, PaymentState::Refunded), (Refunding::Fails, PaymentState::Failed)]
        {
            let till = Till::timed(kind, |timing| timing.first_query_ms = Some(20));
            let code = PaymentCode::from_scan("281234567890123456").expect("Alipay's");
            let id = till.begin(ChargeRequest { code: Arc::new(code), ..till.charge_request(kind) }).id;
            let payment = till.reaches(id, PaymentState::Paid);
            assert_eq!(till.order(&payment).expect("it is there").texts["pay_platform"], 2);
            till.plan(Plan::new().refunds(customer));
            let refund = refunded(&till, &payment, Some(60));
            assert_eq!(refund.state, what, "{kind:?} {:#?}", till.history(refund.id));
            assert_eq!(
                (till.returned(&payment), sent(&till).len()),
                (if what == PaymentState::Refunded { 60 } else { 0 }, 1)
            );
        }
    });
}

#[test]
fn parts_come_back_under_numbers_of_their_own_and_never_more_than_came_in() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, Plan::new());
        for (minor, back) in [(30, 30), (20, 50)] {
            let refund = refunded(&till, &payment, Some(minor));
            assert_eq!(refund.state, PaymentState::Refunded, "{kind:?} {:#?}", till.history(refund.id));
            assert_eq!((books(&till, &payment).0, left(&till, &payment)), (back, 100 - back));
        }
        let more = wait_for(till.terminal().refund(request(&payment, Some(51))));
        assert!(matches!(more, Err(PaywandError::RefundTooLarge { .. })), "{more:?}");
        let zero = wait_for(till.terminal().refund(request(&payment, Some(0))));
        assert!(matches!(zero, Err(PaywandError::InvalidAmount { .. })), "{zero:?}");
        let numbers = sent(&till);
        assert!(numbers.len() == 2 && numbers[0] != numbers[1], "{numbers:?}");
        assert_eq!(refunded(&till, &payment, None).amount.minor, 50);
        assert_eq!((books(&till, &payment), till.terminal().refunds(payment.id).expect("listed").len()), ((100, 3), 3));
    });
}

#[test]
fn more_than_came_in_is_too_large_and_so_is_anything_where_nothing_is_left() {
    let kinds = GatewayKind::ALL.into_iter().filter(|kind| *kind != GatewayKind::MaxfunDevice);
    side_by_side(kinds, |kind| {
        let (till, payment) = paid(kind, Plan::new());
        let too_large = |minor| {
            let refund = wait_for(till.terminal().refund(request(&payment, minor)));
            assert!(matches!(refund, Err(PaywandError::RefundTooLarge { .. })), "{kind:?} {minor:?}: {refund:?}");
        };
        too_large(Some(101));
        assert_eq!(refunded(&till, &payment, None).state, PaymentState::Refunded, "{kind:?}");
        [None, Some(1), Some(100), Some(101)].into_iter().for_each(too_large);
        assert_eq!((books(&till, &payment), till.count(Op::Refund)), ((100, 1), 1), "{kind:?}");
    });
}

#[test]
fn what_was_accepted_is_not_refunded_before_the_gateway_says_so() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, Plan::new().refunds(Refunding::SucceedsAfter { queries: 2 }));
        let refund = refunded(&till, &payment, Some(40));
        assert_eq!(refund.state, PaymentState::Refunded, "{:#?}", till.history(refund.id));
        let asked = till.ops().iter().skip_while(|op| **op != Op::Refund).filter(|op| **op == asking(kind)).count();
        assert!(asked >= 2, "{kind:?} {:?}", till.ops());
        assert_eq!((books(&till, &payment), sent(&till).len()), ((40, 1), 1));
    });
}

#[test]
fn a_refund_under_way_for_ever_stays_in_doubt_and_its_sum_stays_bound() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, Plan::new().refunds(Refunding::Stays));
        let refund = wait_for(till.terminal().refund(request(&payment, None))).expect("it is accepted");
        till.until(refund.id, |_| till.count(asking(kind)) >= 4);
        let refund = till.payment(refund.id);
        assert_eq!((refund.state, refund.is_final), (PaymentState::Refunding, false), "{:#?}", till.history(refund.id));
        assert_eq!((left(&till, &payment), sent(&till).len()), (0, 1));
    });
}

#[test]
fn a_refund_that_is_turned_away_has_failed_and_its_sum_is_free_again() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, rule(Op::Refund, Do::Refused { code: None }));
        let refund = refunded(&till, &payment, None);
        assert_eq!(
            (refund.state, refund.reason),
            (PaymentState::Failed, Some(Reason::Refused)),
            "{kind:?} {refund:#?}"
        );
        assert_eq!((books(&till, &payment), left(&till, &payment)), ((0, 0), 100));
        // Another one, under another number.
        assert_eq!(refunded(&till, &payment, None).state, PaymentState::Refunded);
        assert_eq!(books(&till, &payment), (100, 1));
    });
}

#[test]
fn short_funds_at_huishouyin_are_waited_for_under_the_same_number() {
    let (till, payment) = paid(GatewayKind::Huishouyin, rule(Op::Refund, Do::FundsShort));
    let refund = refunded(&till, &payment, None);
    assert_eq!(refund.state, PaymentState::Refunded, "{:#?}", till.history(refund.id));
    assert_eq!(sent(&till), [refund.order_number.as_str(); 2]);
    assert_eq!(books(&till, &payment), (100, 1));
}

#[test]
fn a_refund_whose_answer_is_lost_is_found_again_and_not_sent_twice() {
    let lost = [Do::LostAfter, Do::CutJson, Do::Http500After, Do::HtmlAfter, Do::Busy { effect: true }, Do::Empty];
    side_by_side(KINDS, |kind| {
        for what in &lost {
            let (till, payment) = paid(kind, rule(Op::Refund, what.clone()));
            let refund = refunded(&till, &payment, None);
            assert_eq!(refund.state, PaymentState::Refunded, "{kind:?} {what:?} {:#?}", till.history(refund.id));
            assert_eq!((books(&till, &payment), sent(&till).len()), ((100, 1), 1), "{kind:?} {what:?}");
        }
    });
}

#[test]
fn a_refund_that_never_arrived_is_sent_again_under_the_same_number() {
    side_by_side(KINDS, |kind| {
        for what in [Do::LostBefore, Do::Http500] {
            let (till, payment) = paid(kind, rule(Op::Refund, what));
            let refund = refunded(&till, &payment, Some(70));
            assert_eq!(refund.state, PaymentState::Refunded, "{kind:?} {:#?}", till.history(refund.id));
            assert_eq!(sent(&till), [refund.order_number.as_str(); 2]);
            assert_eq!(books(&till, &payment), (70, 1));
        }
    });
}

#[test]
fn what_lies_about_a_refund_is_asked_again() {
    // Each once, about a refund that stays under way until the lie was told.
    let lies = [
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherOrder,
        Do::OtherRefund,
        Do::Stranger { reused_only: false },
        Do::UnknownState,
        Do::UnknownCode { effect: true },
        Do::Busy { effect: true },
        Do::NotFound,
        Do::CutJson,
    ];
    side_by_side([GatewayKind::TencentCpay], |kind| {
        for what in &lies {
            let plan = rule(asking(kind), what.clone()).refunds(Refunding::SucceedsAfter { queries: 2 });
            let (till, payment) = paid(kind, plan);
            let refund = refunded(&till, &payment, Some(40));
            assert_eq!(refund.state, PaymentState::Refunded, "{kind:?} {what:?} {:#?}", till.history(refund.id));
            assert_eq!(books(&till, &payment), (40, 1), "{kind:?} {what:?}");
            let asked = till.count(asking(kind));
            assert!(asked >= 2, "{what:?} was believed: {:#?}", till.history(refund.id));
        }
    });
}

#[test]
fn the_same_key_finds_its_refund_when_the_account_is_another() {
    let kind = GatewayKind::BlueoceanV1;
    let (mut till, payment) = paid(kind, Plan::new().refunds(Refunding::Stays));
    let request = RefundRequest { limit_ms: Some(0), ..request(&payment, Some(40)) };
    let refund = wait_for(till.terminal().refund(request.clone())).expect("it is begun");
    till.reaches(refund.id, PaymentState::Refunding);
    let other = SANDBOX.new_merchant();
    till.restart(|config| *Till::gateway(config, kind) = gateway(kind, &other));
    // It may have gone out: nobody may hear that nothing was sent, and give the money back with the other account.
    let again = wait_for(till.terminal().refund(request.clone())).expect("it is found");
    assert_eq!((again.id, again.reason), (refund.id, Some(Reason::AccountChanged)));
    let another = RefundRequest { amount: Some(Amount::new(41, payment.amount.currency)), ..request.clone() };
    let refused = wait_for(till.terminal().refund(another)).unwrap_err();
    assert_eq!(refused, PaywandError::KeyReused { id: refund.id });
    let new = RefundRequest { request_key: new_key(), ..request };
    assert_eq!(wait_for(till.terminal().refund(new)).unwrap_err().code(), "other_account");
}

#[test]
fn our_refund_with_another_sum_needs_a_person() {
    let (till, payment) = paid(GatewayKind::TencentCpay, rule(Op::RefundQuery, Do::OtherAmount));
    let refund = refunded(&till, &payment, Some(40));
    let ended = (refund.state, refund.reason);
    assert_eq!(ended, (PaymentState::NeedsAttention, Some(Reason::AmountDiffers)), "{:#?}", till.history(refund.id));
}

#[test]
fn a_failed_refund_has_failed_where_the_gateway_names_it() {
    let (till, payment) = paid(GatewayKind::TencentCpay, Plan::new().refunds(Refunding::Fails));
    let refund = refunded(&till, &payment, None);
    assert_eq!((refund.state, refund.reason), (PaymentState::Failed, Some(Reason::RefundFailed)), "{refund:#?}");
    assert_eq!((books(&till, &payment).0, left(&till, &payment)), (0, 100));

    let (till, payment) = paid(GatewayKind::TencentCpay, Plan::new().refunds(Refunding::Changes));
    let refund = refunded(&till, &payment, None);
    assert_eq!((refund.state, refund.reason), (PaymentState::NeedsAttention, Some(Reason::RefundChanged)));
}

#[test]
fn the_only_refund_has_failed_where_huishouyin_says_so_of_its_order() {
    let (till, payment) = paid(GatewayKind::Huishouyin, Plan::new().refunds(Refunding::Fails));
    let refund = refunded(&till, &payment, None);
    assert_eq!((refund.state, refund.reason), (PaymentState::Failed, Some(Reason::RefundFailed)), "{refund:#?}");
    assert_eq!((books(&till, &payment).0, left(&till, &payment), sent(&till).len()), (0, 100, 1));
}

#[test]
fn which_of_two_refunds_failed_huishouyin_does_not_say_and_a_person_settles() {
    let (till, payment) = paid(GatewayKind::Huishouyin, Plan::new());
    assert_eq!(refunded(&till, &payment, Some(30)).state, PaymentState::Refunded);
    // Taken on, but its answer is lost.
    till.plan(rule(Op::Refund, Do::LostAfter).refunds(Refunding::Fails));
    let refund = refunded(&till, &payment, Some(40));
    let ended = (refund.state, refund.reason);
    assert_eq!(ended, (PaymentState::NeedsAttention, Some(Reason::Unresolved)), "{:#?}", till.history(refund.id));
    assert_eq!(left(&till, &payment), 30);
    let settle = |paid| till.terminal().settle_by_hand(refund.id, paid, "Wong".to_owned(), "its books".to_owned());
    let settled = wait_for(settle(false)).expect("it was asked about since, and nobody else can tell");
    assert_eq!((settled.state, books(&till, &payment).0), (PaymentState::SettledNotPaid, 30));
}

#[test]
fn what_a_coupon_paid_is_not_given_back() {
    let kind = GatewayKind::Huishouyin;
    let till = Till::planned(Plan { coupon_minor: 25, ..Plan::new() });
    let payment = till.charge_to_end(kind);
    assert_eq!((payment.state, payment.amount.minor), (PaymentState::Paid, 100), "{}", till.story(&payment));
    assert_eq!(payment.refundable, Some(Amount::new(75, currency(kind))));
    assert_eq!(left(&till, &payment), 75);
    let refund = refunded(&till, &payment, None);
    assert_eq!((refund.state, refund.amount.minor), (PaymentState::Refunded, 75), "{:#?}", till.history(refund.id));
    assert_eq!(books(&till, &payment), (75, 1));
}

#[test]
fn with_rsa_refunds_and_reverses_go_through() {
    side_by_side(KINDS, |kind| {
        let mut till = Till::closed();
        let key = Arc::new(Secret::from_text(&till.merchant.rsa_private_key));
        let gateway = Till::gateway(&mut till.config, kind);
        gateway.keys.insert("rsa_private_key".to_owned(), key);
        let (option, value) =
            if kind == GatewayKind::Huishouyin { ("sign_type", "RSA") } else { ("refund_authen", "s") };
        gateway.options.insert(option.to_owned(), value.to_owned());
        till.open().expect("the till opens");

        let payment = till.charge_to_end(kind);
        assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
        let refund = refunded(&till, &payment, None);
        assert_eq!(refund.state, PaymentState::Refunded, "{:#?}", till.history(refund.id));
        assert_eq!((books(&till, &payment), sent(&till).len()), ((100, 1), 1));

        till.plan(Plan::new().customer(Customer::Never));
        let payment = till.charge_to_end(kind);
        assert_eq!((payment.state, till.count(Op::Reverse)), (PaymentState::Reversed, 1), "{}", till.story(&payment));
    });
}
