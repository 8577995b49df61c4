//! Listeners of one sort or another: that hear, throw, panic, block and call back.

use std::sync::{Arc, Condvar, Mutex, Weak};

use paywand::{Payment, PaymentListener, PaywandError, Terminal};
use paywand_e2e::{Chance, PATIENCE, wait_for};

/// Any of them.
pub(crate) fn any(chance: &mut Chance, terminal: &Arc<Terminal>, door: &Arc<Door>) -> Arc<dyn PaymentListener> {
    match chance.below(6) {
        0 => Arc::new(Blocks(door.clone())),
        1 => Arc::new(Throws),
        2 => Arc::new(Panics),
        3 => Arc::new(CallsBack(Arc::downgrade(terminal))),
        _ => Arc::new(Hears),
    }
}

/// Shut until it is opened.
#[derive(Default)]
pub(crate) struct Door {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Door {
    pub(crate) fn open(&self) {
        *self.is_open.lock().expect("no one panics here") = true;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let is_open = self.is_open.lock().expect("no one panics here");
        let passed = self.opened.wait_timeout_while(is_open, PATIENCE, |is_open| !*is_open);
        drop(passed.expect("no one panics here"));
    }
}

struct Hears;
struct Throws;
struct Panics;
struct Blocks(Arc<Door>);
struct CallsBack(Weak<Terminal>);

impl PaymentListener for Hears {
    fn on_payment(&self, _: Payment) -> Result<(), PaywandError> {
        Ok(())
    }
}

impl PaymentListener for Throws {
    fn on_payment(&self, _: Payment) -> Result<(), PaywandError> {
        Err(PaywandError::ListenerFailed { reason: "the screen is gone".to_owned() })
    }
}

impl PaymentListener for Panics {
    fn on_payment(&self, _: Payment) -> Result<(), PaywandError> {
        // Without the panic hook's story on standard error.
        std::panic::resume_unwind(Box::new("a listener panics in this scenario"))
    }
}

impl PaymentListener for Blocks {
    fn on_payment(&self, _: Payment) -> Result<(), PaywandError> {
        self.0.pass();
        Ok(())
    }
}

impl PaymentListener for CallsBack {
    fn on_payment(&self, payment: Payment) -> Result<(), PaywandError> {
        let terminal = self.0.upgrade().ok_or(PaywandError::ShutDown)?;
        let stored = terminal.payment(payment.id)?;
        assert!(stored.updated_at_ms >= payment.updated_at_ms, "told before it was stored");
        let _ = terminal.subscribe(Arc::new(Hears))?;
        wait_for(terminal.wait(payment.id, 0))?;
        Ok(())
    }
}
