//! The refund in the gateway's books: taken on, paid out, failed, or lost on its way and landing late. Where the gateway
//! does not take the same number for the same refund, one that arrives again pays out a second time.

use paywand::{PaymentKind, flow::Time, gateway::Operation};

use crate::{
    gateway::{Answer, Nature},
    world::{Event, OPEN, Order, World},
};

/// What the books say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Entry {
    Absent,
    /// Taken on: the wallet has it.
    Accepted,
    /// The customer has the money.
    PaidOut,
    Failed,
    /// The wallet cannot pay it out.
    Changed,
    /// Another sum went back.
    OtherSum,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Refund {
    pub(crate) entry: Entry,
    /// One left and has neither arrived nor been turned away.
    pub(crate) in_flight: bool,
    /// What is in flight arrives before this, or never; and until then a question may not find what has arrived.
    pub(crate) horizon: Time,
    /// It was taken on a second time.
    pub(crate) twice: bool,
}

impl Refund {
    pub(crate) const NONE: Self = Self { entry: Entry::Absent, in_flight: false, horizon: OPEN, twice: false };

    /// A refund is over for the till; where it was lost on the way, it may arrive yet. Under a number that is known, and
    /// means one refund, what comes later is turned away.
    pub(crate) fn leaves(&mut self, lost_on_the_way: bool, now: Time, horizon: Time, one_per_number: bool) {
        let still_out = self.in_flight && now < self.horizon;
        let counts = self.entry == Entry::Absent || !one_per_number;
        self.in_flight = still_out || (lost_on_the_way && counts);
        self.horizon = horizon;
    }

    /// Whether money of it is with the customer, or can still come there.
    pub(crate) fn may_pay_out(&self, now: Time) -> bool {
        let is_out = matches!(self.entry, Entry::Accepted | Entry::PaidOut | Entry::Changed | Entry::OtherSum);
        is_out || (self.in_flight && now < self.horizon)
    }

    /// What may become of it, as [`World::events`] says it.
    pub(crate) fn events(&self, now: Time) -> Vec<(Event, Time, bool)> {
        let mut events = Vec::new();
        if self.in_flight && now < self.horizon {
            events.push((Event::RefundLands, self.horizon, false));
        }
        match self.entry {
            Entry::Accepted => {
                events.push((Event::RefundIsPaidOut, OPEN, false));
                events.push((Event::RefundFails, OPEN, false));
                events.push((Event::RefundChanges, OPEN, true));
            }
            Entry::Changed => events.push((Event::RefundIsPaidOut, OPEN, true)),
            _ => {}
        }
        events
    }

    /// What a question about it is told.
    pub(crate) fn told(&self) -> Answer {
        match self.entry {
            Entry::Absent => Answer::NotFound,
            Entry::Accepted => Answer::Waiting,
            Entry::PaidOut => Answer::RefundProved,
            Entry::Failed => Answer::RefundFailed,
            Entry::Changed => Answer::RefundChanged,
            Entry::OtherSum => Answer::PaidOther,
        }
    }
}

impl World {
    fn with_refund(self, entry: Entry) -> Self {
        Self { refund: Refund { entry, ..self.refund }, ..self }
    }

    /// The customer has the money: all of it, but where a person asked for a refund of some.
    pub(crate) fn refund_paid_out(self, kind: PaymentKind) -> Self {
        let order = if kind == PaymentKind::Refund { self.order } else { Order::GivenBack };
        Self { order, ..self.with_refund(Entry::PaidOut) }
    }

    pub(crate) fn refund_failed(self) -> Self {
        self.with_refund(Entry::Failed)
    }

    pub(crate) fn refund_changed(self) -> Self {
        self.with_refund(Entry::Changed)
    }

    fn other_sum_paid_out(self, kind: PaymentKind) -> Self {
        let order = if kind == PaymentKind::Refund { self.order } else { Order::Returned };
        Self { order, ..self.with_refund(Entry::OtherSum) }
    }

    /// A refund arrives: taken on, unless there is nothing to give back, or it is known as the same.
    pub(crate) fn refund_arrives(self, one_per_number: bool) -> Self {
        let refund = self.refund;
        let in_flight = refund.in_flight && !one_per_number;
        let refund = match refund.entry {
            _ if !self.has_money() => refund,
            Entry::Absent => Refund { entry: Entry::Accepted, in_flight, ..refund },
            _ if one_per_number => refund,
            _ => Refund { twice: true, ..refund },
        };
        Self { refund, ..self }
    }
}

impl Nature {
    /// A refund: taken on, paid out or failed at once, turned away; or there already.
    pub(crate) fn on_refund(&self, world: &World) -> Vec<(World, Answer)> {
        let taken = world.refund_arrives(self.one_refund_per_number);
        let is_known = world.refund.entry != Entry::Absent;
        if is_known && self.one_refund_per_number {
            let told = if world.refund.entry == Entry::Accepted { Answer::RefundAccepted } else { world.refund.told() };
            return vec![(*world, told), (*world, Answer::Refused)];
        }
        if !world.has_money() {
            return vec![(*world, nothing_there(world.order)), (*world, Answer::Refused)];
        }
        if is_known {
            return vec![(taken, Answer::RefundAccepted)];
        }
        vec![
            (taken, Answer::RefundAccepted),
            (taken.refund_paid_out(self.kind), Answer::RefundProved),
            (taken.refund_failed(), Answer::RefundFailed),
            (*world, Answer::Refused),
        ]
    }

    /// What may go wrong with a refund, or a question about it, besides what may with everything.
    pub(crate) fn refund_faults(&self, op: Operation, world: &World, now: Time) -> Vec<(World, Answer)> {
        let refund = world.refund;
        let mut faults = Vec::new();
        if op == Operation::Refund {
            // It answered, and did nothing.
            faults.push((*world, Answer::Unproved));
            if refund.entry == Entry::Absent && world.has_money() {
                let taken = world.refund_arrives(self.one_refund_per_number);
                faults.push((taken.other_sum_paid_out(self.kind), Answer::PaidOther));
            }
            return faults;
        }
        if refund.entry != Entry::Absent && now < refund.horizon {
            faults.push((*world, Answer::NotFound));
        }
        if refund.entry == Entry::PaidOut {
            faults.push((*world, Answer::Waiting));
        }
        faults
    }
}

fn nothing_there(order: Order) -> Answer {
    match order {
        Order::GivenBack => Answer::ReturnedInFull,
        Order::Reversed => Answer::Reversed,
        Order::Closed => Answer::Closed,
        _ => Answer::NotFound,
    }
}
