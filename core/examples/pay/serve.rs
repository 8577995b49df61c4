//! Many commands at once, from JSON Lines: a load tool for any test double.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use paywand::{Payment, PaywandError, Terminal};
use serde::Deserialize;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    Exit,
    arguments::{Sale, Which, duration},
    charge, error_json, find, millis, print_line, qr_request,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Job {
    command: Name,
    gateway: Option<String>,
    amount: Option<String>,
    currency: Option<String>,
    code: Option<String>,
    id: Option<i64>,
    request_key: Option<String>,
    wait: Option<String>,
    subject: Option<String>,
    detail: Option<String>,
    cashier: Option<String>,
    store: Option<String>,
    terminal: Option<String>,
    attach: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    /// Each line is a sale of its own unless it says otherwise.
    #[serde(default = "yes")]
    another_sale: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Charge,
    Qr,
    Query,
    Cancel,
}

fn yes() -> bool {
    true
}

/// Runs every line of `jobs`. The worst result decides the exit code; a payment proved not paid is a result like any.
pub(crate) async fn run(terminal: &Arc<Terminal>, jobs: &Path, parallel: usize) -> Result<Exit, PaywandError> {
    let unreadable = |e: std::io::Error| PaywandError::InvalidRequest {
        field: "jobs".to_owned(),
        reason: format!("{}: {e}", jobs.display()),
    };
    let text = match jobs.to_str() {
        Some("-") => std::io::read_to_string(std::io::stdin()).map_err(unreadable)?,
        _ => std::fs::read_to_string(jobs).map_err(unreadable)?,
    };
    let turns = Arc::new(Semaphore::new(parallel.max(1)));
    let mut running = JoinSet::new();
    for (line, text) in (1_usize..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let (terminal, text, turns) = (terminal.clone(), text.to_owned(), turns.clone());
        running.spawn(async move {
            let _turn = turns.acquire().await;
            let result = perform(&terminal, &text).await;
            report(line, &result)
        });
    }
    let mut exit = Exit::Done;
    while let Some(result) = running.join_next().await {
        match result.unwrap_or(Exit::Device) {
            Exit::Done | Exit::NotPaid => {}
            worse => exit = if worse as u8 > exit as u8 { worse } else { exit },
        }
    }
    Ok(exit)
}

async fn perform(terminal: &Arc<Terminal>, line: &str) -> Result<Payment, PaywandError> {
    let job: Job = serde_json::from_str(line)
        .map_err(|e| PaywandError::InvalidRequest { field: "job".to_owned(), reason: e.to_string() })?;
    let refused = |reason: String| PaywandError::InvalidRequest { field: "wait".to_owned(), reason };
    let wait = job.wait.as_deref().map(duration).transpose().map_err(refused)?;
    let which = Which { id: job.id, request_key: job.request_key.clone() };
    let sale = Sale {
        gateway: job.gateway,
        amount: job.amount.unwrap_or_default(),
        currency: job.currency,
        request_key: job.request_key,
        wait,
        subject: job.subject,
        detail: job.detail,
        cashier: job.cashier,
        store: job.store,
        terminal: job.terminal,
        attach: job.attach,
        metadata: job.metadata.into_iter().collect(),
    };
    let limit_ms = |gateway: &str| match wait {
        Some(wait) => Ok(millis(wait)),
        None => terminal.call_limit_ms(gateway.to_owned()),
    };
    match job.command {
        Name::Charge => {
            let code = job.code.unwrap_or_default();
            terminal.charge(charge(terminal, sale, &code, job.another_sale)?).await
        }
        Name::Qr => {
            let payment = terminal.create_qr(qr_request(terminal, sale)?).await?;
            let shown_ms = if wait.is_some() { 0 } else { terminal.qr_deadline_ms(payment.gateway.clone())? };
            terminal.wait(payment.id, limit_ms(&payment.gateway)?.saturating_add(shown_ms)).await
        }
        Name::Query => {
            let payment = terminal.retry(find(terminal, &which)?.id).await?;
            terminal.wait(payment.id, limit_ms(&payment.gateway)?).await
        }
        Name::Cancel => {
            let payment = terminal.cancel(find(terminal, &which)?.id).await?;
            terminal.wait(payment.id, limit_ms(&payment.gateway)?).await
        }
    }
}

/// Prints the result of one line, as a payment or as an error, with the line's number as `job`.
fn report(line: usize, result: &Result<Payment, PaywandError>) -> Exit {
    let (mut json, exit) = match result {
        Ok(payment) => (payment.to_json(), crate::exit_of(payment)),
        Err(error) => (error_json(error), crate::exit_of_error(error)),
    };
    json["job"] = line.into();
    print_line(&json);
    exit
}
