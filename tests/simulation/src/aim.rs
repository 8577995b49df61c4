//! Days with an aim: one operation in one state to which few payments come. Their sales are led there, and there the faults
//! strike and the process ends. The seed says which days have an aim, and which.

use paywand::{
    PaymentKind, PaymentState,
    driver::Command,
    gateway::{GatewayKind, Operation},
    store::Job,
};
use paywand_sandbox::Customer;

use crate::{day::Day, fault::Fault, rng::Rng, sale::Sale, weather::Weather};

/// Every so many days has an aim.
pub(crate) const EVERY: u64 = 9;
/// How often the aim is struck by a fault, in thousandths.
const STRIKE_RATE: u32 = 800;
/// How often the process ends there, before the exchange leaves, while it is out, and before its end is committed.
const KILL_RATE: u32 = 60;
/// How often a fault keeps a payment on the way there.
const LEAD_RATE: u32 = 950;
/// Nothing comes of the request, and the till cannot know that: the payment stays undecided.
const UNHEARD: [Fault; 4] = [Fault::LostBefore, Fault::Http500, Fault::Html, Fault::Redirect];
/// It was carried out, and the till cannot know that.
const UNHEARD_AFTER: [Fault; 3] = [Fault::LostAfter, Fault::Http500After, Fault::HtmlAfter];
/// Nobody answers, for as long as the world is bad.
const DEAD: [Fault; 5] = [Fault::NotSent, Fault::LostBefore, Fault::Http500, Fault::Html, Fault::Redirect];
/// The till knows that nothing has left.
const UNSENT: [Fault; 2] = [Fault::NotSent, Fault::DeviceClock];

/// A creation that is to be sent again, and cannot be: the first may have made the order all the same.
const AGAIN: [Fault; 3] = [Fault::SendAgain, Fault::SendAgain, Fault::NotSent];

/// When the world heals on a day on which payments work on while they wait for a person.
const ATTENTION_HEAL_MS: i64 = 300 * 60_000;
/// A person settles from then on, when most that will wait for one do.
const SETTLE_FROM_MS: i64 = 30 * 60_000;
/// And when the world heals on such a day: what was settled is watched for half an hour, so the last question is answered.
const SETTLED_HEAL_MS: i64 = SETTLE_FROM_MS + 30 * 60_000;
/// And on one on which nobody answers about what has failed or was settled: after a quarter of an hour of cleaning up, or
/// after thrice ten questions, a minute apart.
const DEAD_HEAL_MS: i64 = SETTLE_FROM_MS + 60 * 60_000;

/// What a day aims at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Aim {
    state: PaymentState,
    op: Operation,
    /// Nobody answers there.
    dead: bool,
}

/// The aims, in turn; twice those to which a day brings the fewest payments.
pub(crate) const AIMS: [(PaymentState, Operation); 18] = [
    (PaymentState::NeedsAttention, Operation::Refund),
    (PaymentState::NeedsAttention, Operation::Refund),
    (PaymentState::NeedsAttention, Operation::RefundQuery),
    (PaymentState::NeedsAttention, Operation::Close),
    (PaymentState::NeedsAttention, Operation::Reverse),
    (PaymentState::NeedsAttention, Operation::Query),
    (PaymentState::Reversing, Operation::Detail),
    (PaymentState::CancelWaiting, Operation::Query),
    (PaymentState::CancelWaiting, Operation::Detail),
    (PaymentState::SettledPaid, Operation::Query),
    (PaymentState::SettledNotPaid, Operation::Query),
    (PaymentState::SettledNotPaid, Operation::Query),
    (PaymentState::Failed, Operation::Query),
    (PaymentState::Failed, Operation::Reverse),
    (PaymentState::Failed, Operation::Reverse),
    (PaymentState::Reversed, Operation::Query),
    (PaymentState::Closed, Operation::Query),
    (PaymentState::Charging, Operation::CreateQr),
];

impl Aim {
    /// The aim of the day of `seed`, if it has one.
    pub(crate) fn of(seed: u64) -> Option<Self> {
        let turn = usize::try_from(seed / EVERY).unwrap_or_default();
        let (state, op) = AIMS[turn % AIMS.len()];
        let asks = matches!(state, PaymentState::Failed | PaymentState::SettledNotPaid) && op == Operation::Query;
        let dead = asks && (turn / AIMS.len()) % 2 == 1;
        seed.is_multiple_of(EVERY).then_some(Self { state, op, dead })
    }

    /// Makes it a weather in which payments come there.
    pub(crate) fn shape(self, weather: &mut Weather) {
        (weather.exchange_rate, weather.outage_rate, weather.other_hands_rate) = (100, 0, 0);
        weather.slow_wallets = false;
        weather.cashier_rate = if self.cashier().is_some() { 1_000 } else { 0 };
        if self.heal_ms().is_some() {
            // A device that sleeps between two questions comes to the end of its patience with few of them. A restart would
            // begin it anew.
            (weather.sleep_rate, weather.kill_rate, weather.exchange_rate) = (800, 0, 0);
        }
        if self.dead {
            weather.sleep_rate = 0;
            return;
        }
        match self.op {
            _ if self.asks_for_refunds() => weather.refund_rate = 1_000,
            Operation::Query if self.state == PaymentState::Failed => weather.callback_rate = 1_000,
            _ => {}
        }
    }

    /// When the world heals, on a day that is longer than others: payments come there only after a person was asked.
    pub(crate) fn heal_ms(self) -> Option<i64> {
        match self.state {
            _ if self.dead => Some(DEAD_HEAL_MS),
            PaymentState::NeedsAttention => Some(ATTENTION_HEAL_MS),
            PaymentState::SettledPaid | PaymentState::SettledNotPaid => Some(SETTLED_HEAL_MS),
            _ => None,
        }
    }

    /// Whether payments come there only at gateways that tell what became of a refund.
    pub(crate) fn asks_for_refunds(self) -> bool {
        matches!(self.op, Operation::Refund | Operation::RefundQuery)
    }

    /// From when on the cashier settles, on a day that is about that.
    pub(crate) fn settles_from_ms(self) -> Option<i64> {
        (self.cashier() == Some(Fault::Settle)).then_some(SETTLE_FROM_MS)
    }

    /// What the cashier does on such a day.
    pub(crate) fn cashier(self) -> Option<Fault> {
        match self.state {
            PaymentState::CancelWaiting => Some(Fault::Cancel),
            PaymentState::SettledPaid | PaymentState::SettledNotPaid => Some(Fault::Settle),
            _ => None,
        }
    }

    /// Whether people settle what was paid: where nobody answers for long, what they say wrongly must be found all the same.
    fn settles_the_paid(self) -> bool {
        self.state == PaymentState::SettledPaid || (self.state == PaymentState::SettledNotPaid && self.dead)
    }

    /// The gateways at which there is such an operation in such a state.
    pub(crate) fn gateways(self) -> &'static [GatewayKind] {
        use GatewayKind::{Bjrcb, BlueoceanV1, Huishouyin, MaxfunTp, TencentCpay};
        match (self.state, self.op) {
            (_, Operation::Detail) => &[Huishouyin],
            // The only one that asks for a creation again.
            (_, Operation::CreateQr) => &[TencentCpay],
            // The failed orders of the others are not reversed.
            (PaymentState::Failed, Operation::Reverse) => &[BlueoceanV1, Bjrcb],
            (_, Operation::Reverse | Operation::Close)
            | (PaymentState::Failed | PaymentState::CancelWaiting | PaymentState::Reversed, _) => {
                &[BlueoceanV1, Bjrcb, TencentCpay, Huishouyin]
            }
            _ => &[BlueoceanV1, Bjrcb, TencentCpay, Huishouyin, MaxfunTp],
        }
    }

    /// The kinds of payment that come there.
    pub(crate) fn kinds(self) -> &'static [PaymentKind] {
        match (self.state, self.op) {
            (PaymentState::Closed, _) | (_, Operation::Close | Operation::CreateQr) => &[PaymentKind::Qr],
            (PaymentState::Failed | PaymentState::CancelWaiting | PaymentState::Reversed, _)
            | (_, Operation::Reverse | Operation::Detail) => &[PaymentKind::Charge],
            _ => &[PaymentKind::Charge, PaymentKind::Qr],
        }
    }

    /// Gives a sale a customer whose payment comes there.
    pub(crate) fn lead(self, rng: &mut Rng, sale: &mut Sale) {
        (sale.customer, sale.decides) = match (self.state, self.op) {
            _ if self.asks_for_refunds() || self.op == Operation::CreateQr => (Customer::Pays, None),
            // Paid after the reverse was decided on.
            (PaymentState::Reversing, _) => (Customer::Never, Some((rng.between(45_000, 240_000), true))),
            _ if self.settles_the_paid() && sale.kind == PaymentKind::Charge => (Customer::Pays, None),
            _ if self.settles_the_paid() || self.state == PaymentState::CancelWaiting => {
                (Customer::Never, Some((rng.between(1_000, 40_000), true)))
            }
            (PaymentState::Failed, _) => (Customer::Declines { at_once: rng.chance(500) }, None),
            _ => (Customer::Never, None),
        };
    }

    /// Whether an exchange is what the day aims at.
    pub(crate) fn is_at(self, state: PaymentState, op: Operation) -> bool {
        (self.state, self.op) == (state, op)
    }

    /// What keeps a payment on the way there when it meets this exchange.
    fn on_the_way(self, state: PaymentState, op: Operation) -> &'static [Fault] {
        // What has ended is watched for so long only: on a long day its questions must be answered.
        let asks = matches!(op, Operation::Query | Operation::Detail) && !state.is_final();
        match self.state {
            PaymentState::NeedsAttention => match state {
                PaymentState::Refunding | PaymentState::Closing | PaymentState::Reversing => &UNHEARD,
                // A close follows a question without an answer too, where the order's time is over.
                PaymentState::NeedsAttention if self.op == Operation::Close => &UNHEARD,
                _ if self.op == Operation::Query && asks => &UNHEARD,
                _ => &[],
            },
            // The detail call is made only while no reverse may have left.
            PaymentState::Reversing if op == Operation::Reverse => &UNSENT,
            PaymentState::CancelWaiting if op == Operation::Detail => &UNHEARD,
            _ if self.settles_the_paid() && op == Operation::Charge => &UNHEARD_AFTER,
            PaymentState::SettledPaid | PaymentState::SettledNotPaid if asks => &UNHEARD,
            _ => &[],
        }
    }

    /// The fault that an exchange meets: at the aim any that can befall it.
    pub(crate) fn fault(
        self,
        rng: &mut Rng,
        kind: GatewayKind,
        state: PaymentState,
        op: Operation,
        fresh: bool,
    ) -> Option<Fault> {
        if self.is_at(state, op) && self.dead {
            return Some(*rng.pick(&DEAD));
        }
        if self.is_at(state, op) && op == Operation::CreateQr {
            return rng.chance(STRIKE_RATE).then(|| *rng.pick(&AGAIN));
        }
        if self.is_at(state, op) {
            let can: Vec<Fault> = Fault::EXCHANGE.into_iter().filter(|fault| fault.befalls(kind, op, fresh)).collect();
            return rng.chance(STRIKE_RATE).then(|| *rng.pick(&can));
        }
        let leading = self.on_the_way(state, op);
        (!leading.is_empty() && rng.chance(LEAD_RATE)).then(|| *rng.pick(leading))
    }

    /// How often the process ends at an exchange.
    pub(crate) fn kill_rate(self, state: PaymentState, op: Operation) -> u32 {
        if self.is_at(state, op) && !self.dead { KILL_RATE } else { 0 }
    }
}

impl Day<'_> {
    /// How often the process ends before this command: more often where the day aims.
    pub(crate) fn kill_rate(&self, command: &Command) -> u32 {
        let rate = self.weather.kill_rate;
        let Some(aim) = self.weather.aim else { return rate };
        let at = match command {
            Command::Send(send) => self.place_of_order(&send.order).map(|sale| (sale, send.op)),
            Command::Commit { job: Job::Change(change), .. } => self.ended_of(&change.payment.order_number),
            _ => None,
        };
        at.map_or(rate, |(sale, op)| rate.max(aim.kill_rate(self.state_of(sale), op)))
    }

    /// The exchange whose end this process has learned and not committed yet.
    fn ended_of(&self, order_number: &str) -> Option<(usize, Operation)> {
        let sale = *self.by_order.get(order_number)?;
        let audit = &self.sales[sale].audit;
        audit.open.filter(|_| audit.end.is_some()).map(|(_, op)| (sale, op))
    }
}
