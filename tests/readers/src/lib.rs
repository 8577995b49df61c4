//! What each reader of text from outside must keep to, whatever it is given.
//!
//! A check takes the bytes of one input and panics where a promise is broken; a quiet return means that it held. libFuzzer
//! calls the checks with inputs of its own (`tests/fuzz`), and `cargo test` with the committed corpora: what was found
//! once stays found.
//!
//! Common to all: no panic, no single allocation above 16 MiB, no more than 64 MiB alive at once ([`allocation`]).

pub mod account;
mod allocation;
mod amount;
mod base_url;
mod certificates;
mod config;
mod form;
mod funnel;
mod http_date;
mod input;
mod mutate;
mod notice;
mod reply;
mod request;
mod scan;
mod sealed;
pub mod seen;
mod stored_flow;
mod stored_row;

pub use self::{mutate::mutate, notice::front as notice_front, reply::front};

/// A check by the name of its target and of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// Every check.
pub const TARGETS: [Target; 17] = [
    ("reply_maxfun", reply::maxfun),
    ("reply_blueocean", reply::blueocean),
    ("reply_bjrcb", reply::bjrcb),
    ("reply_tencent", reply::tencent),
    ("reply_huishouyin", reply::huishouyin),
    ("reply_maxfun_tp", reply::maxfun_tp),
    ("notice", notice::check),
    ("request", request::check),
    ("scan", scan::check),
    ("funnel", funnel::check),
    ("amount", amount::check),
    ("config", config::check),
    ("base_url", base_url::check),
    ("certificates", certificates::check),
    ("http_date", http_date::check),
    ("stored_flow", stored_flow::check),
    ("stored_row", stored_row::check),
];

/// Runs the check `name` on `input`, and looks at what it allocated.
pub fn run(name: &str, input: &[u8]) {
    let (_, check) = TARGETS.iter().find(|(target, _)| *target == name).unwrap_or_else(|| panic!("no target {name}"));
    allocation::bounded(|| check(input));
}

/// As [`run`], for libFuzzer, which does not say what its target has seen.
pub fn fuzz(name: &str, input: &[u8]) {
    run(name, input);
    seen::report();
}
