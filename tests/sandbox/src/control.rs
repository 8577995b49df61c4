//! The router: control calls under `/_`, everything else goes to the world.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Extension, RawQuery, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, http::HeaderName};
use serde_json::{Value, json};

use crate::gates::lock;
use crate::http::{Delivery, Exchange, HttpRequest};
use crate::listen::{Cut, Origin, Pieces};
use crate::plan::Plan;
use crate::server::{Shared, now_ms};

/// A body above this is not read.
const MOST_BYTES: usize = 1 << 20;
/// A wait without a limit of its own ends after this.
const WAIT_MS: u64 = 10_000;

type Reply = Result<Value, String>;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/_control/address", get(address))
        .route("/_control/merchants", get(merchants).post(new_merchant))
        .route("/_control/plan", post(plan))
        .route("/_control/clear", post(clear))
        .route("/_control/pay", post(pay))
        .route("/_control/refund", post(refund))
        .route("/_control/notification", post(notification))
        .route("/_control/open_gates", post(open_gates))
        .route("/_control/gates", get(gates))
        .route("/_control/calls_wait", get(calls_wait))
        .route("/_ledger", get(ledger))
        .route("/_calls", get(calls))
        .fallback(exchange)
        .with_state(shared)
}

/// What a till needs that knows nothing but this address.
async fn address(State(shared): State<Arc<Shared>>) -> Response {
    reply(Ok(json!({"https": shared.https, "ca_pem": shared.ca_pem})))
}

async fn merchants(State(shared): State<Arc<Shared>>) -> Response {
    reply(to_json(lock(&shared.world).merchants()))
}

async fn new_merchant(State(shared): State<Arc<Shared>>) -> Response {
    reply(to_json(&lock(&shared.world).new_merchant()))
}

async fn plan(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    reply(parse(&body).and_then(|value| {
        let plan = Plan::from_json(&value)?;
        lock(&shared.world).plan(text(&value, "merchant")?, plan)?;
        Ok(json!({}))
    }))
}

async fn clear(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    reply(parse(&body).and_then(|value| {
        lock(&shared.world).plan(text(&value, "merchant")?, Plan::new())?;
        Ok(json!({}))
    }))
}

async fn pay(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    reply(parse(&body).and_then(|value| {
        lock(&shared.world).pay(text(&value, "merchant")?, text(&value, "order_number")?, now_ms())?;
        Ok(json!({}))
    }))
}

async fn refund(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    reply(parse(&body).and_then(|value| {
        let amount = value.get("amount_minor").and_then(Value::as_i64).ok_or("amount_minor is missing")?;
        let (merchant, number) = (text(&value, "merchant")?, text(&value, "order_number")?);
        lock(&shared.world).refund(merchant, number, amount, now_ms())?;
        Ok(json!({}))
    }))
}

async fn notification(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    reply(parse(&body).and_then(|mut value| {
        let (merchant, number) = (text(&value, "merchant")?.to_owned(), text(&value, "order_number")?.to_owned());
        // What is left says which one.
        if let Some(object) = value.as_object_mut() {
            object.retain(|name, _| name != "merchant" && name != "order_number");
        }
        let wanted = serde_json::from_value(value).map_err(|error| error.to_string())?;
        to_json(&lock(&shared.world).notification_of(&merchant, &number, wanted, now_ms())?)
    }))
}

async fn open_gates(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    reply(parse(&body).and_then(|value| Ok(json!({"opened": shared.gates.open(text(&value, "merchant")?)}))))
}

async fn gates(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = Query(query.unwrap_or_default());
    let Ok(merchant) = query.merchant() else { return reply(query.merchant().map(Value::from)) };
    let reached = match query.number("wait_for") {
        Some(count) => {
            shared.gates.news.wait_async(query.limit(), || shared.gates.held(merchant) as u64 >= count).await
        }
        None => true,
    };
    reply(Ok(json!({"held": shared.gates.held(merchant), "reached": reached})))
}

async fn calls_wait(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = Query(query.unwrap_or_default());
    let Ok(merchant) = query.merchant() else { return reply(query.merchant().map(Value::from)) };
    let count = || lock(&shared.world).calls(merchant).map_or(0, <[_]>::len);
    let wanted = query.number("count").unwrap_or(1);
    let reached = shared.gates.news.wait_async(query.limit(), || count() as u64 >= wanted).await;
    reply(Ok(json!({"count": count(), "reached": reached})))
}

async fn ledger(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = Query(query.unwrap_or_default());
    reply(query.merchant().and_then(|merchant| to_json(&lock(&shared.world).ledger(merchant)?)))
}

/// Without a merchant: the calls that named none.
async fn calls(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = Query(query.unwrap_or_default());
    let world = lock(&shared.world);
    reply(match query.merchant() {
        Ok(merchant) => world.calls(merchant).and_then(to_json),
        Err(_) => to_json(world.strays()),
    })
}

/// A request to a gateway.
async fn exchange(
    State(shared): State<Arc<Shared>>,
    Extension(origin): Extension<Origin>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let request = HttpRequest {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        content_type: content_type.map(str::to_owned),
        body: body.into(),
        connection: origin.connection,
        place_on_connection: origin.place,
        tls: origin.tls,
    };
    let exchange = lock(&shared.world).exchange(&request, now_ms());
    shared.gates.news.publish();
    deliver(&shared, exchange).await
}

async fn deliver(shared: &Shared, exchange: Exchange) -> Response {
    let Exchange { answer, delivery, merchant } = exchange;
    if matches!(delivery, Delivery::Hang | Delivery::HangThenCut) {
        shared.gates.hold(merchant.as_deref().unwrap_or_default()).await;
    }
    let length = answer.body.len();
    let body = match delivery {
        Delivery::Whole | Delivery::Hang => Body::from(answer.body),
        Delivery::CutBody(after) => Body::new(Pieces::cut(&answer.body, after)),
        Delivery::Drip { pause_ms } => Body::new(Pieces::drip(answer.body, Duration::from_millis(pause_ms))),
        Delivery::CutConnection | Delivery::HangThenCut => return Extension(Cut).into_response(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// The part of a URL after the question mark; merchant ids and numbers need no decoding.
struct Query(String);

impl Query {
    fn find(&self, name: &str) -> Option<&str> {
        self.0.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    fn merchant(&self) -> Result<&str, String> {
        self.find("merchant").ok_or_else(|| "the query names no merchant".to_owned())
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.find(name)?.parse().ok()
    }

    fn limit(&self) -> Duration {
        Duration::from_millis(self.number("timeout_ms").unwrap_or(WAIT_MS))
    }
}

fn parse(body: &[u8]) -> Reply {
    serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, String> {
    value.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} is missing"))
}

fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Reply {
    serde_json::to_value(value).map_err(|error| error.to_string())
}

fn reply(result: Reply) -> Response {
    let (status, value) = match result {
        Ok(value) => (StatusCode::OK, value),
        Err(text) => (StatusCode::BAD_REQUEST, json!({"error": text})),
    };
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
