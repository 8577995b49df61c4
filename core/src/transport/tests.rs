//! What an exchange sends, over which connection, and what it keeps to itself. What goes wrong on the way stands in the table of
//! `terminal/hostile_network`.

use std::{future::Future, sync::Arc};

use zeroize::Zeroizing;

use super::{
    hostile::{Ca, Peer, Server},
    *,
};

const BODY: &str = r#"{"auth_code":"134512345678901234"}"#;

fn endpoint(base_url: &str, ca: Option<&Ca>) -> Endpoint {
    Endpoint {
        base_url: Url::parse(base_url).unwrap(),
        ca_pem: ca.map(|ca| ca.pem().into_bytes()),
        // Enough for a handshake of unoptimised code on a busy machine; tests that wait for a limit set their own.
        connect_ms: 5_000,
        read_ms: 5_000,
        addresses: Vec::new(),
        wall_ms,
    }
}

fn transport(base_url: &str, ca: Option<&Ca>) -> Transport {
    Transport::new(&endpoint(base_url, ca)).unwrap()
}

/// A transport that gives up connecting and waiting quickly.
fn hasty(base_url: &str, ca: Option<&Ca>, connect_ms: i64, read_ms: i64) -> Transport {
    Transport::new(&Endpoint { connect_ms, read_ms, ..endpoint(base_url, ca) }).unwrap()
}

fn request(fresh: bool) -> WireRequest {
    WireRequest { path: "/pay", body: Zeroizing::new(BODY.as_bytes().to_vec()), fresh }
}

fn url(server: &Server) -> String {
    format!("https://{}/gate/", server.address)
}

/// A TLS server with a good certificate, and a transport that trusts it.
async fn pair<F, T>(treat: F) -> (Server, Transport)
where
    F: Fn(Peer) -> T + Send + Sync + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let ca = Ca::new();
    let server = Server::start(Some(ca.server("127.0.0.1", |_| ())), treat).await;
    let transport = transport(&url(&server), Some(&ca));
    (server, transport)
}

/// One fresh exchange with a server that treats its peer so.
async fn once<F, T>(treat: F) -> Exchange
where
    F: Fn(Peer) -> T + Send + Sync + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let (server, transport) = pair(treat).await;
    let exchange = transport.exchange(request(true)).await;
    assert_eq!(server.requests().len(), 1, "sent once, never again");
    exchange
}

fn answer(exchange: Exchange) -> WireResponse {
    match exchange {
        Exchange::Answer { response, .. } => response,
        other => panic!("{other:?}"),
    }
}

fn text(exchange: Exchange) -> String {
    String::from_utf8(answer(exchange).body).unwrap()
}

#[tokio::test]
async fn a_whole_answer_says_how_it_came() {
    let (server, transport) = pair(|mut peer| async move {
        while peer.request().await {
            peer.answer("200 OK", "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n", "{}").await;
        }
    })
    .await;
    for fresh in [true, false] {
        let response = WireResponse { status: 200, body: b"{}".to_vec(), fresh, verified_tls: true };
        let expected = Exchange::Answer { response, date_ms: Some(1_767_225_600_000) };
        assert_eq!(transport.exchange(request(fresh)).await, expected);
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut lines: Vec<_> = head.lines().collect();
        assert_eq!(lines.remove(0), "POST /gate/pay HTTP/1.1");
        lines.sort_unstable();
        let agent = format!("user-agent: paywand/{}", env!("CARGO_PKG_VERSION"));
        let (host, length) = (format!("host: {}", server.address), format!("content-length: {}", BODY.len()));
        assert_eq!(lines, ["accept: */*", &length, "content-type: application/json", &host, &agent]);
        assert_eq!(body, BODY);
    }
}

#[tokio::test]
async fn plain_http_is_never_called_verified() {
    let server = Server::start(None, |mut peer| async move {
        peer.request().await;
        peer.answer("200 OK", "", "{}").await;
    })
    .await;
    let transport = transport(&format!("http://{}", server.address), None);
    let response = answer(transport.exchange(request(true)).await);
    assert_eq!((response.status, response.fresh, response.verified_tls), (200, true, false));
    assert!(server.requests()[0].starts_with("POST /pay HTTP/1.1\r\n"));
}

#[tokio::test]
async fn whenever_nothing_is_claimed_to_be_sent_nothing_was() {
    let ca = Ca::new();
    let server = Server::start(Some(ca.server("127.0.0.1", |_| ())), |mut peer| async move {
        peer.request().await;
        peer.answer("200 OK", "", "{}").await;
    })
    .await;
    // All at once, so that handshakes queue up and end on both sides of limits of 1 to 60 ms.
    let transports: Vec<_> = (1..=60).map(|connect_ms| hasty(&url(&server), Some(&ca), connect_ms, 2_000)).collect();
    let mut exchanges = tokio::task::JoinSet::new();
    for transport in transports {
        exchanges.spawn(async move { transport.exchange(request(true)).await });
    }
    let mut may_have_left = 0;
    while let Some(exchange) = exchanges.join_next().await {
        match exchange.unwrap() {
            Exchange::NotSent(why) => assert_eq!(why, NotSent::ConnectTimeout),
            Exchange::Answer { .. } | Exchange::NoAnswer(_) => may_have_left += 1,
        }
    }
    // One more round gives the server the time to hear whatever was under way.
    answer(transport(&url(&server), Some(&ca)).exchange(request(true)).await);
    assert!(server.requests().len() <= may_have_left + 1);
    assert_eq!(server.heard().len(), server.requests().concat().len(), "not even a part");
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_read_and_a_byte_more_is_not() {
    let largest = once(|mut peer| async move {
        peer.request().await;
        peer.answer("200 OK", "", &" ".repeat(MAX_BODY)).await;
    });
    assert_eq!(answer(largest.await).body.len(), MAX_BODY);
    let larger = once(|mut peer| async move {
        peer.request().await;
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n").await;
        peer.hold().await; // not a byte of it is needed
    });
    assert_eq!(larger.await, Exchange::NoAnswer("too_large"));
}

#[tokio::test]
async fn every_status_is_an_answer() {
    for status in [500_u16, 404, 204, 429] {
        let exchange = once(move |mut peer| async move {
            peer.request().await;
            peer.send(format!("HTTP/1.1 {status} Some Reason\r\ncontent-length: 0\r\n\r\n")).await;
        });
        assert_eq!(answer(exchange.await).status, status);
    }
}

#[tokio::test]
async fn a_redirect_is_answered_and_never_followed() {
    let ca = Ca::new();
    let tls = ca.server("127.0.0.1", |_| ());
    let target = Server::start(Some(Arc::clone(&tls)), Peer::hold).await;
    let location = format!("location: {}\r\nset-cookie: a=b\r\n", url(&target));
    let server = Server::start(Some(tls), move |mut peer| {
        let location = location.clone();
        async move {
            while peer.request().await {
                peer.answer("307 Temporary Redirect", &location, "").await;
            }
        }
    })
    .await;
    let transport = transport(&url(&server), Some(&ca));
    for fresh in [true, false, false] {
        assert_eq!(answer(transport.exchange(request(fresh)).await).status, 307);
    }
    assert_eq!((target.connections(), target.heard()), (0, vec![]));
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(!requests.concat().contains("cookie"), "no cookie is kept");
}

#[tokio::test]
async fn fresh_exchanges_have_a_connection_each_and_others_share_one() {
    let (server, transport) = pair(|mut peer| async move {
        while peer.request().await {
            let number = peer.number.to_string();
            peer.answer("200 OK", "", &number).await;
        }
    })
    .await;
    let mut served = Vec::new();
    for fresh in [false, false, true, true, false, true] {
        served.push(text(transport.exchange(request(fresh)).await));
    }
    assert_eq!(served, ["1", "1", "2", "3", "1", "4"]);
    assert_eq!(server.connections(), 4);
}

#[tokio::test]
async fn a_surplus_answer_never_reaches_a_fresh_exchange() {
    let (server, transport) = pair(|mut peer| async move {
        while peer.request().await {
            let own = format!("connection {}", peer.number);
            let two = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {0}\r\n\r\n{own}HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsurplus",
                own.len()
            );
            peer.send(two).await;
        }
    })
    .await;
    for _ in 0..50 {
        transport.exchange(request(false)).await;
        let opened = server.connections();
        let response = answer(transport.exchange(request(true)).await);
        assert!(response.fresh);
        assert_eq!(String::from_utf8(response.body).unwrap(), format!("connection {}", opened + 1));
    }
}

#[tokio::test]
async fn a_kept_connection_that_the_server_ended_never_makes_a_request_go_twice() {
    let (server, transport) = pair(|mut peer| async move {
        peer.request().await;
        peer.answer("200 OK", "", "{}").await;
        peer.finish().await; // without saying `connection: close`
    })
    .await;
    let exchanges = 50;
    for _ in 0..exchanges {
        let exchange = transport.exchange(request(false)).await;
        assert!(matches!(exchange, Exchange::Answer { .. } | Exchange::NoAnswer("lost")), "{exchange:?}");
    }
    assert!(server.requests().len() <= exchanges);
}

#[tokio::test]
async fn a_date_that_cannot_be_read_is_none() {
    let exchange = once(|mut peer| async move {
        peer.request().await;
        peer.answer("200 OK", "date: yesterday\r\n", "{}").await;
    });
    assert!(matches!(exchange.await, Exchange::Answer { date_ms: None, .. }));
}

#[tokio::test]
async fn prewarming_opens_the_connection_that_the_next_exchange_uses() {
    let (server, transport) = pair(|mut peer| async move {
        peer.request().await;
        peer.send("HTTP/1.1 405 Method Not Allowed\r\n\r\n").await;
        while peer.request().await {
            let number = peer.number.to_string();
            peer.answer("200 OK", "", &number).await;
        }
    })
    .await;
    transport.prewarm(false).await;
    assert_eq!(text(transport.exchange(request(false)).await), "1");
    assert_eq!(server.connections(), 1);
    let requests = server.requests();
    assert!(requests[0].starts_with("HEAD /gate/ HTTP/1.1\r\n"), "{}", requests[0]);

    transport.prewarm(true).await;
    assert_eq!(server.connections(), 2);
    assert_eq!(text(transport.exchange(request(false)).await), "1", "the kept one is untouched");
}

#[tokio::test]
async fn prewarming_ends_in_time_and_says_nothing() {
    let server = Server::start(None, Peer::hold).await;
    let transport = hasty(&url(&server), None, 50, 50);
    transport.prewarm(false).await;
    transport.prewarm(true).await;
    assert!(!String::from_utf8_lossy(&server.heard()).contains("HEAD"));
}

#[tokio::test]
async fn neither_logs_nor_debug_texts_hold_what_was_sent_or_answered() {
    crate::test_log::start();
    let (server, transport) = pair(|mut peer| async move {
        while peer.request().await {
            peer.answer("200 OK", "", r#"{"answer":"hunter2hunter2"}"#).await;
        }
    })
    .await;
    for fresh in [true, false] {
        let request = WireRequest { path: "/logged", ..request(fresh) };
        let sent = format!("{request:?}");
        let exchange = transport.exchange(request).await;
        let debug = format!("{sent} {exchange:?}");
        assert!(!debug.contains("134512345678901234") && !debug.contains("hunter2"), "{debug}");
    }
    assert!(server.requests()[0].contains("134512345678901234"));
    assert!(
        !crate::test_log::lines_with("127.0.0.1/gate/logged").is_empty()
            || !crate::test_log::lines_with("/logged").is_empty()
    );
    for secret in ["134512345678901234", "hunter2hunter2"] {
        assert_eq!(crate::test_log::lines_with(secret), Vec::<String>::new());
    }
}
