//! The driver without shell, store and network: what it asks for, in which order, when commits fail.

use super::*;
use crate::{
    gateway::{self, GatewayKind, Receipt, Settings},
    money::Currency,
    payment::{Evidence, PaymentState, Reason},
    secret::Secret,
};

/// A driver with one gateway, and a store that does what the test says.
struct Till {
    driver: Driver,
    now: Now,
    tickets: Ticket,
}

impl Till {
    fn new() -> Self {
        let keys = [("appid", "1000001"), ("key", "0123456789abcdef0123456789abcdef")];
        let keys = keys.map(|(name, key)| (name.to_owned(), Arc::new(Secret::from_text(key))));
        let settings = Settings::new("gateways[0]", HashMap::from(keys), "T1", "127.0.0.1");
        let gateway = gateway::open(GatewayKind::BlueoceanV1, settings).unwrap();
        let timing = GatewayKind::BlueoceanV1.timing();
        let port = Port { id: "hk".to_owned(), gateway, timing, account: "account".to_owned() };
        let now = Now { time: Time(1_000), wall_ms: 1_790_000_000_000 };
        Self { driver: Driver::new(Arc::new(vec![port]), [7; 32]), now, tickets: 0 }
    }

    fn handle(&mut self, event: Event) -> Vec<Command> {
        self.now.time = self.now.time.after(1);
        self.driver.handle(event, self.now)
    }

    fn begin(&mut self, key: &str, minor: i64) -> Vec<Command> {
        self.tickets += 1;
        let code = PaymentCode::from_scan(&format!("13{:016}", self.tickets)).unwrap();
        let new = NewPayment {
            request_key: key.to_owned(),
            port: 0,
            kind: PaymentKind::Charge,
            amount: Amount::new(minor, Currency::HKD),
            refund_of: None,
            wallet: None,
            code: Some(Arc::new(code)),
            texts: Texts::default(),
            metadata: HashMap::new(),
            business_day: "2026-09-21".to_owned(),
            another_sale: false,
        };
        self.handle(Event::Begin { ticket: self.tickets, new: Box::new(new) })
    }

    /// A refund of 1.00 of payment 9, which was 5.00.
    fn give_back(&mut self, key: &str, gateway_order_number: Option<&str>) -> Vec<Command> {
        self.tickets += 1;
        let original = Original {
            id: 9,
            order_number: "N9".to_owned(),
            amount: Amount::new(500, Currency::HKD),
            gateway_order_number: gateway_order_number.map(str::to_owned),
            kind: PaymentKind::Charge,
        };
        let new = NewPayment {
            request_key: key.to_owned(),
            port: 0,
            kind: PaymentKind::Refund,
            amount: Amount::new(100, Currency::HKD),
            refund_of: Some(original),
            wallet: None,
            code: None,
            texts: Texts::default(),
            metadata: HashMap::new(),
            business_day: "2026-09-21".to_owned(),
            another_sale: false,
        };
        self.handle(Event::Begin { ticket: self.tickets, new: Box::new(new) })
    }

    fn wish(&mut self, id: i64, wish: Wish) -> Vec<Command> {
        self.tickets += 1;
        self.handle(Event::Wished { ticket: self.tickets, id, wish })
    }

    fn committed(&mut self, handle: Handle, done: Done) -> Vec<Command> {
        self.handle(Event::Committed { handle, result: Ok(done) })
    }

    fn commit_fails(&mut self, handle: Handle) -> Vec<Command> {
        self.handle(Event::Committed { handle, result: Err(disk_full()) })
    }

    fn reopened(&mut self) -> Vec<Command> {
        assert!(matches!(self.handle(Event::ReopenDue)[..], [Command::Reopen]));
        self.handle(Event::Reopened { result: Ok(()) })
    }

    fn paid(&mut self, handle: Handle) -> Vec<Command> {
        let receipt =
            Receipt { gateway_number: None, paid_at_ms: None, refundable: None, evidence: Evidence::Signature };
        self.handle(Event::Ended { handle, number: 1, end: End::Reply(Reply::Paid(receipt)) })
    }

    /// A charge of 1.00 that has been sent, and its handle.
    fn sent(&mut self, key: &str, id: i64) -> Handle {
        let (handle, job) = commit(&self.begin(key, 100 * id));
        let commands = self.committed(handle, begun(&job, id));
        assert_eq!(sends(&commands), 1);
        handle
    }
}

fn disk_full() -> PaywandError {
    PaywandError::StoreUnavailable { reason: "the disk is full".to_owned() }
}

/// The one commit that `commands` ask for.
fn commit(commands: &[Command]) -> (Handle, Job) {
    let mut commits = commands.iter().filter_map(|command| match command {
        Command::Commit { handle, job } => Some((*handle, job.clone())),
        _ => None,
    });
    let (Some(one), None) = (commits.next(), commits.next()) else { panic!("not one commit: {commands:?}") };
    one
}

/// What the store says of an intent that it wrote.
fn stored(job: &Job, id: i64) -> Stored {
    let Job::Begin(intent) = job else { panic!("no intent: {job:?}") };
    let payment = Payment { id, order_number: format!("N{id}"), ..intent.payment.clone() };
    let (flow, account) = (intent.flow.clone(), intent.account.clone());
    Stored { payment, seq: 1, flow, account, code_hash: intent.code_hash.clone() }
}

fn begun(job: &Job, id: i64) -> Done {
    Done::Begun(Box::new(stored(job, id)))
}

fn sends(commands: &[Command]) -> usize {
    commands.iter().filter(|command| matches!(command, Command::Send(_))).count()
}

fn reports(commands: &[Command]) -> Vec<PaymentState> {
    let reports = commands.iter().filter_map(|command| match command {
        Command::Report(payment) => Some(payment.state),
        _ => None,
    });
    reports.collect()
}

/// Who was answered what: the payment's id, or the error's code.
fn answers(commands: &[Command]) -> Vec<(Ticket, Result<i64, &'static str>)> {
    let answers = commands.iter().filter_map(|command| match command {
        Command::Answer { ticket, result } => {
            Some((*ticket, result.as_ref().map(|payment| payment.id).map_err(PaywandError::code)))
        }
        _ => None,
    });
    answers.collect()
}

const UNAVAILABLE: Result<i64, &str> = Err("store_unavailable");

#[test]
fn the_intent_is_committed_then_sent_then_told() {
    let mut till = Till::new();
    let commands = till.begin("a", 100);
    let (handle, job) = commit(&commands);
    assert_eq!(commands.len(), 1, "{commands:?}");
    let commands = till.committed(handle, begun(&job, 1));
    let [Command::Send(send), Command::WakeAt { .. }, Command::Report(_), Command::Answer { ticket: 1, .. }] =
        &commands[..]
    else {
        panic!("{commands:?}")
    };
    assert_eq!(send.order.number, "N1");
}

#[test]
fn the_end_is_committed_before_it_is_told() {
    let mut till = Till::new();
    let handle = till.sent("a", 1);
    let commands = till.paid(handle);
    let (_, job) = commit(&commands);
    assert_eq!(commands.len(), 1, "{commands:?}");
    assert!(matches!(job, Job::Change(change) if change.payment.state == PaymentState::Paid));
    assert_eq!(reports(&till.committed(handle, Done::Changed)), [PaymentState::Paid]);
}

#[test]
fn an_intent_that_is_not_committed_is_neither_sent_nor_reported() {
    let mut till = Till::new();
    let (handle, _) = commit(&till.begin("a", 100));
    let commands = till.commit_fails(handle);
    assert_eq!(answers(&commands), [(1, UNAVAILABLE)]);
    assert!(matches!(commands[..], [Command::ReopenAt(_), Command::Answer { .. }]), "{commands:?}");

    // No new sale, under this key or another, until the store has been opened again.
    assert_eq!(answers(&till.begin("b", 200)), [(2, UNAVAILABLE)]);
    assert_eq!(answers(&till.begin("a", 100)), [(3, UNAVAILABLE)]);

    let commands = till.reopened();
    assert!(matches!(&commands[..], [Command::Find { request_key, .. }] if request_key == "a"), "{commands:?}");
    assert!(till.handle(Event::Found { handle, result: Ok(None) }).is_empty());
    till.sent("a", 1);
}

#[test]
fn an_intent_that_landed_although_its_commit_failed_is_withdrawn_and_never_sent() {
    let mut till = Till::new();
    let (handle, job) = commit(&till.begin("a", 100));
    till.commit_fails(handle);
    till.reopened();
    let commands = till.handle(Event::Found { handle, result: Ok(Some(Box::new(stored(&job, 1)))) });
    assert_eq!((sends(&commands), reports(&commands)), (0, Vec::new()));
    let (_, Job::Change(change)) = commit(&commands) else { panic!("{commands:?}") };
    assert_eq!((change.payment.state, change.payment.reason), (PaymentState::Failed, Some(Reason::NotSent)));
    assert_eq!((change.payment.id, change.seq), (1, 2));
    let commands = till.committed(handle, Done::Changed);
    assert_eq!((sends(&commands), reports(&commands)), (0, vec![PaymentState::Failed]));
}

#[test]
fn an_intent_that_cannot_be_looked_for_is_looked_for_again() {
    let mut till = Till::new();
    let (handle, job) = commit(&till.begin("a", 100));
    till.commit_fails(handle);
    till.reopened();
    // Whoever meets it meanwhile does not wait for a store that stays away.
    assert!(till.begin("a", 100).is_empty());
    assert!(till.wish(1, Wish::Cancel).is_empty());
    let commands = till.handle(Event::Found { handle, result: Err(disk_full()) });
    assert!(matches!(commands[0], Command::ReopenAt(_)), "{commands:?}");
    assert_eq!((answers(&commands), commands.len()), (vec![(2, UNAVAILABLE), (3, UNAVAILABLE)], 3));
    assert_eq!(answers(&till.begin("a", 100)), [(4, UNAVAILABLE)]);
    assert!(matches!(till.reopened()[..], [Command::Find { .. }]));
    let commands = till.handle(Event::Found { handle, result: Ok(Some(Box::new(stored(&job, 1)))) });
    assert_eq!(sends(&commands), 0);
    commit(&commands);
}

#[test]
fn an_end_whose_commit_failed_is_told_only_once_it_is_committed_again() {
    let mut till = Till::new();
    let handle = till.sent("a", 1);
    let (_, end) = commit(&till.paid(handle));
    let commands = till.commit_fails(handle);
    assert!(matches!(commands[..], [Command::ReopenAt(_)]), "{commands:?}");
    // The store stays away for a while.
    assert!(matches!(till.handle(Event::ReopenDue)[..], [Command::Reopen]));
    let commands = till.handle(Event::Reopened { result: Err(disk_full()) });
    assert!(matches!(commands[..], [Command::ReopenAt(_)]), "{commands:?}");

    let (_, again) = commit(&till.reopened());
    assert_eq!(again, end);
    let commands = till.committed(handle, Done::Changed);
    assert_eq!((sends(&commands), reports(&commands)), (0, vec![PaymentState::Paid]));
}

#[test]
fn what_comes_while_the_store_fails_waits_for_it() {
    let mut till = Till::new();
    let (first, second) = (till.sent("a", 1), till.sent("b", 2));
    till.paid(first);
    till.commit_fails(first);
    assert!(till.paid(second).is_empty());
    let commands = till.reopened();
    let commits: Vec<Handle> = commands.iter().map(|command| commit(std::slice::from_ref(command)).0).collect();
    assert_eq!(commits, [first, second]);
    assert_eq!(reports(&till.committed(second, Done::Changed)), [PaymentState::Paid]);
}

#[test]
fn a_wish_does_not_wait_for_a_store_that_fails() {
    let mut till = Till::new();
    let handle = till.sent("a", 1);
    till.paid(handle);
    // It waits for the commit, is told of its failure, and the next one does not wait at all.
    assert!(till.wish(1, Wish::Cancel).is_empty());
    assert_eq!(answers(&till.commit_fails(handle)), [(2, UNAVAILABLE)]);
    assert_eq!(answers(&till.wish(1, Wish::Cancel)), [(3, UNAVAILABLE)]);
    commit(&till.reopened());
    assert_eq!(reports(&till.committed(handle, Done::Changed)), [PaymentState::Paid]);
}

#[test]
fn a_cancel_of_an_intent_that_the_store_has_and_the_driver_has_not_heard_of_waits_for_it() {
    let mut till = Till::new();
    let (handle, job) = commit(&till.begin("a", 100));
    // Its row can be read: the app has found its id by its key.
    assert!(till.wish(1, Wish::Cancel).is_empty());
    let commands = till.committed(handle, begun(&job, 1));
    assert_eq!((sends(&commands), answers(&commands)), (1, vec![(1, Ok(1))]));
    let (_, Job::Change(change)) = commit(&commands) else { panic!("{commands:?}") };
    assert_eq!(change.payment.state, PaymentState::CancelWaiting);
    assert_eq!(answers(&till.committed(handle, Done::Changed)), [(2, Ok(1))]);
}

#[test]
fn a_cancel_of_an_intent_that_landed_although_its_commit_failed_waits_for_it() {
    let mut till = Till::new();
    let (handle, job) = commit(&till.begin("a", 100));
    assert!(till.wish(1, Wish::Cancel).is_empty());
    assert_eq!(answers(&till.commit_fails(handle)), [(1, UNAVAILABLE), (2, UNAVAILABLE)]);
    till.reopened();
    assert!(till.wish(1, Wish::Cancel).is_empty());
    let commands = till.handle(Event::Found { handle, result: Ok(Some(Box::new(stored(&job, 1)))) });
    assert!(answers(&commands).is_empty(), "{commands:?}");
    assert_eq!(answers(&till.committed(handle, Done::Changed)), [(3, Ok(1))]);
}

#[test]
fn a_wish_about_what_is_through_waits_for_no_later_intent() {
    let mut till = Till::new();
    let (first, job) = commit(&till.begin("a", 100));
    assert!(till.wish(9, Wish::Cancel).is_empty());
    let (second, _) = commit(&till.begin("b", 200));
    let commands = till.committed(first, begun(&job, 1));
    assert_eq!(answers(&commands), [(1, Ok(1)), (2, Err("no_such_payment"))]);
    assert!(till.driver.live.contains_key(&second));
}

#[test]
fn the_same_key_while_the_intent_is_committed_is_the_same_payment() {
    let mut till = Till::new();
    let (handle, job) = commit(&till.begin("a", 100));
    assert!(till.begin("a", 100).is_empty());
    let commands = till.committed(handle, begun(&job, 1));
    assert_eq!((sends(&commands), answers(&commands)), (1, vec![(1, Ok(1)), (2, Ok(1))]));
    assert_eq!(answers(&till.begin("a", 100)), [(3, Ok(1))]);
    assert_eq!(answers(&till.begin("a", 200)), [(4, Err("key_reused"))]);
}

#[test]
fn what_meets_a_sale_whose_intent_is_committed_is_refused_with_its_id() {
    let mut till = Till::new();
    let (handle, job) = commit(&till.begin("a", 100));
    // The same key for another sum, and another key for what looks like the same sale.
    assert!(till.begin("a", 200).is_empty());
    assert!(till.begin("b", 100).is_empty());
    let commands = till.committed(handle, begun(&job, 7));
    let refused: Vec<_> = commands
        .iter()
        .filter_map(|command| match command {
            Command::Answer { result: Err(error), .. } => Some(error.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(refused, [PaywandError::KeyReused { id: 7 }, PaywandError::LooksLikeRepeat { id: 7 }]);
    assert_eq!(sends(&commands), 1);
}

#[test]
fn a_second_refund_like_one_in_doubt_looks_like_a_repeat_whatever_was_learned_of_its_payment_meanwhile() {
    let mut till = Till::new();
    let (handle, job) = commit(&till.give_back("a", None));
    till.committed(handle, begun(&job, 10));
    assert_eq!(answers(&till.give_back("b", None)), [(2, Err("looks_like_repeat"))]);
    assert_eq!(answers(&till.give_back("c", Some("4200001"))), [(3, Err("looks_like_repeat"))]);
    // A sale of the same sum is none.
    commit(&till.begin("d", 100));
}

#[test]
fn what_waited_for_an_intent_begins_where_nothing_stands_in_its_way_after_all() {
    let mut till = Till::new();
    let (handle, job) = commit(&till.begin("a", 100));
    assert!(till.begin("b", 100).is_empty());
    // The first key was an old payment's: no sale is in doubt.
    let commands = till.committed(handle, Done::Existing(Box::new(stored(&job, 9))));
    assert_eq!(answers(&commands), [(1, Ok(9))]);
    let (handle, job) = commit(&commands);
    assert_eq!(sends(&till.committed(handle, begun(&job, 10))), 1);
}

#[test]
fn the_same_key_while_the_commit_of_the_intent_fails_begins_nothing() {
    let mut till = Till::new();
    let (handle, _) = commit(&till.begin("a", 100));
    assert!(till.begin("a", 100).is_empty());
    let commands = till.commit_fails(handle);
    assert_eq!((sends(&commands), answers(&commands)), (0, vec![(1, UNAVAILABLE), (2, UNAVAILABLE)]));
}

#[test]
fn a_key_that_the_store_has_is_that_payment_or_refused() {
    let mut till = Till::new();
    for (minor, answer) in [(100, Ok(9)), (200, Err("key_reused"))] {
        let (handle, job) = commit(&till.begin("a", minor));
        let mut existing = stored(&job, 9);
        existing.payment.amount.minor = 100;
        let commands = till.committed(handle, Done::Existing(Box::new(existing)));
        assert_eq!((sends(&commands), answers(&commands)), (0, vec![(till.tickets, answer)]));
    }
}

impl Till {
    fn notified(&mut self, order_number: &str) -> Vec<Command> {
        self.tickets += 1;
        let (gateway, order_number) = ("hk".to_owned(), order_number.to_owned());
        self.handle(Event::Notified { ticket: self.tickets, gateway, order_number })
    }

    /// What the store says of the order that `command` looks for.
    fn looked_up(&mut self, command: &Command, stored: Option<Stored>) -> Vec<Command> {
        let Command::LookUp { ticket, gateway, order_number, forgotten } = command else { panic!("{command:?}") };
        self.handle(Event::LookedUp {
            ticket: *ticket,
            gateway: gateway.clone(),
            order_number: order_number.clone(),
            forgotten: *forgotten,
            result: Ok(stored.map(Box::new)),
        })
    }
}

/// A charge that ended as reversed and is watched no more.
fn reversed(job: &Job) -> Stored {
    let mut stored = stored(job, 1);
    stored.flow = stored.flow.replace(r#""place":{"at":"charging"}"#, r#""place":"reversed""#);
    stored.flow = stored.flow.replace(r#""pay_left":false"#, r#""pay_left":true"#);
    let open = stored.flow.find(r#""open":{"#).unwrap();
    let end = stored.flow[open..].find('}').unwrap();
    stored.flow.replace_range(open..=open + end, r#""open":null"#);
    (stored.payment.state, stored.payment.is_final) = (PaymentState::Reversed, true);
    stored
}

#[test]
fn a_callback_about_a_payment_at_work_brings_its_next_query_forward() {
    let mut till = Till::new();
    let handle = till.sent("a", 1);
    commit(&till.handle(Event::Ended { handle, number: 1, end: End::NoAnswer("reset") }));
    assert_eq!(sends(&till.committed(handle, Done::Changed)), 0);
    commit(&till.notified("N1"));
    let commands = till.committed(handle, Done::Changed);
    assert!(matches!(&commands[0], Command::Send(send) if send.op == Operation::Query), "{commands:?}");
    assert_eq!(answers(&commands), [(2, Ok(1))]);
    // Twice: the query is on its way.
    assert_eq!(sends(&till.notified("N1")), 0);
}

#[test]
fn a_callback_about_an_end_that_nobody_watches_asks_once_more_and_late_money_is_found() {
    let mut till = Till::new();
    let (_, job) = commit(&till.begin("a", 100));
    let mut till = Till::new();
    let commands = till.notified("N1");
    let commands = till.looked_up(&commands[0], Some(reversed(&job)));
    let (handle, _) = commit(&commands);
    let commands = till.committed(handle, Done::Changed);
    assert!(matches!(&commands[0], Command::Send(send) if send.op == Operation::Query), "{commands:?}");
    let receipt = Receipt { gateway_number: None, paid_at_ms: None, refundable: None, evidence: Evidence::Signature };
    let number = match &commands[0] {
        Command::Send(send) => send.number,
        other => panic!("{other:?}"),
    };
    let (_, late) = commit(&till.handle(Event::Ended { handle, number, end: End::Reply(Reply::Paid(receipt)) }));
    assert!(matches!(late, Job::Change(change) if change.payment.contradicted));
}

#[test]
fn a_callback_about_no_order_of_this_till_changes_nothing() {
    let mut till = Till::new();
    let (_, job) = commit(&till.begin("a", 100));
    let mut till = Till::new();
    let commands = till.notified("N9");
    assert_eq!(answers(&till.looked_up(&commands[0], None)), [(1, Err("no_such_order"))]);
    let mut others = reversed(&job);
    others.payment.gateway = "cn".to_owned();
    let commands = till.notified("N1");
    assert_eq!(answers(&till.looked_up(&commands[0], Some(others))), [(2, Err("no_such_order"))]);
    // Another account's keys are not used to ask.
    let mut changed = reversed(&job);
    changed.account = "another".to_owned();
    let commands = till.notified("N1");
    assert_eq!(answers(&till.looked_up(&commands[0], Some(changed))), [(3, Ok(1))]);
    assert_eq!(till.driver.live.len(), 0);
}

#[test]
fn a_callback_about_an_intent_that_the_driver_has_not_heard_of_takes_nothing_over() {
    let mut till = Till::new();
    let (handle, job) = commit(&till.begin("a", 100));
    let commands = till.notified("N1");
    let commands = till.looked_up(&commands[0], Some(stored(&job, 1)));
    assert_eq!((answers(&commands), till.driver.live.len()), (vec![(2, Ok(1))], 1));
    assert_eq!(sends(&till.committed(handle, begun(&job, 1))), 1);
}

#[test]
fn a_callback_does_not_wait_for_a_store_that_fails() {
    let mut till = Till::new();
    let (_, job) = commit(&till.begin("a", 100));
    let mut till = Till::new();
    let (first, second) = (till.sent("a", 1), till.sent("b", 2));
    let (of_live, of_ended) = (till.notified("N8"), till.notified("N9"));
    // While their rows are read the store fails.
    till.paid(first);
    till.commit_fails(first);
    let live = till
        .looked_up(&of_live[0], Some(Stored { payment: till.driver.live[&second].payment.clone(), ..stored(&job, 2) }));
    let ended = till.looked_up(
        &of_ended[0],
        Some(Stored { payment: Payment { id: 9, ..reversed(&job).payment }, ..reversed(&job) }),
    );
    assert_eq!((answers(&live), answers(&ended)), (vec![(3, UNAVAILABLE)], vec![(4, UNAVAILABLE)]));
}

#[test]
fn a_row_that_may_be_older_than_what_was_at_work_meanwhile_is_read_again() {
    let mut till = Till::new();
    let (handle, job) = commit(&till.begin("a", 100));
    till.committed(handle, begun(&job, 1));
    let look_up = till.notified("N2");
    // A payment ends, and is forgotten, while the store is read.
    till.paid(handle);
    till.committed(handle, Done::Changed);
    let again = till.looked_up(&look_up[0], Some(reversed(&job)));
    assert!(matches!(again[..], [Command::LookUp { .. }]), "{again:?}");
    commit(&till.looked_up(&again[0], Some(reversed(&job))));
}

#[test]
fn a_gateway_whose_signatures_fail_is_tried_by_one_sale_once_nobody_asks_any_more() {
    let mut till = Till::new();
    let charges: Vec<Handle> = ["a", "b", "c"].into_iter().zip(1..).map(|(key, id)| till.sent(key, id)).collect();
    let unverified = |till: &mut Till, handle, number| {
        let (handle, _) = commit(&till.handle(Event::Ended { handle, number, end: End::Reply(Reply::Unverified) }));
        till.committed(handle, Done::Changed);
    };
    for handle in &charges {
        unverified(&mut till, *handle, 1);
    }
    assert_eq!(answers(&till.begin("d", 900)), [(4, Err("gateway_unhealthy"))]);

    // At the deadline each is asked once more, and waits for a person; while it does, its next answer tells.
    till.now.time = till.now.time.after(60_000);
    for handle in &charges {
        commit(&till.handle(Event::TimeUp { handle: *handle }));
        till.committed(*handle, Done::Changed);
        unverified(&mut till, *handle, 2);
        assert_eq!(till.driver.live[handle].payment.reason, Some(Reason::SignatureFails));
    }
    till.now.time = till.now.time.after(6 * 60_000);
    assert_eq!(answers(&till.begin("d", 900)), [(5, Err("gateway_unhealthy"))]);
    for (handle, id) in charges.iter().zip(1..) {
        let settlement = Settlement { paid: false, who: "Chan".to_owned(), why: "in the portal".to_owned() };
        commit(&till.wish(id, Wish::Settle(settlement)));
        till.committed(*handle, Done::Changed);
    }
    commit(&till.begin("d", 900));
    assert_eq!(answers(&till.begin("e", 901)), [(till.tickets, Err("gateway_unhealthy"))]);
}
