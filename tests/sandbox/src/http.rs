//! What goes in and out of the world: a request, an answer, and how the answer is to be delivered.

/// One request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest {
    /// The method, in capitals.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The Content-Type header, if there was one.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    /// Which connection it came over.
    pub connection: u64,
    /// Its place on that connection; the first is 1.
    pub place_on_connection: u64,
    /// Whether the connection was TLS.
    pub tls: bool,
}

impl HttpRequest {
    /// A JSON POST over a connection of its own, as a test sends it.
    pub fn post(path: &str, body: impl Into<Vec<u8>>) -> HttpRequest {
        HttpRequest {
            method: "POST".to_owned(),
            path: path.to_owned(),
            content_type: Some("application/json".to_owned()),
            body: body.into(),
            connection: 1,
            place_on_connection: 1,
            tls: true,
        }
    }
}

/// The answer itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, without Content-Length.
    pub headers: Vec<(String, String)>,
    /// The whole body, even where only part of it is delivered.
    pub body: Vec<u8>,
}

/// How an answer reaches the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// All of it.
    Whole,
    /// The connection is closed without a byte.
    CutConnection,
    /// Head and announced length as for the whole body, then this many bytes of it, then the connection is closed.
    CutBody(usize),
    /// Nothing until the merchant's gates are opened, then all of it.
    Hang,
    /// Nothing until the merchant's gates are opened, then the connection is closed without a byte.
    HangThenCut,
    /// Byte by byte, with this pause after each.
    Drip {
        /// Milliseconds between two bytes.
        pause_ms: u64,
    },
}

/// What the world makes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The answer.
    pub answer: Answer,
    /// How to deliver it.
    pub delivery: Delivery,
    /// The merchant whose account the request named, if there is one.
    pub merchant: Option<String>,
}
