//! Money on its way back: the cashier's refunds, other hands in the gateway's back office, wallets that take their time.

use paywand::{Original, PaymentState, Wallet, flow::may_be_refunded};
use paywand_sandbox::Refunding;

use crate::{
    day::{Day, What},
    fault::Fault,
    judge::Verdict,
    till::Asked,
};

/// The library refuses before its driver hears of it.
pub(crate) struct Refused;

impl Day<'_> {
    /// The cashier gives a sale back, or a part of it, or more than there is.
    pub(crate) fn give_back(&mut self, original: usize) -> Verdict {
        if self.healed() {
            return Ok(());
        }
        let is_paid = matches!(self.state_of(original), PaymentState::Paid | PaymentState::SettledPaid);
        if self.till.is_none() || (!is_paid && self.rng.chance(700)) {
            self.plan_in(10_000, 120_000, What::GiveBack(original));
            return Ok(());
        }
        let most = self.sales[original].amount.minor;
        let left = self.left_of(original, None).unwrap_or(most);
        let (what, minor) = match self.rng.below(10) {
            0..=4 => (Fault::RefundAll, left),
            5..=7 => (Fault::RefundPart, self.rng.between(1, left)),
            8 => (Fault::RefundTooMuch, left + self.rng.between(1, 100)),
            _ => (Fault::RefundTooMuch, most),
        };
        self.cover_state(what, original);
        let refund = self.new_refund(original, minor.max(1));
        self.begin(refund)?;
        match self.rng.below(10) {
            // Twice at once: the same refund, or another one under a key of its own.
            0 | 1 => self.begin(refund)?,
            2 => {
                let other = self.new_refund(original, minor.max(1));
                self.begin(other)?;
            }
            _ => {}
        }
        if self.rng.chance(500) {
            self.plan_in(500, 300_000, What::GiveBack(original));
        }
        Ok(())
    }

    /// The key of a refund, for another payment of the same gateway: never that refund.
    pub(crate) fn refund_another(&mut self, refund: usize) -> Verdict {
        let (original, gateway) = (self.sales[refund].refund_of, self.sales[refund].gateway);
        let another = (0..self.sales.len()).find(|place| {
            let sale = &self.sales[*place];
            Some(*place) != original && sale.gateway == gateway && self.state_of(*place) == PaymentState::Paid
        });
        let Some(another) = another else { return Ok(()) };
        self.sales[refund].refund_of = Some(another);
        let end = self.request(refund, self.sales[refund].amount, Asked::OtherSale(refund));
        self.sales[refund].refund_of = original;
        end
    }

    fn new_refund(&mut self, original: usize, minor: i64) -> usize {
        let another = self.rng.chance(700);
        let mut refund = self.sales[original].refund(&mut self.rng, original, minor, another);
        refund.key = format!("till-7/{}/back", self.sales.len());
        self.sales.push(refund);
        let place = self.sales.len() - 1;
        if self.rng.chance(self.weather.cashier_rate) {
            self.plan_in(0, 180_000, What::Meddle(place));
        }
        place
    }

    /// What a refund names: the payment as the store has it, and its wallet. The library asks for more than its driver does.
    pub(crate) fn original_of(&self, sale: usize) -> Result<Option<(Original, Option<Wallet>)>, Refused> {
        let Some(original) = self.sales[sale].refund_of else { return Ok(None) };
        let (id, till) = (self.sales[original].id.ok_or(Refused)?, self.till.as_ref().ok_or(Refused)?);
        let stored = till.shelf.payment(id).ok().flatten().ok_or(Refused)?;
        let port = till.port(self.sales[sale].gateway_kind()).map(|port| &till.ports[port]).ok_or(Refused)?;
        let can = port.gateway.capabilities().refund.is_some();
        if !can || port.account != stored.account || !may_be_refunded(&stored.flow) {
            return Err(Refused);
        }
        let payment = stored.payment;
        let named = Original {
            id,
            order_number: payment.order_number,
            amount: payment.amount,
            gateway_order_number: payment.gateway_order_number,
            kind: payment.kind,
        };
        Ok(Some((named, payment.wallet)))
    }

    /// Somebody gives money back in the gateway's back office.
    pub(crate) fn other_hands(&mut self, sale: usize) -> Verdict {
        let number = self.sales[sale].gateway_order.clone();
        let Some(order) = self.order(sale) else { return Ok(()) };
        let left = order.money_minor - order.bound_minor();
        let whole = self.rng.chance(500) || self.sales[sale].gateway_kind() == paywand::gateway::GatewayKind::MaxfunTp;
        let minor = if whole { left } else { self.rng.between(1, left) };
        if minor > 0 && self.world.refund(&self.merchant.id, &number, minor, self.gateway_ms()).is_ok() {
            self.cover_state(Fault::OtherHands, sale);
            self.say(|_| format!("sale {sale}: {minor} go back by other hands"));
        }
        Ok(())
    }

    /// A gateway has taken a refund on; a slow wallet decides later, or never.
    pub(crate) fn refund_was_booked(&mut self, sale: usize) {
        let slow = self.sales[sale].refunding == Refunding::Stays;
        if let Some((after_ms, _)) = self.sales[sale].wallet_decides.filter(|_| slow) {
            self.to_come += 1;
            self.plan(self.now_ms + after_ms, What::WalletDecides(sale));
        }
    }

    pub(crate) fn wallet_decides(&mut self, sale: usize) -> Verdict {
        self.to_come -= 1;
        let (number, at_ms) = (self.sales[sale].gateway_order.clone(), self.gateway_ms());
        let Some((_, end)) = self.sales[sale].wallet_decides else { return Ok(()) };
        let order = self.world.order_mut(&self.merchant.id, &number).expect("the order is there");
        for part in &self.sales[sale].payouts {
            let refund = &mut order.refunds[*part];
            if !refund.is_ended() {
                (refund.state, refund.ended_at_ms) = (end, Some(at_ms));
            }
        }
        self.cover_state(Fault::SlowWallet, sale);
        self.say(|_| format!("sale {sale}: the wallet has decided: {end:?}"));
        Ok(())
    }
}
