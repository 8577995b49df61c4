//! The truth: what the gateway's books say of this one order, what is still on its way there, and what the customer and
//! others may do to it. The flow never sees this; it sees answers.

use paywand::{
    PaymentKind,
    flow::{Rules, Time},
};

use crate::{
    gateway::Nature,
    refund::{Entry, Refund},
};

/// A time that is not known yet: the send that it counts from is not over.
pub(crate) const OPEN: Time = Time(i64::MAX);

/// The order in the gateway's books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    Absent,
    /// Waits for the customer.
    Open,
    /// The customer's attempt failed. A charge's failure is final from the least reverse age on; a QR can be paid still.
    Failed,
    /// Paid, this much.
    Paid,
    /// Paid, another sum.
    PaidOther,
    /// Reversed: the customer has the money.
    Reversed,
    /// Closed, unpaid.
    Closed,
    /// Paid, and some of it given back by other hands.
    Returned,
    /// Paid, and all of it given back: refunded, or by other hands.
    GivenBack,
}

/// How the gateway behaves for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mood {
    Normal,
    /// No answer ever comes back.
    Silent,
    /// No answer can be read.
    Garbled,
    /// Every answer looks like a success whose signature fails.
    Unsigned,
    /// Reverse and close are always to be asked again.
    Stubborn,
}

/// What customer, gateway and network do by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Event {
    /// The customer pays.
    Pays,
    /// Another sum is taken.
    PaysOther,
    /// The customer's attempt fails.
    Declines,
    /// The gateway closes the order.
    Lapses,
    /// Somebody gives money back in the merchant portal.
    Returns,
    /// Somebody gives all of it back there.
    ReturnsAll,
    /// The charge or creation that nobody answered arrives.
    Lands,
    /// The reverse or close that nobody answered arrives.
    UndoLands,
    /// A payment that was under way when the code was closed comes in.
    PaysLate,
    /// The gateway takes a failure back that it had proved.
    ChangesItsMind,
    /// The refund that nobody answered arrives.
    RefundLands,
    /// The customer has the money back.
    RefundIsPaidOut,
    /// The wallet says that it cannot be given back.
    RefundFails,
    /// The wallet says that the merchant must pay it by other means.
    RefundChanges,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) order: Order,
    /// The number was another sale's before: the books speak of that one.
    pub(crate) stranger: bool,
    /// A charge or creation left and has neither arrived nor been turned away.
    pub(crate) in_flight: bool,
    /// What is in flight arrives before this, or never.
    pub(crate) horizon: Time,
    /// From here on a failed charge stays failed.
    pub(crate) firm_at: Time,
    pub(crate) undo_in_flight: bool,
    pub(crate) undo_horizon: Time,
    pub(crate) refund: Refund,
    /// Somebody may have scanned the code.
    pub(crate) shown: bool,
    /// When the code runs out.
    pub(crate) expires_at: Time,
    pub(crate) mood: Mood,
    /// A question about an end may have got no true answer.
    pub(crate) unheard: bool,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            order: Order::Absent,
            stranger: false,
            in_flight: false,
            horizon: OPEN,
            firm_at: OPEN,
            undo_in_flight: false,
            undo_horizon: OPEN,
            refund: Refund::NONE,
            shown: false,
            expires_at: OPEN,
            mood: Mood::Normal,
            unheard: false,
        }
    }

    /// A payment that was paid, of which a person wants money given back.
    pub(crate) fn paid() -> Self {
        Self { order: Order::Paid, ..Self::new() }
    }

    /// Whether money of this sale is with us.
    pub(crate) fn has_money(&self) -> bool {
        !self.stranger && matches!(self.order, Order::Paid | Order::PaidOther | Order::Returned)
    }

    /// Whether money of this sale can still come in.
    pub(crate) fn money_can_come(&self, kind: PaymentKind, rules: &Rules, now: Time) -> bool {
        if self.stranger {
            return false;
        }
        match kind {
            PaymentKind::Charge => match self.order {
                Order::Open => true,
                Order::Failed => now < self.firm_at,
                _ => self.in_flight && now < self.horizon,
            },
            PaymentKind::Qr | PaymentKind::Refund => self.shown && now < self.payable_until(rules) && !self.has_money(),
        }
    }

    /// A payment begun before the code ran out arrives before this.
    fn payable_until(&self, rules: &Rules) -> Time {
        self.expires_at.after(rules.timing.landing_horizon_ms)
    }

    /// What may happen next, each with the time before which it must, and whether it is a fault.
    pub(crate) fn events(&self, kind: PaymentKind, rules: &Rules, now: Time) -> Vec<(Event, Time, bool)> {
        let mut events = self.refund.events(now);
        if kind == PaymentKind::Refund {
            return events;
        }
        let mut may = |event, before: Time, is_fault| {
            if now < before {
                events.push((event, before, is_fault));
            }
        };
        if self.in_flight && !self.stranger {
            match (self.order, kind) {
                (Order::Absent, _) => may(Event::Lands, self.horizon, false),
                (Order::Reversed | Order::Closed, PaymentKind::Charge) => may(Event::Lands, self.horizon, true),
                _ => {}
            }
        }
        if self.undo_in_flight {
            may(Event::UndoLands, self.undo_horizon, false);
        }
        if self.stranger {
            return events;
        }
        let pays_before = match (kind, self.order) {
            (PaymentKind::Charge, Order::Failed) => self.firm_at,
            (PaymentKind::Charge, _) => OPEN,
            (PaymentKind::Qr | PaymentKind::Refund, _) if self.shown => self.payable_until(rules),
            (PaymentKind::Qr | PaymentKind::Refund, _) => now,
        };
        match self.order {
            Order::Open | Order::Failed => {
                may(Event::Pays, pays_before, false);
                may(Event::PaysOther, pays_before, true);
                let ran_out = kind == PaymentKind::Qr && now >= self.expires_at;
                may(Event::Lapses, OPEN, !ran_out);
            }
            // Once a refund of ours is there, there is nothing left for other hands.
            Order::Paid if self.refund.entry == Entry::Absent => {
                may(Event::Returns, OPEN, true);
                may(Event::ReturnsAll, OPEN, true);
            }
            Order::Closed if kind == PaymentKind::Qr => may(Event::PaysLate, pays_before, true),
            _ => {}
        }
        match self.order {
            Order::Open if kind == PaymentKind::Charge || self.shown => may(Event::Declines, pays_before, false),
            Order::Failed if kind == PaymentKind::Charge && now >= self.firm_at => {
                may(Event::ChangesItsMind, OPEN, true)
            }
            _ => {}
        }
        events
    }

    pub(crate) fn happens(&mut self, event: Event, nature: &Nature) {
        let kind = nature.kind;
        match event {
            Event::Pays | Event::PaysLate | Event::ChangesItsMind => self.order = Order::Paid,
            Event::PaysOther => self.order = Order::PaidOther,
            Event::Declines => self.order = Order::Failed,
            Event::Lapses => self.order = Order::Closed,
            Event::Returns => self.order = Order::Returned,
            Event::ReturnsAll => self.order = Order::GivenBack,
            Event::Lands => {
                self.in_flight = false;
                // What arrives after its own reverse is taken for a sale of its own, and paid at once.
                self.order = if self.order == Order::Absent { Order::Open } else { Order::Paid };
            }
            Event::UndoLands => {
                self.undo_in_flight = false;
                self.undone(kind);
            }
            Event::RefundLands => {
                self.refund.in_flight = false;
                *self = self.refund_arrives(nature.one_refund_per_number);
            }
            Event::RefundIsPaidOut => *self = self.refund_paid_out(kind),
            Event::RefundFails => *self = self.refund_failed(),
            Event::RefundChanges => *self = self.refund_changed(),
        }
    }

    /// The gateway carries a reverse or close out, where it would.
    pub(crate) fn undone(&mut self, kind: PaymentKind) {
        self.order = match (kind, self.order) {
            (_, order @ (Order::Reversed | Order::Closed | Order::Returned | Order::GivenBack)) => order,
            (PaymentKind::Charge, _) => Order::Reversed,
            (PaymentKind::Qr | PaymentKind::Refund, order @ (Order::Paid | Order::PaidOther)) => order,
            (PaymentKind::Qr | PaymentKind::Refund, _) => Order::Closed,
        };
    }
}
