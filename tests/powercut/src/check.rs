//! What must be true of a store that was just opened: it holds every acknowledged step, nothing that was not asked for,
//! commits whole or not at all; recovery finds what is unfinished; and it writes on.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use paywand::{
    PaymentState, PaywandError,
    driver::{Command, Driver, Event, Now, Port},
    flow::Time,
    store::{Done, Filter, Job, Reader, Store, Stored},
};

use crate::{
    disk::DATABASE,
    record::{Known, Version},
    shop,
};

/// More payments than any day here has.
const ALL: u32 = 10_000;

/// The key of the sale that is taken after a cut.
const AFTER: &str = "after/1";

/// How a store did not come through.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It does not open.
    Refused(String),
    /// It opens, and is not as it must be.
    Lost(String),
}

/// Opens the store in `folder` as an app does after a cut, and checks it against what was known before; `twice` where what
/// it then writes is looked for after one more opening.
pub(crate) fn comes_through(
    folder: &Path,
    known: &Known<'_>,
    ports: &Arc<Vec<Port>>,
    twice: bool,
) -> Result<(), Failure> {
    let path = folder.join(DATABASE);
    let mut store = Store::open(&path).map_err(|e| Failure::Refused(e.to_string()))?;
    let checked = check(&mut store, known, ports).map_err(Failure::Lost)?;
    drop(store);
    if !twice {
        return Ok(());
    }
    let store = Store::open(&path).map_err(|e| Failure::Lost(format!("opened once, and never again: {e}")))?;
    let reader = store.reader().map_err(|e| Failure::Lost(e.to_string()))?;
    match reader.find(AFTER) {
        Ok(Some(stored)) if *stored.payment.order_number == checked => Ok(()),
        other => Err(Failure::Lost(format!("the sale after the cut is not there: {other:?}"))),
    }
}

/// Everything; the order number of the sale that was taken at the end.
fn check(store: &mut Store, known: &Known<'_>, ports: &Arc<Vec<Port>>) -> Result<String, String> {
    store.verify().map_err(text)?;
    let reader = store.reader().map_err(text)?;
    let found = read(&reader).map_err(text)?;
    compare(known, store, &found)?;
    let unfinished = reader.unfinished().map_err(text)?;
    let expected: Vec<&Stored> = found.values().map(AsRef::as_ref).filter(|found| found.payment.unfinished()).collect();
    if unfinished.iter().collect::<Vec<_>>() != expected {
        return Err(format!("recovery finds {} payments of {}", unfinished.len(), expected.len()));
    }
    goes_on(store, unfinished, &found, ports)
}

/// Every payment, each as its own history leaves it.
pub(crate) fn read(reader: &Reader) -> Result<Version, PaywandError> {
    let mut found = Version::new();
    for payment in reader.page(&Filter::default(), None, ALL)? {
        let id = payment.id;
        let wrong = |reason: String| PaywandError::StoreCorrupt { path: format!("payment {id}"), reason };
        let stored = reader.payment(id)?.ok_or_else(|| wrong("it is listed, and not there".to_owned()))?;
        let history = reader.history(id)?;
        let last = history.last().map(|entry| (entry.seq, entry.state));
        let is_whole = last == Some((stored.seq, payment.state)) && history.len() as i64 == stored.seq;
        if !is_whole || stored.payment != payment {
            return Err(wrong(format!("it is not as its history leaves it: {history:?}")));
        }
        found.insert(id, Arc::new(stored));
    }
    Ok(found)
}

/// Fails unless `found` is what was acknowledged, and perhaps whole commits that were asked for.
pub(crate) fn compare(known: &Known<'_>, store: &Store, found: &Version) -> Result<(), String> {
    if known.code_key.is_some_and(|key| key != *store.code_key()) {
        return Err("it is another database".to_owned());
    }
    if store.last_time_ms() < known.time_ms {
        return Err(format!("time fell from {} to {}", known.time_ms, store.last_time_ms()));
    }
    for (id, acknowledged) in known.acknowledged {
        let Some(found) = found.get(id) else { return Err(format!("payment {id} is lost: {acknowledged:?}")) };
        let same = found.seq > acknowledged.seq || found == acknowledged;
        if !same {
            return Err(format!("payment {id} was acknowledged as {acknowledged:?}, and is {found:?}"));
        }
    }
    for (id, payment) in found {
        let of_it = |refund: &&Arc<Stored>| {
            let original = refund.payment.refund_of.as_ref().map(|original| original.id);
            original == Some(*id) && refund.payment.state != PaymentState::Failed
        };
        let back: i64 = found.values().filter(of_it).map(|refund| refund.payment.amount.minor).sum();
        if back > payment.payment.amount.minor {
            return Err(format!("payment {id} is given back beyond what came in: {back}"));
        }
    }
    let by_key: BTreeMap<&str, i64> =
        found.values().map(|found| (found.payment.request_key.as_str(), found.seq)).collect();
    for (id, found) in found {
        if known.acknowledged.get(id).is_some_and(|acknowledged| acknowledged.seq == found.seq) {
            continue;
        }
        let step = (found.payment.request_key.clone(), found.seq, found.flow.clone());
        let mut asked = known.asked.iter().filter(|commit| commit.contains(&step)).peekable();
        if asked.peek().is_none() {
            return Err(format!("nobody asked for {found:?}"));
        }
        // A refund of more than is left is turned away in the commit of others.
        let is_there = |(key, seq, _): &(String, i64, String)| {
            key.starts_with(shop::BACK) || by_key.get(key.as_str()).is_some_and(|there| there >= seq)
        };
        if !asked.any(|commit| commit.iter().all(is_there)) {
            return Err(format!("a commit landed in part: {found:?}"));
        }
    }
    Ok(())
}

/// Recovery's first steps and a new sale can be committed.
fn goes_on(
    store: &mut Store,
    unfinished: Vec<Stored>,
    found: &Version,
    ports: &Arc<Vec<Port>>,
) -> Result<String, String> {
    let now = Now { time: Time(store.last_time_ms().saturating_add(1)), wall_ms: 1_767_225_600_000 };
    let mut driver = Driver::new(ports.clone(), *store.code_key());
    let mut first = Vec::new();
    driver.recover(unfinished, now, |jobs| {
        first = store.run(jobs);
        first.clone()
    });
    first.into_iter().collect::<Result<Vec<Done>, PaywandError>>().map_err(text)?;
    let commands = driver.handle(Event::Begin { ticket: 1, new: shop::sale(ports, AFTER, 0, 0) }, now);
    let jobs: Vec<Job> = commands
        .into_iter()
        .filter_map(|command| match command {
            Command::Commit { job, .. } => Some(job),
            _ => None,
        })
        .collect();
    let done: Result<Vec<Done>, PaywandError> = store.run(&jobs).into_iter().collect();
    let Some(Done::Begun(sale)) = done.map_err(text)?.pop() else {
        return Err("the new sale was not begun".to_owned());
    };
    let number = sale.payment.order_number;
    if found.values().any(|found| found.payment.order_number == number) {
        return Err(format!("the order number {number} was made twice"));
    }
    Ok(number)
}

fn text(error: PaywandError) -> String {
    error.to_string()
}
