//! A hostile network, as one table: each row is run through the real transport, and through a whole till for a charge at
//! every gateway that charges. The rule behind all rows: `NotSent` proves that nothing left, and may end in `Failed`;
//! everything else leaves the charge in doubt, and asked for. No row makes a charge leave twice.

mod document;
mod other_side;
mod row;
mod table;
mod till;
mod true_answers;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, task::JoinSet};
use url::Url;
use zeroize::Zeroizing;

use self::{
    other_side::{ELSEWHERE, Site},
    row::{Ends, Phase, Row, Says},
    table::ROWS,
    till::{CHARGING, Till, code},
};
use crate::{
    gateway::{GatewayKind, WireRequest},
    payment::{PaymentState, Reason},
    transport::{Endpoint, Exchange, NotSent, Transport},
};

/// Rows under way at once: each till has threads and files of its own.
const AT_ONCE: usize = 12;

impl Row {
    /// `connect_ms` and `read_ms`. What is not waited for is long: unoptimised code on a busy machine has the time it
    /// needs. What ends by a limit has a short one.
    fn limits(&self) -> (i64, i64) {
        match self.ends {
            Ends::NotSent(NotSent::ConnectTimeout) => (100, 5_000),
            // The till tries again for `connect_ms`.
            Ends::NotSent(_) => (1_000, 5_000),
            Ends::NoAnswer("timeout") => (2_000, 100),
            // Each of two addresses may take half of `connect_ms`.
            Ends::Answer(..) if self.phase == Phase::Connecting => (2_000, 5_000),
            Ends::NoAnswer(_) | Ends::Answer(..) => (5_000, 5_000),
        }
    }

    fn endpoint(&self, site: &Site) -> Endpoint {
        let (connect_ms, read_ms) = self.limits();
        Endpoint {
            base_url: Url::parse(&site.base_url).unwrap(),
            ca_pem: Some(site.ca.pem().into_bytes()),
            connect_ms,
            read_ms,
            addresses: site.addresses.clone(),
            wall_ms: if self.clock_is_old { || 0 } else { crate::driver::wall_ms },
        }
    }

    /// How often the other side may have read the charge.
    fn may_hear(&self) -> std::ops::RangeInclusive<usize> {
        match (self.ends, self.phase) {
            (Ends::NotSent(_), _) => 0..=0,
            (Ends::NoAnswer(_), Phase::Request) => 0..=1,
            _ => 1..=1,
        }
    }

    /// Fails unless `site` heard of the charge `code` as often as it may, and of nothing that no one should send.
    fn check_heard(&self, site: &Site, code: &str) {
        let requests = site.requests();
        let charges = requests.iter().filter(|request| request.contains(code)).count();
        assert!(self.may_hear().contains(&charges), "{self}: heard {charges} times: {requests:#?}");
        assert!(requests.iter().all(|request| request.starts_with("POST /gate/")), "{self}: {requests:#?}");
        let heard = site.heard();
        assert!(!heard.contains(ELSEWHERE), "{self}: a redirect was followed: {heard}");
        if matches!(self.ends, Ends::NotSent(_)) {
            assert!(!heard.contains(code) && !heard.contains("POST"), "{self}: not even a part: {heard}");
        }
        assert!(site.protocols().is_empty(), "{self}: no protocol was asked for");
    }
}

/// Runs `each` for all rows, some at once.
async fn for_each_row<W>(each: impl Fn(&'static Row) -> W)
where
    W: Future<Output = ()> + Send + 'static,
{
    let (places, mut rows) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for row in ROWS {
        let (places, work) = (Arc::clone(&places), each(row));
        rows.spawn(async move {
            let _place = places.acquire().await;
            work.await;
        });
    }
    while let Some(row) = rows.join_next().await {
        row.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_transport_makes_of_each_row_what_the_table_says() {
    for_each_row(|row| async move {
        for fresh in [true, false] {
            let site = Site::open(&row.other_side).await;
            let transport = Transport::new(&row.endpoint(&site)).unwrap();
            let code = code(GatewayKind::Bjrcb, 1);
            let body = Zeroizing::new(code.clone().into_bytes());
            let begun = Instant::now();
            let exchange = transport.exchange(WireRequest { path: "/pay", body, fresh }).await;
            assert_eq!(ends(&exchange), row.ends, "{row}: {exchange:?}");
            if let Exchange::Answer { response, .. } = &exchange {
                assert_eq!((response.fresh, response.verified_tls), (fresh, true), "{row}");
            }
            check_time(row, begun.elapsed());
            row.check_heard(&site, &code);
        }
    })
    .await;
}

fn ends(exchange: &Exchange) -> Ends {
    match exchange {
        Exchange::NotSent(why) => Ends::NotSent(*why),
        Exchange::NoAnswer(why) => Ends::NoAnswer(why),
        // A row outlives the process' need of it.
        Exchange::Answer { response, .. } => Ends::Answer(response.status, response.body.clone().leak()),
    }
}

/// What ends by a limit takes all of it, and nothing takes much longer.
fn check_time(row: &Row, took: Duration) {
    let (connect_ms, read_ms) = row.limits();
    let least = match row.ends {
        Ends::NotSent(NotSent::ConnectTimeout) => connect_ms,
        Ends::NoAnswer("timeout") => connect_ms + read_ms,
        _ => 0,
    };
    let ms = i64::try_from(took.as_millis()).unwrap();
    assert!((least..connect_ms + read_ms + 5_000).contains(&ms), "{row}: {ms} ms");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_till_says_of_a_charge_what_the_table_says() {
    for_each_row(|row| async move {
        let site = Site::open(&row.other_side).await;
        let till = Till::open(&row.endpoint(&site));
        for kind in CHARGING {
            till.charge(kind, 1).await;
        }
        for (id, kind) in (1..).zip(CHARGING) {
            match row.till {
                Says::Failed(reason) => fails(&till, id, reason, row).await,
                Says::InDoubt => stays_in_doubt(&till, id, kind, row).await,
            }
            row.check_heard(&site, &code(kind, 1));
        }
    })
    .await;
}

async fn fails(till: &Till, id: i64, reason: Reason, row: &Row) {
    let payment = till.until(id, |payment, _| payment.is_final).await;
    let expected = (PaymentState::Failed, Some(reason));
    assert_eq!((payment.state, payment.reason), expected, "{row}: {payment:#?}");
    let history = till.terminal.history(id).unwrap();
    let mut tries = history.iter().filter(|entry| entry.event.contains(r#""input":"not_sent""#));
    let first = tries.next().unwrap().at_ms - payment.created_at_ms;
    let again = tries.count();
    let (connect_ms, _) = row.limits();
    if reason == Reason::DeviceClock {
        assert_eq!(again, 0, "{row}: a wrong clock does not come right: {history:#?}");
    } else if first < connect_ms / 2 {
        assert!(again > 0, "{row}: it may come right the next time: {history:#?}");
    }
}

async fn stays_in_doubt(till: &Till, id: i64, kind: GatewayKind, row: &Row) {
    let can_be_asked = kind != GatewayKind::MaxfunDevice;
    let payment = till
        .until(id, |payment, history| match can_be_asked {
            true => history.iter().any(|entry| entry.event.contains(r#""op":"query""#)),
            false => payment.state != PaymentState::Charging,
        })
        .await;
    let expected = match can_be_asked {
        true => (PaymentState::Querying, None),
        false => (PaymentState::NeedsAttention, Some(Reason::CannotAsk)),
    };
    assert_eq!((payment.state, payment.reason), expected, "{row}: {payment:#?}");
    assert!(till.terminal.in_doubt().unwrap().iter().any(|payment| payment.id == id), "{row}");
}

#[test]
fn every_row_stands_once_and_is_true_to_the_rule() {
    let mut words = HashSet::new();
    for row in ROWS {
        assert!(words.insert(row.to_string()), "{row} stands twice");
        let may_fail = matches!(row.till, Says::Failed(_));
        assert_eq!(may_fail, matches!(row.ends, Ends::NotSent(_)), "{row}");
    }
}
