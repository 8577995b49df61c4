//! One sale as the world outside the till knows it: what was asked for, what its customer does, what was sent for it,
//! what was answered, and what the till has said. It outlives every process.

use std::sync::Arc;

use paywand::{
    Amount, Payment, PaymentCode, PaymentKind,
    driver::End,
    flow::Time,
    gateway::{GatewayKind, Operation},
};
use paywand_sandbox::{After, Customer, RefundState, Refunding};

use crate::{aim::Aim, rng::Rng, weather::Weather};

const BOTH: [PaymentKind; 2] = [PaymentKind::Charge, PaymentKind::Qr];

/// A sale.
pub(crate) struct Sale {
    pub(crate) key: String,
    /// Place in [`GatewayKind::ALL`].
    pub(crate) gateway: usize,
    pub(crate) kind: PaymentKind,
    pub(crate) amount: Amount,
    pub(crate) code: Option<Arc<PaymentCode>>,
    /// The code's text, to look for where it must not be.
    pub(crate) code_text: String,
    /// The caller says that it is another sale, whatever it looks like.
    pub(crate) another_sale: bool,
    pub(crate) customer: Customer,
    /// So long after the order was made the customer decides, if it is still open, and whether to pay.
    pub(crate) decides: Option<(i64, bool)>,
    /// A customer whose payment has failed tries once more, so long after the order was made: within the least age of a
    /// reverse, before which a failure is not believed.
    pub(crate) regrets_ms: Option<i64>,

    /// The customer is made to pay another sum than was asked for.
    pub(crate) other_sum: bool,
    /// Its order number will have been used before, by somebody who has paid.
    pub(crate) takes_number: bool,
    /// It was.
    pub(crate) taken: bool,

    /// A failure at its gateway turned into a success after it had been believed.
    pub(crate) turned: bool,

    /// Of a refund: the place of the sale that it gives back.
    pub(crate) refund_of: Option<usize>,
    /// What becomes of money that goes back for it.
    pub(crate) refunding: Refunding,
    /// So long after a refund was booked that stays under way the wallet decides, and how; else never.
    pub(crate) wallet_decides: Option<(i64, RefundState)>,
    /// As long as the world is bad its gateway does not find the order where it is asked for this refund.
    pub(crate) hides_order: bool,
    /// What a coupon takes off at huishouyin.
    pub(crate) coupon_minor: i64,
    /// The number under which money goes back for it, from the first request on.
    pub(crate) refund_number: Option<String>,
    /// The places, among its order's refunds, of those that its requests have booked.
    pub(crate) payouts: Vec<usize>,
    /// Requests to give money back that may still arrive for the first time.
    pub(crate) refunds_on_the_way: u32,

    /// Its number in the store, once the till has told it.
    pub(crate) id: Option<i64>,
    pub(crate) order_number: String,
    /// What the gateway calls the order: its number, at maxfun a nonce.
    pub(crate) gateway_order: String,
    /// What the till said last.
    pub(crate) told: Option<Payment>,
    /// A person has settled it.
    pub(crate) settle_asked: bool,
    pub(crate) cancel_asked: bool,
    /// Its QR has been on the screen.
    pub(crate) shown: bool,
    /// The last call for it was told that no sale began.
    pub(crate) refused: bool,
    /// Asked for after three successes in a row whose signatures failed.
    pub(crate) asked_of_unhealthy: bool,
    /// The process that began it.
    pub(crate) begun_in: u32,
    /// When a process answered that it gives it back, unless that one ended soon after.
    pub(crate) given_back_ms: Option<i64>,
    /// When it was begun, by the simulation's clock.
    pub(crate) seen_ms: i64,
    /// The account that it was begun with.
    pub(crate) account: String,

    /// When a question about it last reached the gateway, by the gateway's clock.
    pub(crate) asked_at_ms: i64,
    /// When the till first said that it had ended, by the gateway's clock.
    pub(crate) ended_ms: Option<i64>,
    /// When the till acknowledged a call about it, by the gateway's clock.
    pub(crate) told_of_ms: i64,
    /// Requests to take money that may still arrive for the first time.
    pub(crate) charges_on_the_way: u32,
    /// When a reverse last left, by the gateway's clock.
    pub(crate) reverse_left_ms: Option<i64>,
    /// Whether any request to take money may have left.
    pub(crate) may_have_left: bool,
    pub(crate) audit: Audit,
}

/// What the rules of sending need to know of a sale's exchanges. Ages begin anew with each process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Audit {
    /// Sends so far.
    pub(crate) sends: u32,
    /// The exchange under way in this process.
    pub(crate) open: Option<(u32, Operation)>,
    /// When the step was taken that sent it.
    pub(crate) open_at: Time,
    /// How it ended, where the till has learned that and not yet committed what follows.
    pub(crate) end: Option<End>,
    /// The process that made the last send.
    pub(crate) life: u32,
    /// The last answer to a request to take money asked for it again.
    pub(crate) asked_again: bool,
    /// When the last such request was answered or given up, or the process was started.
    pub(crate) charge_ended_at: Time,
    /// Ages count from a start.
    pub(crate) restarted: bool,
    pub(crate) undo_left: bool,
    /// When the last reverse that may have left was answered or given up, or the process was started.
    pub(crate) reverse_ended_at: Time,
    pub(crate) number_taken: bool,
    /// Proof of payment was read before any reverse or close may have left.
    pub(crate) proved_paid: bool,
    /// The newest readable answer to a query is a success whose signature fails.
    pub(crate) unverified: bool,
    /// A query was answered after the last reverse, close or refund.
    pub(crate) asked_since_undo: bool,
    /// When the newest query that was answered as undecided had been sent, in this process.
    pub(crate) undecided_at: Option<Time>,
    pub(crate) refund_left: bool,
    /// The gateway has said that it has it.
    pub(crate) refund_seen: bool,
    /// When the last refund that may have left was answered or given up, or the process was started.
    pub(crate) refund_ended_at: Time,
    /// When the newest question that found no such refund had been sent, in this process, since the last one was sent.
    pub(crate) refund_missing_at: Option<Time>,
    /// The exchange that was answered with an order that is missing, which says nothing of its refund.
    pub(crate) no_order: Option<u32>,
}

impl Sale {
    /// A sale of `minor` with a key, a code and a customer of its own.
    pub(crate) fn draw(rng: &mut Rng, number: usize, day: u64, weather: &Weather) -> Self {
        let gateways = weather.aim.map_or(&GatewayKind::ALL[..], Aim::gateways);
        let kinds = weather.aim.map_or(&BOTH[..], Aim::kinds);
        let mut sale = Self::draw_of(rng, number, day, (gateways, kinds), weather.slow_wallets);
        if let Some(aim) = weather.aim {
            aim.lead(rng, &mut sale);
        }
        sale
    }

    fn draw_of(
        rng: &mut Rng,
        number: usize,
        day: u64,
        (gateways, kinds): (&[GatewayKind], &[PaymentKind]),
        slow_wallets: bool,
    ) -> Self {
        let at = *rng.pick(gateways);
        let gateway = GatewayKind::ALL.iter().position(|kind| *kind == at).expect("all are there");
        let kind = match at {
            GatewayKind::MaxfunDevice | GatewayKind::MaxfunTp => PaymentKind::Charge,
            _ => *rng.pick(kinds),
        };
        let (customer, decides) = draw_customer(rng);
        let mut sale = Self {
            key: format!("till-7/{number}"),
            gateway,
            kind,
            // No magic amount is so small.
            amount: Amount::new(rng.between(1, 100_000), currency(gateway)),
            code: None,
            code_text: String::new(),
            another_sale: kind == PaymentKind::Qr || rng.chance(900),
            customer,
            decides,
            regrets_ms: rng.chance(300).then(|| rng.between(500, 14_000)),
            other_sum: rng.chance(80),
            takes_number: rng.chance(80),
            taken: false,
            turned: false,
            refund_of: None,
            refunding: Refunding::Succeeds,
            wallet_decides: None,
            hides_order: rng.chance(200),
            coupon_minor: 0,
            refund_number: None,
            payouts: Vec::new(),
            refunds_on_the_way: 0,
            id: None,
            order_number: String::new(),
            gateway_order: String::new(),
            told: None,
            settle_asked: false,
            cancel_asked: false,
            shown: false,
            refused: false,
            asked_of_unhealthy: false,
            begun_in: 0,
            given_back_ms: None,
            seen_ms: 0,
            account: String::new(),
            asked_at_ms: 0,
            ended_ms: None,
            told_of_ms: 0,
            charges_on_the_way: 0,
            reverse_left_ms: None,
            may_have_left: false,
            audit: Audit::default(),
        };
        sale.draw_refunding(rng, slow_wallets);
        if rng.chance(300) {
            sale.coupon_minor = rng.between(0, sale.amount.minor - 1);
        }
        if kind == PaymentKind::Charge {
            sale.set_code(&format!("{}{:08}{:08}", code_prefix(rng, gateway), day % 100_000_000, number));
        }
        sale
    }

    /// The customer shows this code.
    pub(crate) fn set_code(&mut self, text: &str) {
        text.clone_into(&mut self.code_text);
        self.code = PaymentCode::from_scan(text).ok().map(Arc::new);
    }

    /// Another sale that looks the same, with a key and a code of its own.
    pub(crate) fn twin(&self, rng: &mut Rng, number: usize, day: u64) -> Self {
        let mut twin = Self::draw_of(rng, number, day, (&GatewayKind::ALL, &BOTH), false);
        (twin.gateway, twin.kind, twin.amount, twin.another_sale) = (self.gateway, self.kind, self.amount, false);
        (twin.refund_of, twin.code, twin.code_text) = (self.refund_of, None, String::new());
        twin.draw_refunding(rng, false);
        if self.kind == PaymentKind::Charge {
            twin.set_code(&format!("{}{:08}{:08}", code_prefix(rng, self.gateway), day % 100_000_000, number));
        }
        twin
    }

    /// A refund of `minor` of this sale, which stands at `original`.
    pub(crate) fn refund(&self, rng: &mut Rng, original: usize, minor: i64, another_refund: bool) -> Self {
        let mut refund = self.twin(rng, 0, 0);
        (refund.kind, refund.refund_of, refund.another_sale) = (PaymentKind::Refund, Some(original), another_refund);
        refund.amount = Amount::new(minor, self.amount.currency);
        (refund.code, refund.code_text) = (None, String::new());
        refund
    }

    /// What becomes of its refund. Who can tell its state soon may fail, or leave it to a person; the others do that on days
    /// that are long enough.
    fn draw_refunding(&mut self, rng: &mut Rng, slow_wallets: bool) {
        const HOUR_MS: i64 = 3_600_000;
        let tells =
            matches!(self.gateway_kind(), GatewayKind::BlueoceanV1 | GatewayKind::Bjrcb | GatewayKind::TencentCpay);
        self.refunding = match rng.below(12) {
            6 | 7 => Refunding::SucceedsAfter { queries: rng.between(1, 5) as u32 },
            8 if tells || slow_wallets => Refunding::Fails,
            9 if tells || slow_wallets => Refunding::Changes,
            10 | 11 => Refunding::Stays,
            _ => Refunding::Succeeds,
        };
        let end =
            *rng.pick(&[RefundState::Succeeded, RefundState::Succeeded, RefundState::Failed, RefundState::Changed]);
        let end = if tells || slow_wallets { end } else { RefundState::Succeeded };
        let longest_ms = if slow_wallets { 80 * HOUR_MS } else { HOUR_MS };
        let never = slow_wallets && rng.chance(200);
        self.wallet_decides = (!never).then(|| (rng.between(60_000, longest_ms), end));
    }

    /// Whether a failure at its gateway can turn into a success: not where it is a refusal of the request itself.
    pub(crate) fn may_turn(&self) -> bool {
        let refused_at_once = self.customer == Customer::Declines { at_once: true };
        match self.gateway_kind() {
            GatewayKind::BlueoceanV1 => !refused_at_once,
            GatewayKind::Bjrcb => true,
            _ => false,
        }
    }

    pub(crate) fn gateway_kind(&self) -> GatewayKind {
        GatewayKind::ALL[self.gateway]
    }
}

impl Audit {
    /// A new process: what was under way is not any more, and ages begin anew.
    pub(crate) fn restart(&mut self, now: Time) {
        if let Some((_, op)) = self.open.take() {
            self.undo_left |= matches!(op, Operation::Reverse | Operation::Close);
            self.refund_left |= op == Operation::Refund;
        }
        (self.asked_again, self.asked_since_undo, self.end) = (false, false, None);
        (self.charge_ended_at, self.restarted) = (now, true);
        (self.undecided_at, self.refund_missing_at) = (None, None);
        (self.reverse_ended_at, self.refund_ended_at) = (now, now);
        self.proved_paid = false;
    }

    /// What the last process had learned and never committed is forgotten: the journal is all that is known.
    pub(crate) fn remember(&mut self, flow: &str) {
        let holds = |name: &str| flow.contains(&format!("\"{name}\":true"));
        self.undo_left |= holds("undo_left");
        self.refund_left |= holds("refund_left");
        self.refund_seen = holds("refund_accepted");
        (self.number_taken, self.unverified) = (holds("number_taken"), holds("unverified"));
    }
}

fn currency(gateway: usize) -> paywand::Currency {
    match GatewayKind::ALL[gateway] {
        GatewayKind::BlueoceanV1 => paywand::Currency::HKD,
        _ => paywand::Currency::CNY,
    }
}

/// BJRCB has services of its own for each wallet.
fn code_prefix(rng: &mut Rng, gateway: usize) -> &'static str {
    if GatewayKind::ALL[gateway] == GatewayKind::Bjrcb && rng.chance(700) { "28" } else { "13" }
}

fn draw_customer(rng: &mut Rng) -> (Customer, Option<(i64, bool)>) {
    match rng.below(10) {
        0..=2 => (Customer::Pays, None),
        3 => (Customer::PaysAfter { queries: rng.between(0, 5) as u32 }, None),
        4 => (Customer::Never, None),
        5 => (Customer::Declines { at_once: rng.chance(500) }, None),
        6 => (Customer::PaysDuringReverse, None),
        7 => (Customer::PaysLate { after: *rng.pick(&[After::Reverse, After::Close]) }, None),
        // A customer who types a password.
        _ => (Customer::Never, Some((rng.between(1_000, 90_000), rng.chance(750)))),
    }
}
