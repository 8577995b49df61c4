//! A till whose driver and store are the real ones and whose gateway answers at once.

use std::{collections::HashMap, path::Path, sync::Arc};

use paywand::{
    Amount, Currency, Evidence, PaymentCode, PaymentKind, PaymentState, PaywandError, Secret, Texts,
    driver::{BootClock, Command, Driver, End, Event, NewPayment, Port},
    gateway::{self, GatewayKind, Receipt, Reply, Settings},
    store::{Job, Store},
};

/// A till at BlueOcean without a network.
pub(crate) struct Till {
    driver: Driver,
    store: Store,
    clock: BootClock,
    sales: u64,
}

impl Till {
    /// Opens the database at `path`, or makes it.
    pub(crate) fn open(path: &Path) -> Result<Self, PaywandError> {
        let keys = [("appid", "1000001"), ("key", "0123456789abcdef0123456789abcdef")];
        let keys = keys.map(|(name, key)| (name.to_owned(), Arc::new(Secret::from_text(key))));
        let settings = Settings::new("gateways[0]", HashMap::from(keys), "T1", "127.0.0.1");
        let kind = GatewayKind::BlueoceanV1;
        let gateway = gateway::open(kind, settings)?;
        let port = Port { id: "hk".to_owned(), gateway, timing: kind.timing(), account: "account".to_owned() };
        let store = Store::open(path)?;
        let clock = BootClock::starting_at(store.last_time_ms());
        Ok(Self { driver: Driver::new(Arc::new(vec![port]), *store.code_key()), store, clock, sales: 0 })
    }

    /// Takes `count` charges that are paid at once, their intents in one durable commit, their ends in another.
    /// Returns how many are reported as paid.
    pub(crate) fn charge(&mut self, count: usize) -> Result<usize, PaywandError> {
        let mut commands = Vec::new();
        for _ in 0..count {
            self.sales = self.sales.saturating_add(1);
            let new = Box::new(self.sale()?);
            commands.extend(self.handle(Event::Begin { ticket: self.sales, new }));
        }
        let mut paid = 0_usize;
        while !commands.is_empty() {
            let mut handles = Vec::new();
            let mut jobs: Vec<Job> = Vec::new();
            let mut next = Vec::new();
            for command in commands {
                match command {
                    Command::Commit { handle, job } => {
                        handles.push(handle);
                        jobs.push(job);
                    }
                    Command::Send(send) => {
                        let evidence = Evidence::Signature;
                        let receipt = Receipt { gateway_number: None, paid_at_ms: None, refundable: None, evidence };
                        let (handle, number) = (send.handle, send.number);
                        next.push(Event::Ended { handle, number, end: End::Reply(Reply::Paid(receipt)) });
                    }
                    Command::Report(payment) if payment.state == PaymentState::Paid => paid = paid.saturating_add(1),
                    _ => {}
                }
            }
            let committed = handles.into_iter().zip(self.store.run(&jobs));
            next.extend(committed.map(|(handle, result)| Event::Committed { handle, result }));
            commands = next.into_iter().flat_map(|event| self.handle(event)).collect();
        }
        Ok(paid)
    }

    fn handle(&mut self, event: Event) -> Vec<Command> {
        self.driver.handle(event, self.clock.now())
    }

    fn sale(&self) -> Result<NewPayment, PaywandError> {
        Ok(NewPayment {
            request_key: format!("till-7/{}", self.sales),
            port: 0,
            kind: PaymentKind::Charge,
            amount: Amount::new(1_250, Currency::HKD),
            refund_of: None,
            wallet: None,
            code: Some(Arc::new(PaymentCode::from_scan(&format!("13{:016}", self.sales))?)),
            texts: Texts::default(),
            metadata: HashMap::new(),
            business_day: "2026-01-01".to_owned(),
            another_sale: true,
        })
    }
}
