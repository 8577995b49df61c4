//! The gateways that charge a code show a QR too: QR orders at BlueOcean and BJRCB, and BJRCB's charge for both wallets.

use std::sync::Arc;

use paywand::{ChargeRequest, Payment, PaymentCode, PaymentState, QrRequest, Reason, Wallet, gateway::GatewayKind};
use paywand_e2e::{Till, code_text, side_by_side, wait_for};
use paywand_sandbox::{After, Customer, Do, Op, OrderKind, OrderState, Plan, Rule};

/// A kind, and whose QR is asked for.
const SHOWN: [(GatewayKind, Option<Wallet>); 4] = [
    (GatewayKind::BlueoceanV1, None),
    (GatewayKind::Bjrcb, None),
    (GatewayKind::Bjrcb, Some(Wallet::Wechat)),
    (GatewayKind::Bjrcb, Some(Wallet::Alipay)),
];

/// Its QR is closed soon.
fn till(kind: GatewayKind, plan: Plan) -> Till {
    till_until(200, kind, plan)
}

/// Its QR is shown until somebody ends it.
fn patient(kind: GatewayKind, plan: Plan) -> Till {
    till_until(60_000, kind, plan)
}

fn till_until(qr_deadline_ms: i64, kind: GatewayKind, plan: Plan) -> Till {
    let till = Till::timed(kind, |timing| {
        timing.first_query_ms = Some(20);
        timing.interval_ms = Some(20);
        timing.qr_interval_ms = Some(20);
        timing.qr_deadline_ms = Some(qr_deadline_ms);
        timing.close_retry_ms = Some(20);
        timing.watch_ms = Some(60_000);
    });
    till.plan(plan);
    till
}

fn qr(till: &Till, kind: GatewayKind, wallet: Option<Wallet>) -> Payment {
    wait_for(till.terminal().create_qr(QrRequest { wallet, ..till.qr_request(kind) })).expect("it is accepted")
}

fn never() -> Plan {
    Plan::new().customer(Customer::Never)
}

#[test]
fn a_qr_is_shown_and_paid() {
    side_by_side(SHOWN, |(kind, wallet)| {
        let till = patient(kind, never());
        let payment = qr(&till, kind, wallet);
        assert_eq!(payment.state, PaymentState::ShowingQr, "{:#?}", till.history(payment.id));
        assert_eq!(payment.pay_url, till.order(&payment).and_then(|order| order.qr));
        till.customer_pays(&payment);
        let paid = till.settled(payment.id);
        assert_eq!((paid.state, paid.pay_url.is_none()), (PaymentState::Paid, true), "{}", till.story(&paid));
        till.assert_true(&paid);
        let order = till.order(&payment).expect("it is there");
        assert_eq!(order.kind, OrderKind::Qr);
        if kind == GatewayKind::Bjrcb {
            let service = if wallet == Some(Wallet::Alipay) { "ALIPAY_SCANNED" } else { "WECHAT_SCANNED" };
            assert_eq!(order.texts["service_type"], service);
            assert_eq!(paid.wallet, Some(wallet.unwrap_or(Wallet::Wechat)));
        }
    });
}

#[test]
fn nobody_pays_and_it_is_closed() {
    side_by_side(SHOWN, |(kind, wallet)| {
        let till = till(kind, never());
        let payment = qr(&till, kind, wallet);
        let closed = till.settled(payment.id);
        assert_eq!(closed.state, PaymentState::Closed, "{}", till.story(&closed));
        till.assert_true(&closed);
        assert_eq!(till.order(&payment).map(|order| order.state), Some(OrderState::Closed));
    });
}

#[test]
fn a_cancel_closes_it() {
    side_by_side(SHOWN, |(kind, wallet)| {
        let till = till(kind, never());
        let payment = qr(&till, kind, wallet);
        wait_for(till.terminal().cancel(payment.id)).expect("it can be cancelled");
        let closed = till.settled(payment.id);
        assert_eq!(closed.state, PaymentState::Closed, "{}", till.story(&closed));
        till.assert_true(&closed);
    });
}

#[test]
fn a_failed_attempt_is_no_end() {
    side_by_side(SHOWN, |(kind, wallet)| {
        let till = patient(kind, Plan::new().customer(Customer::Declines { at_once: false }));
        let payment = qr(&till, kind, wallet);
        till.wait_calls(3);
        till.customer_pays(&payment);
        let paid = till.settled(payment.id);
        assert_eq!(paid.state, PaymentState::Paid, "{}", till.story(&paid));
        till.assert_true(&paid);
    });
}

#[test]
fn whatever_becomes_of_its_creation_nobody_pays_a_qr_that_is_not_shown() {
    let answers = [
        Do::LostAfter,
        Do::CutJson,
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherOrder,
        Do::UnknownCode { effect: true },
        Do::Busy { effect: true },
    ];
    let kinds = [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb];
    side_by_side(paywand_e2e::pairs(&kinds, &answers), |(kind, what)| {
        // BlueOcean's answer names no order: there is nothing to be another's. And it needs no signature (B1).
        if kind == GatewayKind::BlueoceanV1 && matches!(what, Do::OtherOrder | Do::NoSignature) {
            return;
        }
        let till = till(kind, never().rule(Rule::new(Op::Create, what.clone())));
        let payment = qr(&till, kind, None);
        assert_eq!(payment.pay_url, None, "{what:?} {}", till.story(&payment));
        let closed = till.settled(payment.id);
        assert_eq!(closed.state, PaymentState::Closed, "{what:?} {}", till.story(&closed));
        till.assert_true(&closed);
    });
}

/// BlueOcean by the letter of B1, which has a signature in the answers to micropay and query only.
fn by_the_tables(plan: Plan) -> Plan {
    let unsigned = [Op::Create, Op::Close, Op::Reverse, Op::Refund, Op::RefundQuery];
    unsigned.into_iter().fold(plan, |plan, op| plan.rule(Rule::new(op, Do::NoSignature).times(0)))
}

#[test]
fn blueocean_s_unsigned_qr_is_shown_and_paid_by_a_signed_query_only() {
    let kind = GatewayKind::BlueoceanV1;
    let till = till_until(3_000, kind, by_the_tables(never()));
    let payment = qr(&till, kind, None);
    assert_eq!(payment.state, PaymentState::ShowingQr, "{}", till.story(&payment));
    till.customer_pays(&payment);
    let paid = till.settled(payment.id);
    assert_eq!(paid.state, PaymentState::Paid, "{}", till.story(&paid));
    till.assert_true(&paid);

    // A success without its signature is none.
    till.plan(by_the_tables(never()).rule(Rule::new(Op::Query, Do::NoSignature).times(0)));
    let payment = qr(&till, kind, None);
    till.customer_pays(&payment);
    let unverified = till.settled(payment.id);
    let told = (unverified.state, unverified.reason);
    assert_eq!(told, (PaymentState::NeedsAttention, Some(Reason::SignatureFails)), "{}", till.story(&unverified));
}

#[test]
fn blueocean_s_unsigned_close_is_confirmed_by_a_signed_query() {
    let kind = GatewayKind::BlueoceanV1;
    let till = till(kind, by_the_tables(never()));
    let payment = qr(&till, kind, None);
    assert_eq!(payment.state, PaymentState::ShowingQr);
    let closed = till.settled(payment.id);
    assert_eq!(closed.state, PaymentState::Closed, "{}", till.story(&closed));
    till.assert_true(&closed);
}

#[test]
fn a_refused_creation_has_failed_where_the_gateway_says_so() {
    let till = till(GatewayKind::BlueoceanV1, Plan::new().rule(Rule::new(Op::Create, Do::Refused { code: None })));
    let payment = qr(&till, GatewayKind::BlueoceanV1, None);
    assert_eq!((payment.state, payment.gateway_code.as_deref()), (PaymentState::Failed, Some("40100")));
    till.assert_true(&payment);
}

#[test]
fn money_that_comes_in_after_the_close_goes_back_by_itself() {
    side_by_side(SHOWN, |(kind, wallet)| {
        let till = till(kind, Plan::new().customer(Customer::PaysLate { after: After::Close }));
        let payment = qr(&till, kind, wallet);
        wait_for(till.terminal().cancel(payment.id)).expect("it can be cancelled");
        let refunded = till.reaches(payment.id, PaymentState::Refunded);
        assert_eq!((till.returned(&payment), till.count(Op::Refund)), (100, 1), "{}", till.story(&refunded));
        till.assert_true(&refunded);
    });
}

/// A charge of 1.00 by a code of WeChat's, at its end.
fn by_wechat(till: &Till) -> Payment {
    let code = PaymentCode::from_scan(&code_text(GatewayKind::BlueoceanV1)).expect("a code");
    let request = ChargeRequest { code: Arc::new(code), ..till.charge_request(GatewayKind::Bjrcb) };
    let id = till.begin(request).id;
    till.settled(id)
}

#[test]
fn bjrcb_takes_wechat_s_codes_under_wechat_s_names_from_charge_to_reverse() {
    let waiting = Customer::PaysAfter { queries: 2 };
    let declines = Customer::Declines { at_once: false };
    let ends = [
        (Customer::Pays, PaymentState::Paid),
        (waiting, PaymentState::Paid),
        (declines, PaymentState::Failed),
        (Customer::Never, PaymentState::Reversed),
        (Customer::PaysLate { after: After::Reverse }, PaymentState::Refunded),
    ];
    side_by_side(ends, |(customer, state)| {
        let till = Till::planned(Plan::new().customer(customer));
        let payment = by_wechat(&till);
        assert_eq!((payment.state, payment.wallet), (state, Some(Wallet::Wechat)), "{}", till.story(&payment));
        let payment = till.until(payment.id, |payment| payment.follow_up != paywand::FollowUp::Cleaning);
        till.assert_true(&payment);
        let services = till.calls().into_iter().map(|call| call.body["service_type"].clone());
        assert!(services.into_iter().all(|name| name.as_str().is_some_and(|name| name.starts_with("WECHAT_"))));
        // W1: what failed is revoked too.
        let reverses = till.count(Op::Reverse);
        assert_eq!(reverses > 0, !matches!(state, PaymentState::Paid), "{}", till.story(&payment));
    });
}
