//! Creating: the QR is shown only on an answer that is ours and whole; only a believed refusal is a failure.

use paywand::{
    FollowUp, PaymentState, QrRequest, Reason,
    gateway::GatewayKind::{Huishouyin, TencentCpay},
};
use paywand_e2e::{SHOWING, Till, wait_for};
use paywand_sandbox::{Do, Op, Plan};

use crate::{
    NEVER_SHOWN, cancel, closes, ends, hidden_unless_showing, never, never_was, patient, rule, short_lived, shown,
    till, till_with, unpaid_and_closed,
};

#[test]
fn a_ready_qr_is_shown_as_the_gateway_made_it() {
    for kind in SHOWING {
        let till = till_with(never(), patient);
        let payment = shown(&till, kind);
        assert_eq!(payment.pay_url, till.order(&payment).expect("it was made").qr);
        assert_eq!((till.count(Op::Create), payment.is_final), (1, false));
        assert_eq!(till.path(payment.id), [PaymentState::Charging, PaymentState::ShowingQr]);
    }
}

#[test]
fn a_believed_refusal_is_failed_with_the_gateway_s_code_and_nothing_more_is_sent() {
    let tencent = ["101", "104"].map(|code| (TencentCpay, code));
    let huishouyin = ["2000", "3000", "3001", "3002", "3003", "3004", "5000"].map(|code| (Huishouyin, code));
    let till = till(Plan::new());
    for (number, (kind, code)) in tencent.into_iter().chain(huishouyin).enumerate() {
        till.plan(Plan::new().rule(rule(Op::Create, Do::Refused { code: Some(code.to_owned()) })));
        let payment = till.qr(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::Refused)), "{kind:?} {code}");
        assert_eq!((payment.gateway_code.as_deref(), payment.follow_up), (Some(code), FollowUp::None));
        assert_eq!(till.ops(), vec![Op::Create; number + 1]);
        hidden_unless_showing(&till, payment.id);
    }
    assert!(till.ledger().orders.is_empty());
}

#[test]
fn a_refusal_of_another_kind_is_closed_not_failed() {
    let codes = [(TencentCpay, "105"), (TencentCpay, "103"), (Huishouyin, "4001"), (Huishouyin, "5001")];
    let begun = codes.into_iter().chain([(Huishouyin, "1001"), (Huishouyin, "6000")]).map(|(kind, code)| {
        let refused = rule(Op::Create, Do::Refused { code: Some(code.to_owned()) });
        let till = till_with(Plan::new().rule(refused), short_lived);
        let payment = till.qr(kind);
        assert_eq!(till.path(payment.id)[1], PaymentState::Closing, "{kind:?} {code}");
        (till, payment)
    });
    for (till, payment) in begun.collect::<Vec<_>>() {
        ends(&till, &payment, PaymentState::Closed);
        never_was(&till, payment.id, PaymentState::ShowingQr);
    }
}

#[test]
fn a_number_that_was_taken_is_another_sale_s_and_never_closed() {
    let tencent = ["102", "3/407", "101/407", "103/407", "104/407"].map(|code| (TencentCpay, code));
    for (kind, code) in tencent.into_iter().chain([(Huishouyin, "1003"), (Huishouyin, "1007")]) {
        let till = till(Plan::new().rule(rule(Op::Create, Do::Refused { code: Some(code.to_owned()) })));
        let payment = till.qr(kind);
        let ended = ends(&till, &payment, PaymentState::NeedsAttention);
        assert_eq!(ended.reason, Some(Reason::NumberTaken), "{kind:?} {code}");
        assert_eq!(closes(&till), 0);
    }
}

#[test]
fn any_unclear_answer_is_closed_and_the_qr_never_shown() {
    let lost = [Do::LostAfter, Do::Http500After, Do::HtmlAfter, Do::CutJson, Do::CutJsonClean, Do::Empty, Do::Huge];
    let odd = [Do::UnknownCode { effect: true }, Do::Busy { effect: true }];
    let both = lost.into_iter().chain(odd).flat_map(|what| SHOWING.map(|kind| (kind, what.clone())));
    let unsigned = [Do::BadSignature, Do::NoSignature].map(|what| (TencentCpay, what));
    let other = [Do::OtherAmount, Do::OtherOrder, Do::Stranger { reused_only: false }].map(|what| (Huishouyin, what));
    for (kind, what) in both.chain(unsigned).chain(other) {
        let till = till(Plan::new().rule(rule(Op::Create, what.clone())));
        let payment = till.qr(kind);
        assert_ne!(payment.state, PaymentState::ShowingQr, "{kind:?} {what:?}");
        ends(&till, &payment, PaymentState::Closed);
        assert_eq!(till.path(payment.id), NEVER_SHOWN, "{kind:?} {what:?}");
        assert_eq!(till.ops(), [Op::Create, Op::Close, Op::Query], "{kind:?} {what:?}");
        unpaid_and_closed(&till, &payment);
    }
}

#[test]
fn a_request_that_never_arrived_is_closed_when_it_can_no_longer_arrive() {
    let nothing_happened = [Do::LostBefore, Do::Http500, Do::Html, Do::Redirect, Do::UnknownCode { effect: false }];
    let begun =
        nothing_happened.into_iter().flat_map(|what| SHOWING.map(|kind| (kind, what.clone()))).map(|(kind, what)| {
            let till = till_with(Plan::new().rule(rule(Op::Create, what.clone())), |timing| {
                timing.landing_horizon_ms = Some(150);
            });
            let payment = till.qr(kind);
            assert_eq!(till.path(payment.id)[1], PaymentState::Closing, "{kind:?} {what:?}");
            (till, payment)
        });
    for (till, payment) in begun.collect::<Vec<_>>() {
        let ended = ends(&till, &payment, PaymentState::Closed);
        // Not found counts only past the landing horizon. Nobody has seen the QR: its life does not matter.
        assert!(ended.updated_at_ms - ended.created_at_ms >= 150, "{ended:#?}");
        never_was(&till, payment.id, PaymentState::ShowingQr);
        assert_eq!((till.count(Op::Create), till.ledger().orders.len()), (1, 0));
    }
}

#[test]
fn an_answer_that_drips_in_is_an_answer() {
    for kind in SHOWING {
        let till = till_with(never().rule(rule(Op::Create, Do::Drip { pause_ms: 0 })), patient);
        shown(&till, kind);
    }
}

#[test]
fn what_never_left_is_failed() {
    for kind in SHOWING {
        let till = Till::with(|config| {
            let gateway = Till::gateway(config, kind);
            gateway.base_url = "https://localhost:1".to_owned();
            gateway.timing.connect_ms = Some(100);
        });
        let payment = till.qr(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::NotSent)), "{kind:?}");
        assert_eq!(till.path(payment.id), [PaymentState::Charging, PaymentState::Failed]);
        assert!(till.calls().is_empty());
    }
}

#[test]
fn tencent_s_send_again_repeats_the_same_request_three_times() {
    let till = till_with(never().rule(rule(Op::Create, Do::Repeat).times(3)), patient);
    let payment = shown(&till, TencentCpay);
    // Afterwards it asks.
    let calls: Vec<_> = till.calls().into_iter().filter(|call| call.op == Some(Op::Create)).collect();
    let asked = |name: &str| calls.iter().map(|call| call.body["request_content"][name].clone()).collect::<Vec<_>>();
    assert_eq!(calls.len(), 4, "{calls:#?}");
    assert!(calls.iter().all(|call| call.order_number.as_deref() == Some(&payment.order_number)));
    // The nonce is fresh, all else the same but for the time.
    let nonces = asked("nonce_str");
    assert!((1..4).all(|place| nonces[place] != nonces[0]), "{nonces:?}");
    for pay in asked("pay_content") {
        assert_eq!((&pay["total_fee"], &pay["body"]), (&100.into(), &payment.order_number.clone().into()));
    }
}

#[test]
fn a_fourth_send_again_is_closed() {
    let till = till_with(never().rule(rule(Op::Create, Do::Repeat).times(0)), short_lived);
    let payment = till.qr(TencentCpay);
    assert_eq!(till.path(payment.id)[1], PaymentState::Closing);
    ends(&till, &payment, PaymentState::Closed);
    assert_eq!(till.count(Op::Create), 4);
    never_was(&till, payment.id, PaymentState::ShowingQr);
}

#[test]
fn a_cancel_on_the_way_closes_what_was_made() {
    for kind in SHOWING {
        let till = till(never().rule(rule(Op::Create, Do::Hang { effect: true })));
        let request = QrRequest { limit_ms: Some(0), ..till.qr_request(kind) };
        let payment = wait_for(till.terminal().create_qr(request)).expect("it is accepted");
        till.wait_gates(1);
        assert_eq!(cancel(&till, &payment).state, PaymentState::Charging);
        till.open_gates();
        ends(&till, &payment, PaymentState::Closed);
        assert_eq!(till.path(payment.id), NEVER_SHOWN);
        unpaid_and_closed(&till, &payment);
    }
}
