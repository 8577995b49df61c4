//! How bad one day is. Every day draws its own: a few faults often, the others never, so that each meets the others in
//! every company; some days are calm, some have an aim, and all end in `healed` weather.

use paywand::gateway::{GatewayKind, Operation};

use crate::{aim::Aim, fault::Fault, rng::Rng};

/// The rates of one day, in thousandths.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    /// Faults of exchanges that occur today.
    exchange: Vec<Fault>,
    /// How often an exchange meets one.
    pub(crate) exchange_rate: u32,
    /// How often a fault stays, and befalls every exchange for a while: an outage.
    pub(crate) outage_rate: u32,
    /// How often the process is killed, at each command that it executes.
    pub(crate) kill_rate: u32,
    /// How often a commit fails.
    pub(crate) commit_rate: u32,
    /// How often a start is one after a reboot, with another clock, or another configuration.
    pub(crate) restart_rate: u32,
    /// How often a timer comes late.
    pub(crate) sleep_rate: u32,
    /// How often the cashier does something besides selling, for each sale.
    pub(crate) cashier_rate: u32,
    /// How often a sale is given back, or somebody tries to.
    pub(crate) refund_rate: u32,
    /// How often money goes back by other hands.
    pub(crate) other_hands_rate: u32,
    /// How often a gateway calls, for each order.
    pub(crate) callback_rate: u32,
    /// How often money comes in long after the end.
    pub(crate) late_rate: u32,
    /// Wallets that take days over a refund.
    pub(crate) slow_wallets: bool,
    /// Where faults strike above all.
    pub(crate) aim: Option<Aim>,
}

impl Weather {
    /// Nothing goes wrong any more.
    pub(crate) fn healed() -> Self {
        Self {
            exchange: Vec::new(),
            exchange_rate: 0,
            outage_rate: 0,
            kill_rate: 0,
            commit_rate: 0,
            restart_rate: 0,
            sleep_rate: 0,
            cashier_rate: 0,
            refund_rate: 0,
            other_hands_rate: 0,
            callback_rate: 0,
            late_rate: 0,
            slow_wallets: false,
            aim: None,
        }
    }

    /// The weather of the day of `seed`.
    pub(crate) fn draw(rng: &mut Rng, seed: u64) -> Self {
        let mut weather = Self::draw_aimless(rng);
        weather.aim = Aim::of(seed);
        if let Some(aim) = weather.aim {
            aim.shape(&mut weather);
        }
        weather
    }

    fn draw_aimless(rng: &mut Rng) -> Self {
        let share = *rng.pick(&[60, 200, 500, 1_000]);
        Self {
            exchange: Fault::EXCHANGE.into_iter().filter(|_| rng.chance(share)).collect(),
            exchange_rate: *rng.pick(&[0, 100, 300, 600, 900]),
            outage_rate: *rng.pick(&[0, 0, 50, 200]),
            kill_rate: *rng.pick(&[0, 0, 2, 10]),
            commit_rate: *rng.pick(&[0, 0, 0, 5, 40]),
            restart_rate: *rng.pick(&[0, 200, 500]),
            sleep_rate: *rng.pick(&[0, 0, 50]),
            cashier_rate: *rng.pick(&[0, 300, 800]),
            refund_rate: *rng.pick(&[0, 200, 500]),
            other_hands_rate: *rng.pick(&[0, 0, 40]),
            callback_rate: *rng.pick(&[0, 200, 700]),
            late_rate: *rng.pick(&[0, 0, 150]),
            slow_wallets: rng.chance(40),
            aim: None,
        }
    }

    /// The fault that an exchange meets, if any: one of today's that can befall it.
    pub(crate) fn exchange(&self, rng: &mut Rng, kind: GatewayKind, op: Operation, fresh: bool) -> Option<Fault> {
        const TRIES: usize = 4;
        if self.exchange.is_empty() || !rng.chance(self.exchange_rate) {
            return None;
        }
        (0..TRIES).map(|_| *rng.pick(&self.exchange)).find(|fault| fault.befalls(kind, op, fresh))
    }
}
