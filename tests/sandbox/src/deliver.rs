//! Turning an answer into bytes and a way to deliver them, well or badly.

use crate::clock::http_date;
use crate::http::{Answer, Delivery};
use crate::plan::Do;

/// A client that reads at most 1 MiB must notice.
const HUGE: usize = 1_200_000;

/// The answer and its delivery under a misbehaviour.
pub(crate) fn deliver(
    misbehaviour: Option<&Do>,
    body: String,
    redirect: impl FnOnce() -> String,
    now_ms: i64,
) -> (Answer, Delivery) {
    let shown_ms = match misbehaviour {
        Some(Do::ClockHeader { offset_ms }) => now_ms.saturating_add(*offset_ms),
        _ => now_ms,
    };
    let whole = json(body, shown_ms);
    let half = whole.body.len() / 2;
    match misbehaviour {
        Some(Do::LostBefore | Do::LostAfter) => (whole, Delivery::CutConnection),
        Some(Do::Http500 | Do::Http500After) => (page(500, "Internal Server Error", now_ms), Delivery::Whole),
        Some(Do::Html | Do::HtmlAfter) => (page(200, "Welcome to the network", now_ms), Delivery::Whole),
        Some(Do::CutJson) => (whole, Delivery::CutBody(half)),
        Some(Do::CutJsonClean) => (Answer { body: whole.body[..half].to_vec(), ..whole }, Delivery::Whole),
        Some(Do::Redirect) => {
            let mut moved = page(307, "Temporary Redirect", now_ms);
            moved.headers.push(("location".to_owned(), redirect()));
            (moved, Delivery::Whole)
        }
        Some(Do::Hang { effect: true }) => (whole, Delivery::Hang),
        Some(Do::Hang { effect: false }) => (whole, Delivery::HangThenCut),
        Some(Do::Empty) => (Answer { body: Vec::new(), ..whole }, Delivery::Whole),
        Some(Do::Huge) => {
            // Blanks after the JSON: the text is still right, and still right when cut off at 1 MiB.
            let mut body = whole.body.clone();
            body.resize(HUGE, b' ');
            (Answer { body, ..whole }, Delivery::Whole)
        }
        Some(Do::Drip { pause_ms }) => (whole, Delivery::Drip { pause_ms: *pause_ms }),
        _ => (whole, Delivery::Whole),
    }
}

/// A JSON answer.
pub(crate) fn json(body: String, now_ms: i64) -> Answer {
    answer(200, "application/json; charset=utf-8", body.into_bytes(), now_ms)
}

/// An HTML page.
pub(crate) fn page(status: u16, title: &str, now_ms: i64) -> Answer {
    let html =
        format!("<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n");
    answer(status, "text/html; charset=utf-8", html.into_bytes(), now_ms)
}

fn answer(status: u16, content_type: &str, body: Vec<u8>, now_ms: i64) -> Answer {
    let headers = vec![("content-type".to_owned(), content_type.to_owned()), ("date".to_owned(), http_date(now_ms))];
    Answer { status, headers, body }
}
