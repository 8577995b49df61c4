//! Gateways that call: rightly, twice, late, forged, about nobody's order; and the money that comes in long after the end,
//! of which a call is all that the till can learn.

use paywand::{
    PaymentState,
    gateway::{Callback, GatewayKind},
};
use paywand_sandbox::{Notice, NoticeFault, Notification, OrderState};

use crate::{
    aim::Aim,
    day::{Day, What},
    fault::Fault,
    judge::{Verdict, ensure},
    till::Asked,
};

/// How often money comes in long after the end of an order whose request arrived twice, in thousandths.
const LATE_IF_DOUBLED: u32 = 400;

impl Day<'_> {
    /// An order was made: when its gateway calls, and whether money comes in long after it has ended. `doubled`: its request
    /// arrived twice.
    pub(crate) fn plan_calls(&mut self, sale: usize, doubled: bool) {
        for _ in 0..3 {
            if self.rng.chance(self.weather.callback_rate) {
                self.plan_in(200, 600_000, What::Call(sale));
            }
        }
        let late_rate = if doubled && !self.healed() { LATE_IF_DOUBLED } else { self.weather.late_rate };
        if self.rng.chance(late_rate) {
            self.to_come += 1;
            self.plan_in(35 * 60_000, 150 * 60_000, What::LateMoney(sale));
        }
    }

    /// The gateway calls about the order as it stands now: most calls arrive, some are not its own.
    pub(crate) fn call(&mut self, sale: usize) -> Verdict {
        let fault = match self.rng.below(10) {
            0 => Some(NoticeFault::BadSignature),
            1 => Some(NoticeFault::NoSignature),
            2 => Some(NoticeFault::OtherOrder),
            3 => Some(NoticeFault::OtherAmount),
            // Lost.
            4 => return Ok(()),
            _ => None,
        };
        self.call_with(sale, fault, 100)
    }

    fn call_with(&mut self, sale: usize, fault: Option<NoticeFault>, most_ms: i64) -> Verdict {
        let number = self.sales[sale].gateway_order.clone();
        let notice = Notice { fault, ..Notice::default() };
        // Some call of success only, and some never.
        let called = self.world.notification_of(&self.merchant.id, &number, notice, self.gateway_ms());
        let Ok(called) = called else { return Ok(()) };
        let foreign = fault == Some(NoticeFault::OtherOrder);
        let forged = matches!(fault, Some(NoticeFault::BadSignature | NoticeFault::NoSignature));
        let signed = self.sales[sale].gateway_kind() != GatewayKind::Huishouyin;
        if forged && signed {
            return self.judge_forged(sale, &called);
        }
        self.cover_state(if foreign { Fault::ForeignCallback } else { Fault::Callback }, sale);
        self.to_come += 1;
        self.plan_in(10, most_ms, What::Callback { sale, foreign, called: Box::new(called) });
        Ok(())
    }

    /// Nobody but the gateway can sign it.
    fn judge_forged(&mut self, sale: usize, called: &Notification) -> Verdict {
        self.cover_state(Fault::ForgedCallback, sale);
        let Some(till) = &self.till else { return Ok(()) };
        let Some(port) = till.port(self.sales[sale].gateway_kind()) else { return Ok(()) };
        let read = till.ports[port].gateway.notice(&callback(called));
        ensure(read.is_err(), "a forged callback is refused", || format!("sale {sale}: {read:?} of {called:?}"))
    }

    /// The merchant's server passes a call on; what is not acknowledged comes again.
    pub(crate) fn called(&mut self, sale: usize, foreign: bool, called: Notification) -> Verdict {
        let now_ms = self.now_ms;
        let kind = self.sales[sale].gateway_kind();
        let port = self.till.as_ref().and_then(|till| till.port(kind));
        let (Some(till), Some(port)) = (&mut self.till, port) else {
            self.plan_in(5_000, 60_000, What::Callback { sale, foreign, called: Box::new(called) });
            return Ok(());
        };
        self.to_come -= 1;
        let read = till.ports[port].gateway.notice(&callback(&called));
        let Ok(notice) = read else {
            return ensure(false, "a right callback is taken", || format!("sale {sale}: {read:?} of {called:?}"));
        };
        let ours = notice.order_number == self.sales[sale].order_number;
        ensure(ours != foreign, "a right callback is taken", || format!("sale {sale}: {notice:?} of {called:?}"))?;
        let ticket = till.ticket(now_ms, Asked::Callback { sale, foreign });
        self.say(|_| format!("sale {sale}: the gateway calls about {}", notice.order_number));
        let gateway = kind.code().to_owned();
        self.handle(paywand::driver::Event::Notified { ticket, gateway, order_number: notice.order_number })
    }

    /// The call was acknowledged: from now on the till knows that there is something to ask about. Sometimes that is the
    /// last thing that it does, but not on the long days, on which a restart would begin a watch anew.
    pub(crate) fn call_was_taken(&mut self, sale: usize) {
        if self.account_of(sale) != self.sales[sale].account {
            return;
        }
        self.sales[sale].told_of_ms = self.gateway_ms();
        let long = self.weather.aim.and_then(Aim::heal_ms).is_some();
        if !long && self.rng.chance(200) {
            self.plan_in(0, 600, What::Kill);
        }
    }

    /// Money comes in for an order that was reversed or closed long ago, and its gateway may call.
    pub(crate) fn late_money_comes(&mut self, sale: usize) -> Verdict {
        self.to_come -= 1;
        let ended = self.order(sale).is_some_and(|order| {
            matches!(order.state, OrderState::Reversed | OrderState::Closed) && order.charges == 0
        });
        if !ended || self.sales[sale].gateway_kind() == GatewayKind::MaxfunDevice {
            return Ok(());
        }
        let number = self.sales[sale].gateway_order.clone();
        self.world.pay(&self.merchant.id, &number, self.gateway_ms()).expect("the order is there");
        // What failed was undone too, where its gateway's text wants that.
        self.sales[sale].turned |= self.state_of(sale) == PaymentState::Failed;
        self.cover_state(Fault::LateCallback, sale);
        self.say(|_| format!("sale {sale}: money comes in long after the end"));
        if self.rng.chance(800) { self.call_with(sale, None, 5_000) } else { Ok(()) }
    }
}

fn callback(called: &Notification) -> Callback {
    let headers = called.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Callback { headers, body: called.body.clone().into_bytes() }
}
