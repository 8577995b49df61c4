//! Right answers that come in a wrong way, from the sandbox's world: packed, though nobody asked for that, and twice.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use paywand_sandbox::{Customer, HttpRequest, Order, Plan, World};
use url::Url;

use super::till::{Till, code};
use crate::{
    driver::wall_ms,
    gateway::GatewayKind,
    payment::{Payment, PaymentState},
    store::JournalEntry,
    transport::{
        Endpoint,
        hostile::{Ca, Peer, Server},
    },
};

const HOST: &str = "pay.example";

/// The five gateways, without their HTTP.
#[derive(Clone)]
struct Gateways(Arc<Mutex<World>>);

impl Gateways {
    /// With the accounts that [`Till::open`] has.
    fn new() -> Self {
        let mut world = World::new(1, 1);
        world.new_merchant();
        Self(Arc::new(Mutex::new(world)))
    }

    /// The body that answers `request`.
    fn answer(&self, request: &str) -> Vec<u8> {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let path = head.split(' ').nth(1).unwrap();
        self.0.lock().unwrap().exchange(&HttpRequest::post(path, body), wall_ms()).answer.body
    }

    fn customer(&self, customer: Customer) {
        self.0.lock().unwrap().plan("m1", Plan::new().customer(customer)).unwrap();
    }

    fn order(&self, payment: &Payment) -> Order {
        let ledger = self.0.lock().unwrap().ledger("m1").unwrap();
        ledger.order(&payment.order_number).unwrap().clone()
    }
}

/// A till at a server that treats its peers so.
async fn till<F, T>(treat: F) -> (Server, Till)
where
    F: Fn(Peer) -> T + Send + Sync + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let ca = Ca::new();
    let server = Server::start(Some(ca.server(HOST, |_| ())), treat).await;
    let till = till_at(&ca, server.address);
    (server, till)
}

fn till_at(ca: &Ca, address: SocketAddr) -> Till {
    Till::open(&Endpoint {
        base_url: Url::parse(&format!("https://{HOST}")).unwrap(),
        ca_pem: Some(ca.pem().into_bytes()),
        connect_ms: 5_000,
        read_ms: 5_000,
        addresses: vec![address],
        wall_ms,
    })
}

fn was_asked(history: &[JournalEntry]) -> bool {
    history.iter().any(|entry| entry.event.contains(r#""op":"query""#))
}

fn head(headers: &str, body: &[u8]) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_answer_that_comes_packed_proves_nothing_until_it_comes_plain() {
    let (gateways, packed) = (Gateways::new(), Arc::new(AtomicBool::new(true)));
    let (answers, is_packed) = (gateways.clone(), Arc::clone(&packed));
    let (_server, till) = till(move |mut peer| {
        let (answers, is_packed) = (answers.clone(), Arc::clone(&is_packed));
        async move {
            while peer.request().await {
                let plain = answers.answer(peer.last_request());
                let answer = match is_packed.load(Ordering::SeqCst) {
                    true => [head("content-encoding: gzip\r\n", &gzip(&plain)), gzip(&plain)],
                    false => [head("", &plain), plain],
                };
                peer.send(answer.concat()).await;
            }
        }
    })
    .await;
    for kind in [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb] {
        packed.store(true, Ordering::SeqCst);
        let id = till.charge(kind, 1).await.id;
        let doubt = till.until(id, |_, history| was_asked(history)).await;
        assert_eq!((doubt.state, gateways.order(&doubt).charges), (PaymentState::Querying, 1), "{doubt:#?}");
        packed.store(false, Ordering::SeqCst);
        let paid = till.until(id, |payment, _| payment.is_final).await;
        assert_eq!((paid.state, gateways.order(&paid).charges), (PaymentState::Paid, 1), "{paid:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_surplus_answer_on_a_kept_connection_makes_no_other_payment_paid() {
    const KIND: GatewayKind = GatewayKind::Bjrcb;
    let gateways = Gateways::new();
    let (answers, first) = (gateways.clone(), Arc::new(Mutex::new(None)));
    let (server, till) = till(move |mut peer| {
        let (answers, first) = (answers.clone(), Arc::clone(&first));
        async move {
            while peer.request().await {
                let own = answers.answer(peer.last_request());
                // Whole, signed, and the first payment's: whoever takes it for his own is paid.
                let surplus = first.lock().unwrap().get_or_insert_with(|| own.clone()).clone();
                peer.send([head("", &own), own, head("", &surplus), surplus].concat()).await;
            }
        }
    })
    .await;
    for n in 1..=20 {
        let pays = n % 2 == 1;
        gateways.customer(if pays { Customer::Pays } else { Customer::Never });
        let id = till.charge(KIND, n).await.id;
        let payment = till.until(id, |payment, history| payment.is_final || was_asked(history)).await;
        let expected = if pays { PaymentState::Paid } else { PaymentState::Querying };
        let payment = if pays { till.until(id, |payment, _| payment.is_final).await } else { payment };
        assert_eq!(payment.state, expected, "{n}: {payment:#?}");
        let order = gateways.order(&payment);
        assert_eq!((order.charges, order.money_minor), if pays { (1, 100) } else { (0, 0) }, "{n}: {order:#?}");
        let heard = server.requests().iter().filter(|request| request.contains(&code(KIND, n))).count();
        assert_eq!(heard, 1, "{n}");
    }
}

/// `bytes` in the gzip format (RFC 1952), in one stored block.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1];
    let (size, complement) = (length.to_le_bytes(), (!length).to_le_bytes());
    let tail = [crc32(bytes).to_le_bytes(), u32::from(length).to_le_bytes()].concat();
    [&head[..], &size, &complement, bytes, &tail].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[test]
fn gzip_is_gzip() {
    // RFC 1952's check value of "123456789".
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
}
