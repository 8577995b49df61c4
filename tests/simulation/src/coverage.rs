//! What was met where: each fault of exchanges, and each end of the process around one, at each gateway in each state and
//! operation. A hole is one that could have been met and never was.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use paywand::{
    Payment, PaymentState, Reason,
    gateway::{GatewayKind, Operation},
};

use crate::fault::Fault;

/// A state, and the operation that was under way.
type Spot = (&'static str, Option<&'static str>);

/// Counts by gateway and state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    /// How often a fault met a payment in a state at a gateway, and in which of its exchanges, if in one.
    met: BTreeMap<(Fault, usize, Spot), u64>,
    /// Which operations were sent in which states, and whether over connections of their own: where the faults of
    /// exchanges can strike.
    exchanges: HashMap<(usize, &'static str, Operation, bool), u64>,
    /// States and reasons that were told.
    told: BTreeMap<(usize, &'static str, &'static str), u64>,
}

impl Coverage {
    pub(crate) fn exchange(
        &mut self,
        fault: Option<Fault>,
        gateway: usize,
        state: PaymentState,
        op: Operation,
        fresh: bool,
    ) {
        *self.exchanges.entry((gateway, state.code(), op, fresh)).or_default() += 1;
        if let Some(fault) = fault {
            self.met(fault, gateway, state, Some(op));
        }
    }

    pub(crate) fn met(&mut self, fault: Fault, gateway: usize, state: PaymentState, op: Option<Operation>) {
        *self.met.entry((fault, gateway, (state.code(), op.map(Operation::code)))).or_default() += 1;
    }

    pub(crate) fn reached(&mut self, gateway: usize, payment: &Payment) {
        let reason = payment.reason.map_or("", Reason::code);
        *self.told.entry((gateway, payment.state.code(), reason)).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (key, count) in &other.met {
            *self.met.entry(*key).or_default() += count;
        }
        for (key, count) in &other.exchanges {
            *self.exchanges.entry(*key).or_default() += count;
        }
        for (key, count) in &other.told {
            *self.told.entry(*key).or_default() += count;
        }
    }

    /// Where an exchange that the fault can befall was sent.
    fn possible(&self, fault: Fault, gateway: usize) -> BTreeSet<Spot> {
        let kind = GatewayKind::ALL[gateway];
        let at = self.exchanges.keys();
        let at = at.filter(|(at, _, op, fresh)| *at == gateway && fault.befalls(kind, *op, *fresh));
        at.map(|(_, state, op, _)| (*state, Some(op.code()))).collect()
    }

    fn spots(&self, fault: Fault, gateway: usize) -> BTreeSet<Spot> {
        let met = self.met.keys().filter(|(name, at, _)| *name == fault && *at == gateway);
        met.map(|(_, _, spot)| *spot).collect()
    }

    /// Whether a fault of exchanges has met this one.
    #[cfg(test)]
    pub(crate) fn is_struck(&self, state: PaymentState, op: Operation) -> bool {
        let spot = (state.code(), Some(op.code()));
        self.met.keys().any(|(fault, _, at)| Fault::EXCHANGE.contains(fault) && *at == spot)
    }

    /// The table: for each fault and gateway how often it was met, and in how many of the states and operations in which it
    /// could be.
    pub(crate) fn table(&self) -> String {
        let mut table = format!("{:<18}", "fault");
        for kind in GatewayKind::ALL {
            table.push_str(&format!("{:>20}", kind.code()));
        }
        for fault in Fault::EXCHANGE.into_iter().chain(Fault::CRASH).chain(Fault::OTHER) {
            table.push_str(&format!("\n{:<18}", format!("{fault:?}")));
            for gateway in 0..GatewayKind::ALL.len() {
                table.push_str(&format!("{:>20}", self.cell(fault, gateway)));
            }
        }
        table
    }

    fn cell(&self, fault: Fault, gateway: usize) -> String {
        let met = self.met.iter().filter(|((name, at, _), _)| *name == fault && *at == gateway);
        let count: u64 = met.map(|(_, count)| count).sum();
        let spots = self.spots(fault, gateway).len();
        if !fault.strikes_exchanges() {
            return format!("{count} in {spots}");
        }
        match self.possible(fault, gateway).len() {
            0 => "-".to_owned(),
            possible => format!("{count} in {spots}/{possible}"),
        }
    }

    /// Each fault, and each end of the process, that could have met an exchange in a state at a gateway and never did.
    pub(crate) fn holes(&self) -> Vec<String> {
        let mut holes = Vec::new();
        for fault in Fault::EXCHANGE.into_iter().chain(Fault::CRASH) {
            for (gateway, kind) in GatewayKind::ALL.into_iter().enumerate() {
                let met = self.spots(fault, gateway);
                let missed = self.possible(fault, gateway).into_iter().filter(|spot| !met.contains(spot));
                holes.extend(
                    missed.map(|(state, op)| {
                        format!("{fault:?} at {}, {} in {state}", kind.code(), op.unwrap_or_default())
                    }),
                );
            }
        }
        holes
    }

    /// How often each operation was sent in each state, by gateway.
    pub(crate) fn sent(&self) -> String {
        let mut rows: BTreeMap<(&str, &str), [u64; GatewayKind::ALL.len()]> = BTreeMap::new();
        for ((gateway, state, op, _), count) in &self.exchanges {
            rows.entry((op.code(), state)).or_default()[*gateway] += count;
        }
        by_gateway("sent", rows)
    }

    /// How often each state was told, by gateway.
    pub(crate) fn outcomes(&self) -> String {
        let mut rows: BTreeMap<(&str, &str), [u64; GatewayKind::ALL.len()]> = BTreeMap::new();
        for ((gateway, state, reason), count) in &self.told {
            rows.entry((state, reason)).or_default()[*gateway] += count;
        }
        by_gateway("told", rows)
    }
}

/// A table of counts, with a column for each gateway.
fn by_gateway(name: &str, rows: BTreeMap<(&str, &str), [u64; GatewayKind::ALL.len()]>) -> String {
    let mut table = format!("{name:<40}");
    for kind in GatewayKind::ALL {
        table.push_str(&format!("{:>16}", kind.code()));
    }
    for ((first, second), counts) in rows {
        table.push_str(&format!("\n{:<40}", format!("{first} {second}")));
        counts.iter().for_each(|count| table.push_str(&format!("{count:>16}")));
    }
    table
}
