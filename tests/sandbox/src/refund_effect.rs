//! What a refund, or a question about one, does to an order: the same rules for all gateways.

use std::collections::hash_map::Entry;

use crate::clock;
use crate::effect::{Done, Shown};
use crate::gateway::{Asked, Kind, Outcome, RefundAsked, RefundRefusal};
use crate::ledger::{Order, OrderState};
use crate::magic::Magic;
use crate::refunds::{Refund, RefundState, Refunding};
use crate::world::{Account, World};

/// B1, W1: a year.
const PERIOD_MS: i64 = 365 * 86_400_000;
/// B1, W1: so many parts.
const MOST_PARTS: usize = 50;

impl World {
    /// Money goes back, or is promised to.
    pub(crate) fn give_back(&mut self, kind: Kind, asked: &Asked, wanted: &RefundAsked, now_ms: i64) -> Done {
        let refused = |refusal, shown| Done::new(Outcome::RefundRefused(refusal), shown);
        let found = self.find_place(kind, asked);
        let account = &self.accounts[asked.merchant];
        if let Some((place, part)) = account.refund_place(kind, wanted.number.as_deref()) {
            // The same number again is the same refund, whatever became of it.
            let same_amount =
                wanted.amount_minor.is_none_or(|minor| minor == account.orders[place].refunds[part].amount_minor);
            return if same_amount && found == Some(place) {
                Done::new(Outcome::Order, Shown::Booked(place)).about(part)
            } else {
                refused(RefundRefusal::NumberTaken, Shown::Booked(place)).about(part)
            };
        }
        let Some(place) = found else {
            return Done::new(Outcome::NotFound, Shown::None);
        };
        if let Err(refusal) = may_refund(&account.orders[place], wanted, now_ms) {
            return refused(refusal, Shown::Booked(place));
        }
        let order = &account.orders[place];
        let amount_minor = wanted.amount_minor.unwrap_or(order.money_minor - order.bound_minor());
        let part = self.book_refund(asked.merchant, place, wanted.number.clone(), amount_minor, now_ms);
        let refund = &mut self.accounts[asked.merchant].orders[place].refunds[part];
        if refund.refunding == Refunding::Succeeds {
            refund.settle(now_ms);
        }
        Done { then_settles: Some(place), ..Done::new(Outcome::Order, Shown::Booked(place)).about(part) }
    }

    /// How does a refund stand; without a number: all those of the order.
    pub(crate) fn ask_refund(&mut self, kind: Kind, asked: &Asked, wanted: &RefundAsked) -> Done {
        let by_order = asked.order_number.is_some() || asked.gateway_number.is_some();
        let found = if by_order { self.find_place(kind, asked) } else { None };
        let account = &mut self.accounts[asked.merchant];
        let part = account.refund_place(kind, wanted.number.as_deref());
        let place = match (found, part, &wanted.number) {
            (None, _, _) if by_order => return Done::new(Outcome::NotFound, Shown::None),
            (_, None, Some(_)) => return Done::new(Outcome::NoRefund, Shown::None),
            (Some(order), Some((place, _)), _) if order != place => return Done::new(Outcome::NoRefund, Shown::None),
            (_, Some((place, _)), _) | (Some(place), None, None) => place,
            (None, None, None) => return Done::new(Outcome::NotFound, Shown::None),
        };
        let refunds = &mut account.orders[place].refunds;
        if refunds.is_empty() {
            return Done::new(Outcome::NoRefund, Shown::Booked(place));
        }
        let only = part.map(|(_, part)| part);
        let asked_for = refunds.iter_mut().enumerate().filter(|(part, _)| only.is_none_or(|only| only == *part));
        asked_for.for_each(|(_, refund)| refund.asked());
        Done { then_settles: Some(place), part: only, ..Done::new(Outcome::Order, Shown::Booked(place)) }
    }

    /// Somebody refunds in the gateway's back office, behind the till's back: it succeeds at once.
    pub fn refund(&mut self, merchant: &str, order_number: &str, amount_minor: i64, now_ms: i64) -> Result<(), String> {
        let account = self.place(merchant)?;
        let place = self.accounts[account].place(order_number);
        let place = place.ok_or_else(|| format!("{merchant} has no order {order_number}"))?;
        let order = &self.accounts[account].orders[place];
        let wanted = RefundAsked { amount_minor: Some(amount_minor), ..RefundAsked::default() };
        if amount_minor <= 0 {
            return Err(format!("{amount_minor} is no amount to refund"));
        }
        may_refund(order, &wanted, now_ms).map_err(|refusal| format!("{order_number} is not refunded: {refusal:?}"))?;
        let part = self.book_refund(account, place, None, amount_minor, now_ms);
        let refund = &mut self.accounts[account].orders[place].refunds[part];
        (refund.asked_for, refund.refunding) = (false, Refunding::Succeeds);
        refund.settle(now_ms);
        Ok(())
    }

    fn book_refund(
        &mut self,
        account: usize,
        place: usize,
        number: Option<String>,
        amount_minor: i64,
        now_ms: i64,
    ) -> usize {
        let gateway_number = format!("50{}", self.rng.digits(26));
        let account = &mut self.accounts[account];
        let magic = || Magic::of(amount_minor).map(Magic::refunding);
        let refunding = account.plan.refunds.or_else(magic).unwrap_or_default();
        let refund = Refund {
            // Where the till needs no number, the gateway's own stands for it.
            refund_number: number.unwrap_or_else(|| gateway_number.clone()),
            amount_minor,
            state: RefundState::Accepted,
            gateway_number,
            asked_for: true,
            refunding,
            queries: 0,
            created_at_ms: now_ms,
            ended_at_ms: None,
        };
        account.add_refund(place, refund)
    }
}

impl Account {
    /// The order and the place among its refunds that a refund number stands for.
    pub(crate) fn refund_place(&self, kind: Kind, number: Option<&str>) -> Option<(usize, usize)> {
        self.by_refund[kind as usize].get(number?).copied()
    }

    /// Books a refund; returns its place among those of its order.
    fn add_refund(&mut self, place: usize, refund: Refund) -> usize {
        let order = &mut self.orders[place];
        let part = order.refunds.len();
        if let Entry::Vacant(free) = self.by_refund[order.gateway as usize].entry(refund.refund_number.clone()) {
            free.insert((place, part));
        }
        order.refunds.push(refund);
        part
    }
}

/// What the real ones refuse.
fn may_refund(order: &Order, wanted: &RefundAsked, now_ms: i64) -> Result<(), RefundRefusal> {
    let left = order.money_minor - order.bound_minor();
    let Some(paid_at) = order.paid_at_ms.filter(|_| order.state == OrderState::Paid) else {
        return Err(RefundRefusal::Unpaid);
    };
    if left == 0 {
        return Err(RefundRefusal::NothingLeft);
    }
    if wanted.same_day && clock::day(paid_at) != clock::day(now_ms) {
        return Err(RefundRefusal::PastPeriod);
    }
    if now_ms - paid_at > PERIOD_MS {
        return Err(RefundRefusal::PastPeriod);
    }
    if wanted.total_minor.is_some_and(|total| total != order.charged_minor) {
        return Err(RefundRefusal::OtherTotal);
    }
    if wanted.amount_minor.is_some_and(|minor| minor > left) || order.refunds.len() >= MOST_PARTS {
        return Err(RefundRefusal::TooMuch);
    }
    Ok(())
}
