//! The table: what another side may do in each phase of an exchange, what the transport makes of it, and what the till
//! then says of the payment. `docs/hostile-network.md` is written from it.

use super::{
    other_side::{
        Certificate::{Expired, Good, NotYetValid, SelfSigned, Stranger, WrongHost},
        OtherSide::{self, LeadsTo, Mute, NoName, NotListening, Offers, Tcp, Tls},
        Step::{Again, Drip, Finish, Forever, Hear, Hold, Redirect, Repeat, Request, Send, Stall},
    },
    row::{Ends, Phase, Row, in_doubt, not_sent, old_clock},
};
use crate::{payment::Reason, transport::NotSent};

const LOST: Ends = Ends::NoAnswer("lost");
const CUT: Ends = Ends::NoAnswer("cut");
const TIMEOUT: Ends = Ends::NoAnswer("timeout");
const TOO_LARGE: Ends = Ends::NoAnswer("too_large");

/// An answer that proves nothing, on a connection that goes on.
const EMPTY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const ANSWERS: OtherSide = Tls(Good, &[Request, Send(EMPTY), Again]);
const ANSWER: Ends = Ends::Answer(200, b"{}");

/// A ServerHello of TLS 1.1 (RFC 4346, 7.4.1.3): record version 3.2, handshake type 2 of 38 bytes, server version 3.2,
/// 32 random bytes, no session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
const TLS_1_1_HELLO: &[u8] = b"\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02\
    0123456789abcdef0123456789abcdef\x00\x00\x2f\x00";

/// `{}`, packed.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\xae\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00";
/// Two hundred headers.
const HEADERS: &[u8] = const { &[*b"x: y\r\n"; 200] }.as_flattened();

/// A chunk of 4 KiB.
const CHUNK: &[u8] = &{
    let mut chunk = [b' '; 4_104];
    [chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5]] = *b"1000\r\n";
    [chunk[4_102], chunk[4_103]] = *b"\r\n";
    chunk
};

const PAGE: &[u8] = b"<html>Welcome to the hotel</html>";

pub(super) const ROWS: &[Row] = &[
    // Connecting.
    not_sent(Phase::Connecting, "its name has no address", NoName, NotSent::Name),
    not_sent(Phase::Connecting, "nobody listens on its port", NotListening, NotSent::Connect),
    not_sent(Phase::Connecting, "its queue is full and no connection is accepted", Mute, NotSent::ConnectTimeout),
    not_sent(
        Phase::Connecting,
        "its name leads to two addresses, and both refuse",
        LeadsTo(&[NotListening, NotListening]),
        NotSent::Connect,
    ),
    in_doubt(
        Phase::Connecting,
        "its name leads to an address that refuses, then to a live one",
        LeadsTo(&[NotListening, ANSWERS]),
        ANSWER,
    ),
    in_doubt(
        Phase::Connecting,
        "its name leads to an address that never accepts, then to a live one",
        LeadsTo(&[Mute, ANSWERS]),
        ANSWER,
    ),
    in_doubt(
        Phase::Connecting,
        "its name leads to a live address, then to one that refuses",
        LeadsTo(&[ANSWERS, NotListening]),
        ANSWER,
    ),
    not_sent(
        Phase::Connecting,
        "its name leads to an address that accepts and says nothing, then to a live one",
        LeadsTo(&[Tcp(&[Hold]), ANSWERS]),
        NotSent::ConnectTimeout,
    ),
    // The handshake.
    not_sent(Phase::Handshake, "accepts and reads nothing", Tcp(&[Stall]), NotSent::ConnectTimeout),
    not_sent(
        Phase::Handshake,
        "hangs in the middle of its hello",
        Tcp(&[Hear, Send(b"\x16\x03\x03\x00\x5a\x02\x00"), Hold]),
        NotSent::ConnectTimeout,
    ),
    not_sent(
        Phase::Handshake,
        "sends a handshake without end, a byte at a time",
        Tcp(&[Hear, Send(b"\x16\x03\x03\x40\x00\x02"), Drip(b"\0")]),
        NotSent::ConnectTimeout,
    ),
    not_sent(Phase::Handshake, "closes after the client's hello", Tcp(&[Hear, Finish]), NotSent::Tls),
    not_sent(
        Phase::Handshake,
        "answers the hello with a fatal alert",
        Tcp(&[Hear, Send(b"\x15\x03\x03\x00\x02\x02\x28"), Hold]),
        NotSent::Tls,
    ),
    not_sent(Phase::Handshake, "answers the hello in TLS 1.1", Tcp(&[Hear, Send(TLS_1_1_HELLO), Hold]), NotSent::Tls),
    not_sent(Phase::Handshake, "speaks plain HTTP on the TLS port", Tcp(&[Send(EMPTY), Hold]), NotSent::Tls),
    not_sent(Phase::Handshake, "greets as an SSH server", Tcp(&[Send(b"SSH-2.0-OpenSSH_9.2\r\n"), Hold]), NotSent::Tls),
    not_sent(Phase::Handshake, "has a certificate for another host", Tls(WrongHost, &[Hold]), NotSent::Tls),
    not_sent(Phase::Handshake, "has a certificate that has expired", Tls(Expired, &[Hold]), NotSent::Tls),
    not_sent(Phase::Handshake, "has a certificate that is not valid yet", Tls(NotYetValid, &[Hold]), NotSent::Tls),
    not_sent(Phase::Handshake, "has a certificate that it signed itself", Tls(SelfSigned, &[Hold]), NotSent::Tls),
    not_sent(
        Phase::Handshake,
        "has a certificate of an authority that nobody trusts",
        Tls(Stranger, &[Hold]),
        NotSent::Tls,
    ),
    old_clock("has a certificate that has expired", Tls(Expired, &[Hold]), NotSent::DeviceClock, Reason::DeviceClock),
    old_clock(
        "has a certificate that is not valid yet",
        Tls(NotYetValid, &[Hold]),
        NotSent::DeviceClock,
        Reason::DeviceClock,
    ),
    old_clock("has a certificate for another host", Tls(WrongHost, &[Hold]), NotSent::Tls, Reason::NotSent),
    // The request.
    in_doubt(Phase::Request, "never reads the request", Tls(Good, &[Stall]), TIMEOUT),
    in_doubt(Phase::Request, "closes without reading the request", Tls(Good, &[]), LOST),
    in_doubt(Phase::Request, "reads the request and cuts", Tls(Good, &[Request]), LOST),
    in_doubt(
        Phase::Request,
        "reads the request and ends the connection as TLS wants it",
        Tls(Good, &[Request, Finish]),
        LOST,
    ),
    in_doubt(
        Phase::Request,
        "speaks nothing but HTTP/2",
        // An empty SETTINGS frame (RFC 9113, 3.4), which a server sends first.
        Offers(&["h2"], &[Send(b"\0\0\0\x04\0\0\0\0\0"), Hold]),
        LOST,
    ),
    // The head of the answer.
    in_doubt(Phase::Head, "never answers", Tls(Good, &[Request, Hold]), TIMEOUT),
    in_doubt(
        Phase::Head,
        "hangs in the middle of the head",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\nconte"), Hold]),
        TIMEOUT,
    ),
    in_doubt(
        Phase::Head,
        "sends a head without end, a byte at a time",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\nx: "), Drip(b"x")]),
        TIMEOUT,
    ),
    in_doubt(
        Phase::Head,
        "answers `100 Continue` and no more",
        Tls(Good, &[Request, Send(b"HTTP/1.1 100 Continue\r\n\r\n"), Hold]),
        TIMEOUT,
    ),
    in_doubt(
        Phase::Head,
        "answers as an SSH server",
        Tls(Good, &[Request, Send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), Hold]),
        LOST,
    ),
    in_doubt(
        Phase::Head,
        "answers with a status of four digits",
        Tls(Good, &[Request, Send(b"HTTP/1.1 2000 OK\r\n\r\n"), Hold]),
        LOST,
    ),
    in_doubt(Phase::Head, "cuts in the middle of the head", Tls(Good, &[Request, Send(b"HTTP/1.1 200")]), LOST),
    in_doubt(
        Phase::Head,
        "sends 10 000 headers",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\n"), Repeat(b"x: y\r\n", 10_000), Send(b"\r\n{}"), Hold]),
        LOST,
    ),
    in_doubt(
        Phase::Head,
        "sends one header of 1 MiB",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\nx: "), Repeat(&[b'x'; 1_024], 1_024), Send(b"\r\n\r\n"), Hold]),
        LOST,
    ),
    in_doubt(
        Phase::Head,
        "sends headers without end",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\n"), Forever(HEADERS)]),
        LOST,
    ),
    in_doubt(
        Phase::Head,
        "announces two lengths that differ",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"), Hold]),
        LOST,
    ),
    // The body of the answer.
    in_doubt(
        Phase::Body,
        "hangs after the head",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"), Hold]),
        TIMEOUT,
    ),
    in_doubt(
        Phase::Body,
        "hangs in the middle of the body",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"), Hold]),
        TIMEOUT,
    ),
    in_doubt(
        Phase::Body,
        "sends a body without end, a byte at a time",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\n\r\n{"), Drip(b" ")]),
        TIMEOUT,
    ),
    in_doubt(
        Phase::Body,
        "cuts before the announced length",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}")]),
        CUT,
    ),
    in_doubt(
        Phase::Body,
        "cuts in the middle of a chunk",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}")]),
        CUT,
    ),
    in_doubt(
        Phase::Body,
        "cuts before the last chunk",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n")]),
        CUT,
    ),
    in_doubt(
        Phase::Body,
        "sends a chunk whose size is no number",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxx\r\n{}\r\n"), Hold]),
        CUT,
    ),
    in_doubt(
        Phase::Body,
        "announces no length and cuts, without TLS's own end",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\n\r\n{}")]),
        CUT,
    ),
    in_doubt(
        Phase::Body,
        "sends a body without end",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\n\r\n"), Forever(&[b' '; 65_536])]),
        TOO_LARGE,
    ),
    in_doubt(
        Phase::Body,
        "sends chunks without end",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"), Forever(CHUNK)]),
        TOO_LARGE,
    ),
    in_doubt(
        Phase::Body,
        "announces a body of a terabyte",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n{}"), Hold]),
        TOO_LARGE,
    ),
    // Whole answers.
    in_doubt(
        Phase::Answered,
        "offers HTTP/2 beside HTTP/1.1 (none is chosen), and answers `{}`",
        Offers(&["h2", "http/1.1"], &[Request, Send(EMPTY), Again]),
        ANSWER,
    ),
    in_doubt(
        Phase::Answered,
        "answers under one header of 300 KB",
        Tls(
            Good,
            &[
                Request,
                Send(b"HTTP/1.1 200 OK\r\nx: "),
                Repeat(&[b'x'; 1_000], 300),
                Send(b"\r\ncontent-length: 2\r\n\r\n{}"),
                Again,
            ],
        ),
        ANSWER,
    ),
    in_doubt(
        Phase::Answered,
        "answers in gzip, which is handed over as it came",
        Tls(
            Good,
            &[
                Request,
                Send(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 22\r\n\r\n"),
                Send(GZIP),
                Again,
            ],
        ),
        Ends::Answer(200, GZIP),
    ),
    in_doubt(
        Phase::Answered,
        "answers with a page, as a hotel's network does",
        Tls(Good, &[Request, Send(b"HTTP/1.1 200 OK\r\ncontent-length: 33\r\n\r\n"), Send(PAGE), Again]),
        Ends::Answer(200, PAGE),
    ),
    in_doubt(
        Phase::Answered,
        "answers 500",
        Tls(Good, &[Request, Send(b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n"), Again]),
        Ends::Answer(500, b""),
    ),
    in_doubt(
        Phase::Answered,
        "answers `101 Switching Protocols`, which nobody asked for",
        Tls(Good, &[Request, Send(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n{}"), Hold]),
        Ends::Answer(101, b""),
    ),
    in_doubt(
        Phase::Answered,
        "answers 301, to a path that charges again",
        Tls(Good, &[Request, Redirect(301), Again]),
        Ends::Answer(301, b""),
    ),
    in_doubt(
        Phase::Answered,
        "answers 302, to a path that charges again",
        Tls(Good, &[Request, Redirect(302), Again]),
        Ends::Answer(302, b""),
    ),
    in_doubt(
        Phase::Answered,
        "answers 303, to a path that charges again",
        Tls(Good, &[Request, Redirect(303), Again]),
        Ends::Answer(303, b""),
    ),
    in_doubt(
        Phase::Answered,
        "answers 307, to a path that charges again",
        Tls(Good, &[Request, Redirect(307), Again]),
        Ends::Answer(307, b""),
    ),
    in_doubt(
        Phase::Answered,
        "answers 308, to a path that charges again",
        Tls(Good, &[Request, Redirect(308), Again]),
        Ends::Answer(308, b""),
    ),
    in_doubt(
        Phase::Answered,
        "answers twice, and keeps the connection",
        Tls(Good, &[Request, Send(EMPTY), Send(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsurplus"), Again]),
        ANSWER,
    ),
    in_doubt(
        Phase::Answered,
        "answers, and ends the connection without saying so",
        Tls(Good, &[Request, Send(EMPTY), Finish]),
        ANSWER,
    ),
];
