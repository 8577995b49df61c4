//! What the network can do: plain http where it is allowed, redirects that are never followed, a gateway that is not
//! there or is another, answers that hang, connections of one's own.

use std::{
    io,
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, LazyLock, Mutex, Once,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use paywand::{
    ChargeRequest, Evidence, GatewayConfig, Payment, PaymentState, PaywandError, QrRequest, Reason,
    gateway::GatewayKind::{self, Bjrcb, BlueoceanV1, Huishouyin, MaxfunDevice, MaxfunTp, TencentCpay},
};
use paywand_e2e::{SANDBOX, SHOWING, Till, pairs, side_by_side, wait_for};
use paywand_sandbox::{Customer, Do, Op, Options, Plan, Rule, Sandbox};

/// The operation that asks for money.
fn first_op(kind: GatewayKind) -> Op {
    if SHOWING.contains(&kind) { Op::Create } else { Op::Charge }
}

fn till_at(kind: GatewayKind, change: impl FnOnce(&mut GatewayConfig)) -> Till {
    Till::with(|config| change(Till::gateway(config, kind)))
}

fn begin(till: &Till, kind: GatewayKind) -> Payment {
    if !SHOWING.contains(&kind) {
        return till.begin_charge(kind);
    }
    let request = QrRequest { limit_ms: Some(0), ..till.qr_request(kind) };
    wait_for(till.terminal().create_qr(request)).expect("it is accepted")
}

fn plain(gateway: &mut GatewayConfig) {
    gateway.base_url.clone_from(&SANDBOX.http);
    gateway.allow_http = true;
}

/// Nothing left: failed, without a question and without a call.
fn not_sent(till: &Till, payment: &Payment, why: &str) {
    assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::NotSent)), "{payment:#?}");
    assert_eq!(till.path(payment.id), [PaymentState::Charging, PaymentState::Failed]);
    let history = till.history(payment.id);
    let whys = || history.iter().filter(|line| line.contains(r#""input":"not_sent""#));
    let because = format!(r#""why":"{why}""#);
    assert!(whys().count() > 0 && whys().all(|line| line.contains(&because)), "{history:#?}");
    assert!(till.calls().is_empty(), "{:#?}", till.calls());
    assert!(till.terminal().unfinished().expect("a list").is_empty());
}

/// Keeps the library's log.
struct Log;

static LINES: LazyLock<Mutex<Vec<String>>> = LazyLock::new(Mutex::default);

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}", record.level(), record.args());
        LINES.lock().expect("no one panics here").push(line);
    }

    fn flush(&self) {}
}

fn logged(text: &str) -> bool {
    LINES.lock().expect("no one panics here").iter().any(|line| line.contains(text))
}

fn start_log() {
    static START: Once = Once::new();
    START.call_once(|| {
        log::set_logger(&Log).expect("nobody else logs here");
        log::set_max_level(log::LevelFilter::Warn);
    });
}

#[test]
fn plain_http_works_where_it_is_allowed_and_answers_are_signed_and_it_is_logged() {
    start_log();
    for (kind, id) in [(Bjrcb, "bank-in-clear"), (BlueoceanV1, "sea-in-clear")] {
        let till = till_at(kind, |gateway| {
            plain(gateway);
            gateway.id = id.to_owned();
        });
        let request = ChargeRequest { gateway: Some(id.to_owned()), ..till.charge_request(kind) };
        let paid = till.try_charge(request).expect("it is accepted");
        assert_eq!((paid.state, paid.evidence), (PaymentState::Paid, Some(Evidence::Signature)));
        assert!(till.calls().iter().all(|call| !call.tls));
        assert!(logged(&format!("WARN gateway {id}: plain http")), "{id}");
    }
    till_at(Bjrcb, |gateway| gateway.id = "bank-over-https".to_owned());
    assert!(!logged("bank-over-https"));
}

#[test]
fn plain_http_is_refused_unless_it_is_allowed_and_always_where_answers_are_not_signed() {
    for kind in GatewayKind::ALL {
        for allowed in [false, true] {
            let mut till = Till::closed();
            let gateway = Till::gateway(&mut till.config, kind);
            plain(gateway);
            gateway.allow_http = allowed;
            if allowed && ![MaxfunDevice, MaxfunTp, Huishouyin].contains(&kind) {
                till.open().expect("it opens");
                continue;
            }
            match till.open().expect_err("it is refused") {
                PaywandError::InvalidConfig { field, .. } => assert!(field.ends_with(".base_url"), "{field}"),
                other => panic!("{other}"),
            }
            assert!(!till.database().exists());
        }
    }
}

#[test]
fn over_plain_http_an_answer_that_names_no_order_is_not_believed() {
    // A refusal is not signed: anybody could have sent it.
    let till = till_at(BlueoceanV1, |gateway| {
        plain(gateway);
        gateway.timing.deadline_ms = Some(10_000);
    });
    till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::Refused { code: None })));
    let payment = till.begin_charge(BlueoceanV1);
    till.reaches(payment.id, PaymentState::Querying);
    // Nor can it be told whose QR came.
    let till = till_at(TencentCpay, plain);
    let payment = till.qr(TencentCpay);
    assert_eq!((till.path(payment.id)[1], &payment.pay_url), (PaymentState::Closing, &None));
    assert_eq!(till.settled(payment.id).state, PaymentState::Closed);
}

#[test]
fn a_redirect_of_a_charge_or_creation_is_never_followed() {
    let over_http = [Bjrcb, BlueoceanV1, TencentCpay].map(|kind| (kind, true));
    for (kind, http) in GatewayKind::ALL.map(|kind| (kind, false)).into_iter().chain(over_http) {
        let till = till_at(kind, |gateway| {
            gateway.timing.deadline_ms = Some(100);
            if http {
                plain(gateway);
            }
        });
        till.plan(Plan::new().rule(Rule::new(first_op(kind), Do::Redirect)));
        let payment = begin(&till, kind);
        if kind == MaxfunDevice {
            till.reaches(payment.id, PaymentState::NeedsAttention);
        } else {
            // A second charge would have come before these.
            till.wait_calls(3);
        }
        assert_eq!(till.count(first_op(kind)), 1, "{kind:?} {:#?}", till.calls());
        assert!(till.calls().iter().all(|call| call.tls != http), "{kind:?}");
        assert_eq!(till.ledger().totals.charges, 0, "{kind:?}");
        let history = till.history(payment.id);
        assert!(history[1].contains(r#""reply":"unproved","why":"http_status""#), "{kind:?} {history:#?}");
        assert!(!history[1].contains(" failed:"), "{kind:?} {history:#?}");
    }
}

#[test]
fn a_redirect_of_a_query_reverse_or_close_is_an_answer_that_proves_nothing() {
    for kind in [Bjrcb, BlueoceanV1, TencentCpay, Huishouyin] {
        let undo = if SHOWING.contains(&kind) { Op::Close } else { Op::Reverse };
        let till = till_at(kind, |gateway| {
            gateway.timing.deadline_ms = Some(100);
            gateway.timing.min_reverse_age_ms = Some(150);
            gateway.timing.close_retry_ms = Some(20);
        });
        till.plan(
            Plan::new()
                .customer(Customer::Never)
                .rule(Rule::new(Op::Query, Do::Redirect))
                .rule(Rule::new(undo, Do::Redirect)),
        );
        let payment = till.pay(kind);
        let end = till.settled(payment.id);
        let undone = if undo == Op::Close { PaymentState::Closed } else { PaymentState::Reversed };
        assert_eq!(end.state, undone, "{kind:?} {:#?}", till.history(payment.id));
        assert!(till.calls().iter().all(|call| call.tls));
        assert_eq!((till.count(first_op(kind)), till.count(undo)), (1, 2), "{kind:?}");
    }
}

#[test]
fn a_gateway_that_is_another_gets_nothing() {
    let elsewhere = Sandbox::start(Options::default()).expect("it starts");
    let others = elsewhere.ca_file.to_string_lossy().into_owned();
    // Another authority of the same name, and none beside the public ones.
    side_by_side(pairs(&GatewayKind::ALL, &[Some(others), None]), |(kind, ca_file)| {
        let till = till_at(kind, |gateway| {
            gateway.ca_file = ca_file;
            gateway.timing.connect_ms = Some(1_500);
        });
        not_sent(&till, &till.pay(kind), "tls");
    });
    assert!(elsewhere.strays().is_empty() && SANDBOX.strays().is_empty());
}

#[test]
fn a_gateway_that_is_down_is_tried_within_the_connect_budget_and_then_nothing_was_sent() {
    side_by_side(GatewayKind::ALL, |kind| {
        let till = till_at(kind, |gateway| {
            gateway.base_url = "https://localhost:1".to_owned();
            gateway.timing.connect_ms = Some(3_000);
        });
        let begun = Instant::now();
        let payment = till.pay(kind);
        let took = begun.elapsed();
        assert!(took < Duration::from_millis(3_000 + 1_000), "{kind:?} {took:?}");
        not_sent(&till, &payment, "connect");
        // It was tried again.
        assert!(till.history(payment.id).len() > 3, "{:#?}", till.history(payment.id));
    });
}

#[test]
fn a_gateway_that_never_greets_was_sent_nothing() {
    // The connection stands; no handshake is answered.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("it is bound").port();
    for kind in GatewayKind::ALL {
        let till = till_at(kind, |gateway| {
            gateway.base_url = format!("https://127.0.0.1:{port}");
            gateway.timing.connect_ms = Some(100);
        });
        not_sent(&till, &till.pay(kind), "connect_timeout");
    }
}

/// A way to the sandbox that can be cut: then it closes every connection as soon as it stands.
struct Line {
    url: String,
    up: Arc<AtomicBool>,
}

impl Line {
    fn new(up: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let line = Self { url: format!("https://127.0.0.1:{port}"), up: Arc::new(AtomicBool::new(up)) };
        let up = line.up.clone();
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if up.load(Ordering::SeqCst) {
                    let _ = join(near);
                }
            }
        });
        line
    }

    fn set(&self, up: bool) {
        self.up.store(up, Ordering::SeqCst);
    }
}

/// Carries bytes both ways until either end is through.
fn join(near: TcpStream) -> io::Result<()> {
    let far = TcpStream::connect(SANDBOX.https.trim_start_matches("https://"))?;
    for (mut from, mut to) in [(near.try_clone()?, far.try_clone()?), (far, near)] {
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}

#[test]
fn a_gateway_that_comes_up_in_time_is_asked_for_the_money_once() {
    let begun = GatewayKind::ALL.map(|kind| {
        let line = Line::new(false);
        let till = till_at(kind, |gateway| gateway.base_url.clone_from(&line.url));
        let payment = begin(&till, kind);
        till.until(payment.id, |_| till.history(payment.id).len() > 1);
        line.set(true);
        (kind, till, payment)
    });
    for (kind, till, payment) in begun {
        assert_eq!(till.settled(payment.id).state, PaymentState::Paid, "{kind:?}");
        assert_eq!((till.count(first_op(kind)), till.ledger().totals.charges), (1, 1), "{kind:?}");
    }
}

#[test]
fn a_line_that_is_cut_after_the_charge_leaves_it_in_doubt_until_it_is_back() {
    for kind in [Bjrcb, BlueoceanV1] {
        let line = Line::new(true);
        let till = till_at(kind, |gateway| {
            gateway.base_url.clone_from(&line.url);
            gateway.timing.connect_ms = Some(2_000);
            gateway.timing.read_ms = Some(100);
            gateway.timing.deadline_ms = Some(10_000);
        });
        till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true })));
        let payment = till.begin_charge(kind);
        till.wait_gates(1);
        line.set(false);
        let unsent = || till.history(payment.id).iter().filter(|line| line.contains("not_sent")).count();
        let doubt = till.until(payment.id, |_| unsent() >= 2);
        assert_eq!((doubt.state, doubt.in_doubt()), (PaymentState::Querying, true));
        line.set(true);
        assert_eq!(till.settled(payment.id).state, PaymentState::Paid);
        assert_eq!(till.order(&payment).map(|order| order.charges), Some(1));
    }
}

#[test]
fn an_answer_that_hangs_leaves_the_charge_in_doubt_and_a_query_finds_it_paid() {
    for kind in [Bjrcb, BlueoceanV1] {
        let till = till_at(kind, |gateway| {
            gateway.timing.connect_ms = Some(2_000);
            gateway.timing.read_ms = Some(100);
        });
        till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true })));
        let payment = till.begin_charge(kind);
        till.wait_gates(1);
        assert_eq!(till.terminal().in_doubt().expect("a list")[0].id, payment.id);
        // The gates stay shut.
        let paid = till.settled(payment.id);
        assert_eq!((paid.state, paid.evidence), (PaymentState::Paid, Some(Evidence::Signature)), "{kind:?}");
        let path = [PaymentState::Charging, PaymentState::Querying, PaymentState::Paid];
        assert_eq!(till.path(payment.id), path);
        assert_eq!((till.count(Op::Charge), till.money(&payment)), (1, 100));
        assert!(till.terminal().in_doubt().expect("a list").is_empty());
    }
}

#[test]
fn an_answer_that_hangs_where_nothing_can_be_asked_needs_a_person() {
    let till = till_at(MaxfunDevice, |gateway| {
        gateway.timing.connect_ms = Some(2_000);
        gateway.timing.read_ms = Some(100);
    });
    till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true })));
    let payment = till.charge(MaxfunDevice);
    assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::CannotAsk)));
    assert_eq!(till.ops(), [Op::Charge]);
}

#[test]
fn what_may_name_no_order_goes_over_a_connection_of_its_own() {
    let shares = [(Bjrcb, Op::Charge), (Bjrcb, Op::Query), (Huishouyin, Op::Detail)];
    for kind in GatewayKind::ALL {
        let till = Till::new();
        till.plan(Plan::new().customer(Customer::PaysAfter { queries: 1 }));
        for _ in 0..2 {
            let payment = if !SHOWING.contains(&kind) {
                let request = ChargeRequest { another_sale: true, ..till.charge_request(kind) };
                till.try_charge(request).expect("it is accepted")
            } else {
                till.qr(kind)
            };
            till.settled(payment.id);
        }
        for call in till.calls() {
            let shared = call.op.is_some_and(|op| shares.contains(&(kind, op)));
            assert!(shared || call.place_on_connection == 1, "{call:#?}");
        }
    }
}

#[test]
fn a_stranger_s_answer_on_a_kept_connection_is_not_ours() {
    let till = Till::new();
    till.charge(Bjrcb);
    let stranger = || Rule::new(Op::Charge, Do::Stranger { reused_only: true });
    till.plan(Plan::new().customer(Customer::PaysAfter { queries: 1 }).rule(stranger()));
    let payment = till.charge(Bjrcb);
    assert!(till.calls().iter().any(|call| call.outcome == "stranger"), "{:#?}", till.calls());
    assert_eq!(payment.state, PaymentState::Paid);
    assert!(till.path(payment.id).contains(&PaymentState::Querying));
    assert!(till.count(Op::Query) > 0);
}
