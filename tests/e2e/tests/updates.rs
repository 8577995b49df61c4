//! Who hears of changes, and when: listeners after the commit and in order, calls at their limit, everybody at a
//! shutdown. Nobody who listens, waits, or stops waiting holds a sale up.

use std::{
    pin::pin,
    sync::{Arc, Condvar, Mutex, OnceLock, Weak, mpsc},
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use paywand::{
    ChargeRequest, Payment, PaymentFilter, PaymentListener, PaymentState, PaywandError, Subscription, Terminal,
    gateway::GatewayKind::{self, Bjrcb, BlueoceanV1, Huishouyin, TencentCpay},
};
use paywand_e2e::{PATIENCE, Till, wait_for};
use paywand_sandbox::{Customer, Do, Op, Plan, Rule};

/// A shutdown waits two seconds for what is under way, and not much longer.
const SHUTDOWN: Duration = Duration::from_secs(4);

/// What a listener does with a payment; its place among what it has heard comes with it.
type Then = dyn Fn(usize, &Payment) -> Result<(), PaywandError> + Send + Sync;

/// Keeps what it hears, then does as told.
struct Listener {
    heard: Mutex<Vec<Payment>>,
    changed: Condvar,
    then: Box<Then>,
}

impl Listener {
    fn new(then: impl Fn(usize, &Payment) -> Result<(), PaywandError> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { heard: Mutex::default(), changed: Condvar::new(), then: Box::new(then) })
    }

    fn heard(&self) -> Vec<Payment> {
        self.heard.lock().expect("no one panics here").clone()
    }

    fn of(&self, id: i64) -> Vec<Payment> {
        self.heard().into_iter().filter(|payment| payment.id == id).collect()
    }

    /// Waits until it has heard of this payment in this state.
    fn hears(&self, id: i64, state: PaymentState) {
        self.hears_any(|payment| (payment.id, payment.state) == (id, state));
    }

    /// Waits until it has heard of a payment that fits.
    fn hears_any(&self, fits: impl Fn(&Payment) -> bool) {
        let heard = self.heard.lock().expect("no one panics here");
        let lacks = |heard: &mut Vec<Payment>| !heard.iter().any(&fits);
        let (heard, out) = self.changed.wait_timeout_while(heard, PATIENCE, lacks).expect("no one panics here");
        assert!(!out.timed_out(), "{heard:#?}");
    }
}

impl PaymentListener for Listener {
    fn on_payment(&self, payment: Payment) -> Result<(), PaywandError> {
        let place = {
            let mut heard = self.heard.lock().expect("no one panics here");
            heard.push(payment.clone());
            heard.len() - 1
        };
        self.changed.notify_all();
        (self.then)(place, &payment)
    }
}

/// A door that is shut until it is opened once.
#[derive(Default)]
struct Door {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Door {
    fn pass(&self) {
        let open = self.open.lock().expect("no one panics here");
        drop(self.changed.wait_timeout_while(open, PATIENCE, |open| !*open).expect("no one panics here"));
    }

    fn open(&self) {
        *self.open.lock().expect("no one panics here") = true;
        self.changed.notify_all();
    }
}

fn subscribe(till: &Till, listener: &Arc<Listener>) -> Arc<Subscription> {
    till.terminal().subscribe(listener.clone()).expect("it is open")
}

/// A listener that waits at a door the first time, and that door.
fn blocked() -> (Arc<Listener>, Arc<Door>) {
    let door = Arc::new(Door::default());
    let at = door.clone();
    let listener = Listener::new(move |place, _| {
        if place == 0 {
            at.pass();
        }
        Ok(())
    });
    (listener, door)
}

fn failed() -> PaywandError {
    PaywandError::ListenerFailed { reason: "the screen is gone".to_owned() }
}

/// Not through the harness, which listens too.
fn waited(till: &Till, id: i64) -> Payment {
    let payment = wait_for(till.terminal().wait(id, 20_000)).expect("it is there");
    assert!(payment.is_final, "{payment:#?}");
    payment
}

fn another(till: &Till, kind: GatewayKind) -> Payment {
    let request = ChargeRequest { another_sale: true, limit_ms: Some(0), ..till.charge_request(kind) };
    till.try_charge(request).expect("it is accepted")
}

#[test]
fn each_change_is_told_after_it_is_committed_and_in_order() {
    let till = Till::new();
    till.plan(Plan::new().customer(Customer::PaysAfter { queries: 2 }));
    let terminal: OnceLock<Weak<Terminal>> = OnceLock::new();
    terminal.set(Arc::downgrade(till.terminal())).expect("once");
    let read_back = Arc::new(Mutex::new(Vec::new()));
    let keep = read_back.clone();
    let listener = Listener::new(move |_, told| {
        let terminal = terminal.get().and_then(Weak::upgrade).ok_or(PaywandError::ShutDown)?;
        let stored = terminal.payment(told.id)?;
        keep.lock().expect("no one panics here").push((told.clone(), stored));
        Ok(())
    });
    let _subscription = subscribe(&till, &listener);
    let ids: Vec<i64> = (0..8).map(|_| another(&till, Bjrcb).id).collect();
    let mut told_of_more_than_the_end = false;
    for id in ids {
        let end = till.settled(id);
        assert_eq!(end.state, PaymentState::Paid);
        listener.hears(id, PaymentState::Paid);
        let path = till.path(id);
        let mut at = 0;
        let read_back = read_back.lock().expect("no one panics here").clone();
        for (told, stored) in read_back.into_iter().filter(|(told, _)| told.id == id) {
            let further = path[at..].iter().position(|state| *state == told.state);
            at += further.unwrap_or_else(|| panic!("{told:#?} is out of order: {path:?}"));
            assert!(path[at..].contains(&stored.state), "told {:?}, stored {:?}", told.state, stored.state);
            assert!(stored.updated_at_ms >= told.updated_at_ms);
        }
        let heard = listener.of(id);
        assert_eq!(heard.last(), Some(&end));
        told_of_more_than_the_end |= heard.len() >= 3;
    }
    assert!(told_of_more_than_the_end);
}

#[test]
fn a_listener_that_blocks_delays_only_listeners_and_then_hears_the_latest() {
    let till = Till::new();
    let (listener, door) = blocked();
    let _subscription = subscribe(&till, &listener);
    let after = Listener::new(|_, _| Ok(()));
    let _after = subscribe(&till, &after);
    // Sales and calls go on, at every gateway.
    let first = waited(&till, another(&till, Bjrcb).id);
    let second = till.charge(BlueoceanV1);
    let third = waited(&till, till.qr(TencentCpay).id);
    assert_eq!([first.state, second.state, third.state], [PaymentState::Paid; 3]);
    assert_eq!((listener.heard().len(), after.heard().len()), (1, 0));
    door.open();
    for payment in [&first, &second, &third] {
        after.hears(payment.id, PaymentState::Paid);
        assert_eq!(listener.of(payment.id).last(), Some(payment));
    }
    // What came in between is not told any more.
    assert_eq!((listener.of(second.id).len(), listener.of(third.id).len()), (1, 1));
}

#[test]
fn a_listener_that_fails_or_panics_changes_nothing_for_the_others() {
    let till = Till::new();
    let failing = Listener::new(|_, _| Err(failed()));
    let panicking = Listener::new(|_, _| panic!("a listener panics in this scenario"));
    let quiet = Listener::new(|_, _| Ok(()));
    let _subscriptions = [subscribe(&till, &failing), subscribe(&till, &panicking), subscribe(&till, &quiet)];
    for _ in 0..2 {
        let payment = waited(&till, another(&till, Bjrcb).id);
        assert_eq!(payment.state, PaymentState::Paid);
        for listener in [&failing, &panicking, &quiet] {
            listener.hears(payment.id, PaymentState::Paid);
        }
    }
}

#[test]
fn a_listener_that_was_taken_off_hears_no_more() {
    let till = Till::new();
    let own: Arc<OnceLock<Arc<Subscription>>> = Arc::default();
    let slot = own.clone();
    let once = Listener::new(move |_, _| {
        slot.wait().cancel();
        Ok(())
    });
    own.set(subscribe(&till, &once)).ok().expect("once");
    let (cancelled, dropped, witness) =
        (Listener::new(|_, _| Ok(())), Listener::new(|_, _| Ok(())), Listener::new(|_, _| Ok(())));
    let to_cancel = subscribe(&till, &cancelled);
    let to_drop = subscribe(&till, &dropped);
    let _witness = subscribe(&till, &witness);
    to_cancel.cancel();
    drop(to_drop);
    let payment = waited(&till, another(&till, Bjrcb).id);
    // It hears last.
    witness.hears(payment.id, PaymentState::Paid);
    assert_eq!([once.heard().len(), cancelled.heard().len(), dropped.heard().len()], [1, 0, 0]);
}

#[test]
fn a_listener_that_owns_another_s_subscription_can_be_taken_off() {
    let till = Till::new();
    let other = subscribe(&till, &Listener::new(|_, _| Ok(())));
    let owner = Listener::new(move |_, _| {
        let _owned = &other;
        Ok(())
    });
    let subscription = subscribe(&till, &owner);
    drop(owner);
    // The owner goes with this, and takes the other off: under the same lock it would wait for itself.
    let (done, ended) = mpsc::channel();
    thread::spawn(move || {
        drop(subscription);
        done.send(())
    });
    if ended.recv_timeout(PATIENCE).is_err() {
        // Nor would its shutdown end.
        std::mem::forget(till);
        panic!("it waits for itself");
    }
}

/// Polls once and drops, as a cancelled coroutine does.
fn dropped_after_one_poll<T>(call: impl Future<Output = T>) {
    let mut call = pin!(call);
    assert!(matches!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending));
}

#[test]
fn a_call_that_is_dropped_does_not_stop_its_sale() {
    let till = Till::new();
    let request = till.charge_request(Bjrcb);
    let key = request.request_key.clone();
    dropped_after_one_poll(till.terminal().charge(request));
    till.wait_calls(1);
    let payment = till.terminal().find(key).expect("it is read").expect("its intent was durable before it was sent");
    assert_eq!(till.settled(payment.id).state, PaymentState::Paid);

    let till = Till::new();
    till.plan(Plan::new().customer(Customer::Never));
    let request = till.qr_request(Huishouyin);
    let key = request.request_key.clone();
    dropped_after_one_poll(till.terminal().create_qr(request));
    till.wait_calls(1);
    let payment = till.terminal().find(key).expect("it is read").expect("its intent was durable before it was sent");
    let payment = till.reaches(payment.id, PaymentState::ShowingQr);
    // Nor does one that only waits for it, or the wish to cancel it.
    dropped_after_one_poll(till.terminal().wait(payment.id, 20_000));
    dropped_after_one_poll(till.terminal().cancel(payment.id));
    assert_eq!(till.settled(payment.id).state, PaymentState::Closed);
    assert_eq!(till.count(Op::Create), 1);
}

#[test]
fn a_call_returns_at_its_limit_with_the_payment_as_it_stands() {
    let till = Till::new();
    till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true })));
    let timed = |limit_ms: i64, call: &dyn Fn() -> Payment| {
        let begun = Instant::now();
        let payment = call();
        let took = begun.elapsed();
        let limit = Duration::from_millis(limit_ms.max(0).unsigned_abs());
        assert!(took >= limit && took < limit + Duration::from_secs(1), "{limit_ms} ms: {took:?}");
        assert_eq!((payment.state, payment.is_final), (PaymentState::Charging, false));
        payment
    };
    let charge = |limit_ms| {
        let request = ChargeRequest { another_sale: true, limit_ms: Some(limit_ms), ..till.charge_request(Bjrcb) };
        till.try_charge(request).expect("it is accepted")
    };
    let payment = timed(120, &|| charge(120));
    for limit_ms in [i64::MIN, -1, 0, 1, 100] {
        timed(limit_ms, &|| wait_for(till.terminal().wait(payment.id, limit_ms)).expect("it is there"));
    }
    till.open_gates();
    assert_eq!(waited(&till, payment.id).state, PaymentState::Paid);
    // What has ended is there at once, however long the caller would wait.
    assert_eq!(wait_for(till.terminal().wait(payment.id, i64::MAX)).expect("it is there"), till.payment(payment.id));
    let missing = wait_for(till.terminal().wait(payment.id + 1, i64::MAX)).expect_err("there is none");
    assert_eq!(missing.code(), "no_such_payment");
}

#[test]
fn everybody_who_waits_is_told_the_same_end() {
    let till = Till::new();
    till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true })));
    let id = till.begin_charge(Bjrcb).id;
    thread::scope(|scope| {
        let waiting: Vec<_> = (0..8).map(|_| scope.spawn(|| waited(&till, id))).collect();
        till.wait_gates(1);
        till.open_gates();
        let ends: Vec<Payment> = waiting.into_iter().map(|thread| thread.join().expect("it waits")).collect();
        assert!(ends.iter().all(|end| *end == till.payment(id)), "{ends:#?}");
    });
}

/// Shuts the till down and says that it did not take long.
fn shut_down(till: &mut Till) {
    let begun = Instant::now();
    till.close();
    assert!(begun.elapsed() < SHUTDOWN, "{:?}", begun.elapsed());
}

#[test]
fn a_shutdown_ends_soon_and_with_it_every_call_under_way() {
    let mut till = Till::new();
    let hang = |op, effect| Rule::new(op, Do::Hang { effect });
    till.plan(Plan::new().customer(Customer::Never).rule(hang(Op::Charge, true)).rule(hang(Op::Create, true)));
    let terminal = till.terminal().clone();
    let (charge, qr) = (till.charge_request(Bjrcb), till.qr_request(TencentCpay));
    let (charge_key, qr_key) = (charge.request_key.clone(), qr.request_key.clone());
    let ends = thread::scope(|scope| {
        let charging = scope.spawn(|| wait_for(terminal.charge(charge)));
        let creating = scope.spawn(|| wait_for(terminal.create_qr(qr)));
        till.wait_gates(2);
        let id = terminal.find(charge_key.clone()).expect("it is read").expect("it has begun").id;
        let terminal = &terminal;
        let waiting = scope.spawn(move || wait_for(terminal.wait(id, i64::MAX)));
        shut_down(&mut till);
        [charging, creating, waiting].map(|thread| thread.join().expect("it returns"))
    });
    let [charged, created, waited] = ends;
    // Each returns with its payment as it stands.
    let (charged, created) = (charged.expect("it has begun"), created.expect("it has begun"));
    assert_eq!((charged.state, created.state), (PaymentState::Charging, PaymentState::Charging));
    // This one may have come too late.
    match waited {
        Ok(payment) => assert_eq!(payment.state, PaymentState::Charging),
        Err(error) => assert_eq!(error, PaywandError::ShutDown),
    }
    // Nothing works any more, and nothing hangs.
    terminal.shutdown();
    assert_eq!(terminal.payments(PaymentFilter::default(), None, 1).expect_err("it is shut").code(), "shut_down");
    assert_eq!(wait_for(terminal.charge(till.charge_request(Bjrcb))).expect_err("it is shut").code(), "shut_down");
    assert_eq!(wait_for(terminal.cancel(1)).expect_err("it is shut").code(), "shut_down");
    // The next start finds both.
    till.plan(Plan::new());
    till.customer_pays(&charged);
    till.open().expect("it opens again");
    let found = |key| till.terminal().find(key).expect("it is read").expect("it is there").id;
    let (charge, qr) = (found(charge_key), found(qr_key));
    assert_eq!(till.settled(charge).state, PaymentState::Paid);
    assert_eq!(till.settled(qr).state, PaymentState::Closed);
}

#[test]
fn a_shutdown_waits_for_no_listener_and_may_come_from_inside_a_runtime_or_a_listener() {
    let mut till = Till::new();
    let (listener, door) = blocked();
    let _subscription = subscribe(&till, &listener);
    let payment = another(&till, Bjrcb);
    listener.hears_any(|heard| heard.id == payment.id);
    till.wait_calls(1);
    shut_down(&mut till);
    till.open().expect("it opens again, although a listener of the last one is still busy");
    assert_eq!(till.settled(payment.id).state, PaymentState::Paid);
    door.open();

    let terminal = till.terminal().clone();
    wait_for(async { terminal.shutdown() });
    shut_down(&mut till);

    till.open().expect("it opens again");
    let weak = Arc::downgrade(till.terminal());
    let (ended, shut) = (Arc::new(Door::default()), Arc::new(Mutex::new(false)));
    let (at, done) = (ended.clone(), shut.clone());
    let closing = Listener::new(move |place, _| {
        if let Some(terminal) = weak.upgrade().filter(|_| place == 0) {
            terminal.shutdown();
            *done.lock().expect("no one panics here") = true;
            at.open();
        }
        Ok(())
    });
    let _closing = subscribe(&till, &closing);
    // Told the payment, or that the terminal is shut.
    let _ = wait_for(till.terminal().charge(till.charge_request(Bjrcb)));
    ended.pass();
    assert!(*shut.lock().expect("no one panics here"));
}
