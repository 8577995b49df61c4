//! The same over real connections.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

use super::till::Till;
use crate::gateway::{Kind, Op};
use crate::http::HttpRequest;
use crate::plan::{Do, Plan, Rule};
use crate::server::{Options, Sandbox};

const LIMIT: Duration = Duration::from_secs(10);

struct Server {
    sandbox: Sandbox,
    till: Till,
}

impl Server {
    fn start() -> Server {
        let sandbox = Sandbox::start(Options::default()).unwrap();
        let mut till = Till::new();
        till.merchant = sandbox.new_merchant();
        Server { sandbox, till }
    }

    fn wrong(what: Do) -> Server {
        let server = Server::start();
        let plan = Plan::new().rule(Rule::new(Op::Charge, what));
        server.sandbox.plan(&server.till.merchant.id, plan);
        server
    }

    fn id(&self) -> String {
        self.till.merchant.id.clone()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.sandbox.http.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream
    }

    fn charge(&mut self, n: u32) -> Vec<u8> {
        wire(&self.till.start_request(Kind::Bjrcb, n, 100))
    }

    fn money(&self) -> i64 {
        self.sandbox.ledger(&self.id()).totals.money_minor.values().sum()
    }
}

fn wire(request: &HttpRequest) -> Vec<u8> {
    let head = format!(
        "{} {} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        request.method,
        request.path,
        request.body.len()
    );
    [head.as_bytes(), &request.body].concat()
}

/// One answer: status, announced length, body as far as it came.
fn read_answer(stream: &mut impl Read) -> (u16, usize, Vec<u8>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            other => panic!("the answer ended in its head: {other:?}, {:?}", String::from_utf8_lossy(&head)),
        }
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    let mut body = Vec::new();
    while body.len() < length {
        match stream.read(&mut byte) {
            Ok(1) => body.push(byte[0]),
            _ => break,
        }
    }
    (head[9..12].parse().unwrap(), length, body)
}

fn http(server: &Server, method: &str, path: &str, body: &str) -> Value {
    let mut stream = server.connect();
    let request = HttpRequest { method: method.to_owned(), ..HttpRequest::post(path, body) };
    stream.write_all(&wire(&request)).unwrap();
    serde_json::from_slice(&read_answer(&mut stream).2).unwrap()
}

#[test]
fn a_charge_goes_over_tls_and_the_connection_is_kept() {
    let mut server = Server::start();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&server.sandbox.ca_file).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let port = server.sandbox.https.rsplit(':').next().unwrap();
    let tcp = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let tls = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(tls, tcp);
    for n in 1..=2 {
        stream.write_all(&server.charge(n)).unwrap();
        let (status, _, body) = read_answer(&mut stream);
        assert_eq!(status, 200);
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["trade_state"], "SUCCESS");
    }
    let calls = server.sandbox.calls(&server.id());
    assert_eq!(calls[0].connection, calls[1].connection);
    assert_eq!([calls[0].place_on_connection, calls[1].place_on_connection], [1, 2]);
    assert!(calls[0].tls);
}

#[test]
fn a_lost_answer_leaves_not_a_byte_and_a_closed_connection() {
    for (what, money) in [(Do::LostBefore, 0), (Do::LostAfter, 100)] {
        let mut server = Server::wrong(what);
        let mut stream = server.connect();
        stream.write_all(&server.charge(1)).unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert_eq!((rest.len(), server.money()), (0, money));
    }
}

#[test]
fn a_cut_body_ends_before_its_announced_length() {
    let mut server = Server::wrong(Do::CutJson);
    let mut stream = server.connect();
    stream.write_all(&server.charge(1)).unwrap();
    let (status, length, body) = read_answer(&mut stream);
    assert_eq!((status, body.len()), (200, length / 2));
}

#[test]
fn a_dripping_answer_is_complete_in_the_end() {
    let mut server = Server::wrong(Do::Drip { pause_ms: 0 });
    let mut stream = server.connect();
    stream.write_all(&server.charge(1)).unwrap();
    let (_, length, body) = read_answer(&mut stream);
    assert_eq!(body.len(), length);
}

#[test]
fn a_hanging_answer_waits_for_the_gate() {
    let mut server = Server::wrong(Do::Hang { effect: true });
    let mut stream = server.connect();
    stream.write_all(&server.charge(1)).unwrap();
    assert!(server.sandbox.wait_gates(&server.id(), 1, LIMIT));
    assert_eq!(server.money(), 100);
    assert_eq!(server.sandbox.open_gates(&server.id()), 1);
    assert_eq!(read_answer(&mut stream).0, 200);
    assert!(!server.sandbox.wait_gates(&server.id(), 1, Duration::ZERO));
}

#[test]
fn a_client_that_gives_up_is_no_longer_held() {
    let mut server = Server::wrong(Do::Hang { effect: true });
    let mut stream = server.connect();
    stream.write_all(&server.charge(1)).unwrap();
    assert!(server.sandbox.wait_gates(&server.id(), 1, LIMIT));
    drop(stream);
    let end = std::time::Instant::now() + LIMIT;
    while server.sandbox.held(&server.id()) > 0 && std::time::Instant::now() < end {
        thread::yield_now();
    }
    assert_eq!(server.sandbox.held(&server.id()), 0);
}

#[test]
fn hundreds_of_connections_are_served_at_once() {
    let mut server = Server::start();
    let requests: Vec<Vec<u8>> = (0..300).map(|n| server.charge(n)).collect();
    let mut streams: Vec<TcpStream> = requests.iter().map(|_| server.connect()).collect();
    for (stream, request) in streams.iter_mut().zip(&requests) {
        stream.write_all(request).unwrap();
    }
    assert!(server.sandbox.wait_calls(&server.id(), 300, LIMIT));
    assert!(streams.iter_mut().all(|stream| read_answer(stream).0 == 200));
    assert_eq!(server.money(), 30_000);
}

#[test]
fn everything_can_be_controlled_over_http() {
    let mut server = Server::start();
    let address = http(&server, "GET", "/_control/address", "");
    assert_eq!(address["https"], server.sandbox.https);
    assert_eq!(address["ca_pem"], std::fs::read_to_string(&server.sandbox.ca_file).unwrap());
    let merchant = http(&server, "POST", "/_control/merchants", "");
    server.till.merchant = serde_json::from_value(merchant).unwrap();
    let id = server.id();
    let plan = format!(
        r#"{{"merchant":"{id}","customer":{{"do":"never"}},"rules":[{{"op":"charge","do":"hang","effect":true}}]}}"#
    );
    assert_eq!(http(&server, "POST", "/_control/plan", &plan), serde_json::json!({}));
    assert!(http(&server, "POST", "/_control/plan", r#"{"merchant":"m1","rules":[{"op":"x"}]}"#)["error"].is_string());

    let mut stream = server.connect();
    stream.write_all(&server.charge(1)).unwrap();
    assert_eq!(http(&server, "GET", &format!("/_control/calls_wait?merchant={id}&count=1"), "")["count"], 1);
    assert_eq!(http(&server, "GET", &format!("/_control/gates?merchant={id}&wait_for=1"), "")["held"], 1);
    assert_eq!(http(&server, "POST", "/_control/open_gates", &format!(r#"{{"merchant":"{id}"}}"#))["opened"], 1);
    assert_eq!(read_answer(&mut stream).0, 200);

    let number = server.till.number(Kind::Bjrcb, 1);
    http(&server, "POST", "/_control/pay", &format!(r#"{{"merchant":"{id}","order_number":"{number}"}}"#));
    let about = format!(r#""merchant":"{id}","order_number":"{number}""#);
    let told = http(&server, "POST", "/_control/notification", &format!(r#"{{{about},"fault":"other_amount"}}"#));
    assert_eq!((&told["gateway"], &told["path"]), (&"bjrcb".into(), &"/notify/bjrcb".into()));
    assert_eq!(told["headers"]["content-type"], "application/json; charset=utf-8");
    assert_eq!(serde_json::from_str::<Value>(told["body"].as_str().unwrap()).unwrap()["total_fee"], "101");
    assert!(
        http(&server, "POST", "/_control/notification", &format!(r#"{{{about},"faults":1}}"#))["error"].is_string()
    );
    assert_eq!(
        http(&server, "POST", "/_control/refund", &format!(r#"{{{about},"amount_minor":40}}"#)),
        serde_json::json!({})
    );
    assert!(
        http(&server, "POST", "/_control/refund", &format!(r#"{{{about},"amount_minor":61}}"#))["error"].is_string()
    );
    let ledger = http(&server, "GET", &format!("/_ledger?merchant={id}"), "");
    assert_eq!(
        (&ledger["totals"]["refunded_minor"]["CNY"], &ledger["orders"][0]["refunds"][0]["state"]),
        (&40.into(), &"succeeded".into())
    );
    assert_eq!(ledger["orders"][0]["state"], "paid");
    assert_eq!(ledger["totals"]["money_minor"]["CNY"], 100);
    let calls = http(&server, "GET", &format!("/_calls?merchant={id}"), "");
    assert_eq!(calls[0]["outcome"], "hang");
    assert!(calls[0]["body"]["auth_code"].as_str().unwrap().starts_with("****"));
    http(&server, "POST", "/_control/clear", &format!(r#"{{"merchant":"{id}"}}"#));
    let late = http(&server, "GET", &format!("/_control/gates?merchant={id}&wait_for=1&timeout_ms=1"), "");
    assert_eq!(late["reached"], false);
}
