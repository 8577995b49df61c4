//! A callback of a gateway: it changes nothing by itself, but the next question comes now.
//!
//! What is at work is asked about at once, its refunds too. A payment that is through is read again: late money at an
//! end that nobody watches any more is found out so.

use super::{Command, Driver, Fed, Handle, Now, Ticket, Wish, store_is_down};
use crate::{
    error::PaywandError,
    flow::Input,
    payment::{Payment, PaymentKind},
    store::Stored,
};

impl Driver {
    pub(super) fn notified(&mut self, ticket: Ticket, gateway: String, order_number: String, now: Now) {
        if self.store_failed {
            return self.answer(ticket, Err(store_is_down()));
        }
        let of_gateway = |payment: &Payment| payment.gateway == gateway && payment.id != 0;
        let is_refund_of = |payment: &Payment| {
            payment.refund_of.as_ref().is_some_and(|original| original.order_number == order_number)
        };
        let refunds = self.handles(|payment| of_gateway(payment) && is_refund_of(payment));
        let payment = self.handles(|payment| of_gateway(payment) && payment.order_number == order_number);
        for refund in refunds {
            self.feed(refund, Fed::Start(Input::Notified), now);
        }
        match payment.first() {
            Some(handle) => self.feed(*handle, Fed::Wish { ticket, wish: Wish::Notified }, now),
            None => self.look_up(ticket, gateway, order_number),
        }
    }

    pub(super) fn looked_up(
        &mut self,
        ticket: Ticket,
        gateway: String,
        order_number: String,
        (forgotten, result): (u64, Result<Option<Box<Stored>>, PaywandError>),
        now: Now,
    ) {
        if self.store_failed {
            return self.answer(ticket, Err(store_is_down()));
        }
        let stored = match result {
            // A row read while some payment was at work may be older than what that one left.
            Ok(_) if forgotten != self.forgotten => return self.look_up(ticket, gateway, order_number),
            Ok(Some(stored)) if stored.payment.gateway == gateway => stored,
            Ok(_) => return self.answer(ticket, Err(PaywandError::NoSuchOrder { order_number })),
            Err(error) => return self.answer(ticket, Err(error)),
        };
        if let Some(handle) = self.by_id.get(&stored.payment.id).copied() {
            return self.feed(handle, Fed::Wish { ticket, wish: Wish::Notified }, now);
        }
        let is_own = self.start_of(&stored) == Input::Recovered;
        // What is not through is at work: its intent was committed only now, and nothing of it has been sent.
        if stored.payment.kind == PaymentKind::Refund || stored.payment.unfinished() || !is_own {
            return self.answer(ticket, Ok(stored.payment));
        }
        self.take_over(*stored, Fed::Wish { ticket, wish: Wish::Notified }, now);
    }

    fn look_up(&mut self, ticket: Ticket, gateway: String, order_number: String) {
        self.commands.push(Command::LookUp { ticket, gateway, order_number, forgotten: self.forgotten });
    }

    fn handles(&self, fits: impl Fn(&Payment) -> bool) -> Vec<Handle> {
        self.live.iter().filter(|(_, live)| fits(&live.payment)).map(|(handle, _)| *handle).collect()
    }
}
