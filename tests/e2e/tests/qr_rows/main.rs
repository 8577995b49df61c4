//! The table of QR orders, row by row, at both gateways that show one. In every scenario the QR is there exactly while
//! it may be shown.

mod after;
mod closing;
mod creating;
mod showing;

use paywand::{Payment, PaymentState, TimingConfig, gateway::GatewayKind};
use paywand_e2e::{SHOWING, Till, wait_for};
use paywand_sandbox::{Customer, Do, Op, OrderState, Plan, Rule};

/// Creating, its answer unclear, to a proved close.
const NEVER_SHOWN: [PaymentState; 4] =
    [PaymentState::Charging, PaymentState::Closing, PaymentState::Confirming, PaymentState::Closed];

/// A till whose QR is closed soon and, once closed, left alone.
fn till(plan: Plan) -> Till {
    till_with(plan, |_| {})
}

fn till_with(plan: Plan, change: impl Fn(&mut TimingConfig)) -> Till {
    let till = Till::with(|config| {
        for kind in SHOWING {
            let timing = &mut Till::gateway(config, kind).timing;
            timing.first_query_ms = Some(20);
            timing.interval_ms = Some(20);
            timing.qr_interval_ms = Some(20);
            timing.qr_deadline_ms = Some(200);
            timing.close_retry_ms = Some(20);
            timing.watch_ms = Some(60_000);
            change(timing);
        }
    });
    till.plan(plan);
    till
}

/// Shown until somebody ends it.
fn patient(timing: &mut TimingConfig) {
    timing.qr_deadline_ms = Some(60_000);
}

/// Nor asked about, until somebody wants something of it.
fn idle(timing: &mut TimingConfig) {
    timing.first_query_ms = Some(60_000);
    patient(timing);
}

/// A QR that dies soon after it was made, and cannot be paid soon after that.
fn short_lived(timing: &mut TimingConfig) {
    timing.qr_life_ms = Some(150);
    timing.landing_horizon_ms = Some(150);
}

fn never() -> Plan {
    Plan::new().customer(Customer::Never)
}

fn rule(op: Op, what: Do) -> Rule {
    Rule::new(op, what)
}

fn shown(till: &Till, kind: GatewayKind) -> Payment {
    let payment = till.qr(kind);
    // On a busy machine the call may return when it is shown no more.
    let path = till.path(payment.id);
    assert!(path.contains(&PaymentState::ShowingQr), "{kind:?} {:#?}", till.history(payment.id));
    payment
}

fn cancel(till: &Till, payment: &Payment) -> Payment {
    wait_for(till.terminal().cancel(payment.id)).expect("it can be cancelled")
}

/// The payment at its end, the QR never there when it must not be shown.
fn ends(till: &Till, payment: &Payment, state: PaymentState) -> Payment {
    let ended = till.settled(payment.id);
    assert_eq!(ended.state, state, "{} {:#?}\n{:#?}", payment.gateway, till.history(payment.id), till.calls());
    hidden_unless_showing(till, payment.id);
    ended
}

fn hidden_unless_showing(till: &Till, id: i64) {
    for payment in till.reports(id).iter().chain([&till.payment(id)]) {
        let shows = payment.state == PaymentState::ShowingQr;
        assert_eq!(payment.pay_url.is_some(), shows, "{payment:#?}");
    }
}

fn never_was(till: &Till, id: i64, state: PaymentState) {
    assert!(!till.path(id).contains(&state), "{:#?}", till.history(id));
    assert!(till.reports(id).iter().all(|payment| payment.state != state));
}

fn closes(till: &Till) -> usize {
    till.count(Op::Close)
}

/// The gateway's own end: closed, and the customer paid nothing.
fn unpaid_and_closed(till: &Till, payment: &Payment) {
    let order = till.order(payment).expect("the gateway knows it");
    assert_eq!((order.state, order.charges), (OrderState::Closed, 0), "{order:#?}");
}

/// The customer paid, once, and has all of it back by one refund.
fn given_back(till: &Till, payment: &Payment) {
    let order = till.order(payment).expect("the gateway knows it");
    assert_eq!(
        (order.charges, order.money_minor, order.held_minor(), order.refunds.len()),
        (1, 100, 0, 1),
        "{order:#?}"
    );
}
