//! HTTPS that knows what was sent for certain, what was not, and what may have been.
//!
//! [`Exchange::NotSent`] proves that no byte of the request left. That proof stands on what [`Transport::new`] sets:
//! HTTP/1.1 only, no retry, no redirect, no proxy. With any of them otherwise, an error of connecting may hide a
//! request that was written before.

mod date;
mod failure;
#[cfg(test)]
pub(crate) mod hostile;
#[cfg(test)]
mod tests;
mod tls;

use std::{
    net::SocketAddr,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use reqwest::{Client, Response, header};
use url::Url;

pub(crate) use date::parse as http_date;
pub(crate) use failure::NotSent;
pub(crate) use tls::check_certificates;

use crate::{
    error::PaywandError,
    gateway::{Timing, WireRequest, WireResponse},
};

/// The longest body that is read.
const MAX_BODY: usize = 1024 * 1024;

/// How long an idle connection is kept: shorter than servers and NAT tables keep theirs.
const IDLE: Duration = Duration::from_secs(20);

/// Where a gateway is, and how long to wait for it.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// `https://host[:port][/prefix]`; http only where the configuration allows it.
    pub(crate) base_url: Url,
    /// PEM certificates trusted beside the public roots.
    pub(crate) ca_pem: Option<Vec<u8>>,
    /// Name, TCP and TLS together, in milliseconds.
    pub(crate) connect_ms: i64,
    /// An exchange ends `connect_ms + read_ms` after it began, at the latest.
    pub(crate) read_ms: i64,
    /// Where the host's name leads; empty: the system's resolver knows.
    pub(crate) addresses: Vec<SocketAddr>,
    /// The device's clock, in UTC milliseconds.
    pub(crate) wall_ms: fn() -> i64,
}

impl Endpoint {
    /// As the device sees it: its own resolver, its own clock.
    pub(crate) fn new(base_url: Url, ca_pem: Option<Vec<u8>>, timing: &Timing) -> Self {
        let Timing { connect_ms, read_ms, .. } = *timing;
        Self { base_url, ca_pem, connect_ms, read_ms, addresses: Vec::new(), wall_ms }
    }
}

/// The connections to one gateway. Lives in the tokio runtime that calls it.
pub(crate) struct Transport {
    base_url: Url,
    limit: Duration,
    /// Opens a connection for each exchange and closes it after.
    fresh: Client,
    /// Keeps an idle connection for the next exchange.
    kept: Client,
    wall_ms: fn() -> i64,
}

/// How an exchange ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// A whole answer, of whatever status.
    Answer {
        /// The answer.
        response: WireResponse,
        /// The gateway's clock: its Date header, UTC milliseconds.
        date_ms: Option<i64>,
    },
    /// No byte of the request left this device.
    NotSent(NotSent),
    /// The request may have been sent, and there is no whole answer: `timeout`, `lost` (no readable head), `cut`
    /// (the body broke off) or `too_large` (over 1 MiB).
    NoAnswer(&'static str),
}

impl Transport {
    /// Prepares both clients; connects nowhere.
    pub(crate) fn new(endpoint: &Endpoint) -> Result<Self, PaywandError> {
        let tls = tls::client_config(endpoint.ca_pem.as_deref()).map_err(|e| PaywandError::config("ca_file", e))?;
        let connect = millis(endpoint.connect_ms);
        let builder = || {
            let builder = Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .https_only(endpoint.base_url.scheme() == "https")
                .http1_only()
                .retry(reqwest::retry::never())
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .referer(false)
                .user_agent(concat!("paywand/", env!("CARGO_PKG_VERSION")))
                // The only limit inside the client. A total or a read limit would run while connecting too, and its
                // error would hide that nothing was sent; `exchange` sets the total from outside.
                .connect_timeout(connect);
            match endpoint.base_url.host_str() {
                Some(host) if !endpoint.addresses.is_empty() => builder.resolve_to_addrs(host, &endpoint.addresses),
                _ => builder,
            }
        };
        let built = |e: reqwest::Error| PaywandError::config("base_url", e.to_string());
        Ok(Self {
            base_url: endpoint.base_url.clone(),
            limit: connect + millis(endpoint.read_ms),
            fresh: builder().pool_max_idle_per_host(0).build().map_err(built)?,
            kept: builder().pool_max_idle_per_host(1).pool_idle_timeout(IDLE).build().map_err(built)?,
            wall_ms: endpoint.wall_ms,
        })
    }

    /// Sends `request` once, and waits for its answer for `connect_ms + read_ms` in all.
    pub(crate) async fn exchange(&self, request: WireRequest) -> Exchange {
        let (path, begun) = (request.path, Instant::now());
        // Dropping the send closes its connection: a late answer reaches no one.
        let sent = tokio::time::timeout(self.limit, self.send(request)).await;
        let exchange = sent.unwrap_or(Exchange::NoAnswer("timeout"));
        let (host, ms) = (self.base_url.host_str().unwrap_or_default(), begun.elapsed().as_millis());
        match &exchange {
            Exchange::Answer { response, .. } => log::debug!("{host}{path}: {response:?} after {ms} ms"),
            Exchange::NotSent(why) => log::debug!("{host}{path}: not sent ({}) after {ms} ms", why.code()),
            Exchange::NoAnswer(why) => log::debug!("{host}{path}: no answer ({why}) after {ms} ms"),
        }
        exchange
    }

    /// Gets ready for the next exchange while the cashier keys the amount: a HEAD, since no connection opens without
    /// a request.
    ///
    /// The connection is kept for the next exchange that may reuse one. With `fresh_only` it is closed, and only
    /// the name and the TLS session are remembered. Fails in silence: the exchange itself will tell.
    pub(crate) async fn prewarm(&self, fresh_only: bool) {
        let client = if fresh_only { &self.fresh } else { &self.kept };
        let head = client.head(self.base_url.clone()).send();
        let _ = tokio::time::timeout(self.limit, head).await;
    }

    async fn send(&self, request: WireRequest) -> Exchange {
        let client = if request.fresh { &self.fresh } else { &self.kept };
        let sending = client
            .post(self.url(request.path))
            .header(header::CONTENT_TYPE, "application/json")
            .body(request.body.to_vec())
            .send();
        let answer = match sending.await {
            Ok(answer) => answer,
            Err(error) => {
                return NotSent::proved_by(&error, (self.wall_ms)())
                    .map_or(Exchange::NoAnswer("lost"), Exchange::NotSent);
            }
        };
        let status = answer.status().as_u16();
        let date = answer.headers().get(header::DATE).and_then(|date| date.to_str().ok());
        let date_ms = date.and_then(date::parse);
        match read_body(answer).await {
            Ok(body) => {
                let verified_tls = self.base_url.scheme() == "https";
                let response = WireResponse { status, body, fresh: request.fresh, verified_tls };
                Exchange::Answer { response, date_ms }
            }
            Err(why) => Exchange::NoAnswer(why),
        }
    }

    /// The base URL with `path` put behind its prefix.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        url.set_path(&format!("{}{path}", self.base_url.path().trim_end_matches('/')));
        url
    }
}

/// The whole body. Over plain http a cut body without a length passes for whole: only its reader can tell.
async fn read_body(mut answer: Response) -> Result<Vec<u8>, &'static str> {
    let fits = |length: u64| usize::try_from(length).is_ok_and(|length| length <= MAX_BODY);
    if !answer.content_length().is_none_or(fits) {
        return Err("too_large");
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| "cut")? {
        if chunk.len() > MAX_BODY - body.len() {
            return Err("too_large");
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn millis(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
