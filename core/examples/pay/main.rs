//! Pay from a laptop, against any base URL, real or sandbox: `cargo run --example pay -- --help`.
//!
//! Standard output is one JSON object per payment; logs and errors go to standard error.

mod arguments;
mod serve;

use std::{io::Write, process::ExitCode, sync::Arc, time::Duration};

use arguments::{Arguments, Command, Sale};
use clap::Parser;
use paywand::{
    Amount, ChargeRequest, Currency, Payment, PaymentCode, PaymentFilter, PaymentKind, PaymentState, PaywandError,
    QrRequest, RefundRequest, Terminal, TerminalConfig, Wallet,
};

/// What the exit code says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Paid, or done.
    Done = 0,
    /// Proved not paid.
    NotPaid = 1,
    /// In doubt.
    InDoubt = 2,
    /// Bad input or configuration.
    Input = 3,
    /// The device or the store.
    Device = 4,
}

/// Each command's payments are asked about this often by `recover`.
const RECOVER_POLL_MS: u64 = 50;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Input } else { Exit::Done };
            // Nothing is left to tell if even that cannot be written.
            let _ = error.print();
            return ExitCode::from(code as u8);
        }
    };
    paywand::start_logging(arguments.log);
    let exit = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|e| PaywandError::StoreUnavailable { reason: e.to_string() })
        .and_then(|runtime| runtime.block_on(run(arguments)));
    let exit = exit.unwrap_or_else(|error| {
        eprintln!("{}", error_json(&error));
        exit_of_error(&error)
    });
    ExitCode::from(exit as u8)
}

async fn run(arguments: Arguments) -> Result<Exit, PaywandError> {
    let mut config = TerminalConfig::from_file(&arguments.config)?;
    if let Some(database) = arguments.database {
        config.database = database.to_string_lossy().into_owned();
    }
    if let Command::StartAnew = arguments.command {
        let aside = paywand::start_anew(config.database)?;
        print_line(&serde_json::json!({"set_aside": aside.path, "unfinished": aside.unfinished}));
        return Ok(Exit::Done);
    }
    if let Command::Verify = arguments.command {
        paywand::verify_store(config.database)?;
        print_line(&serde_json::json!({"verified": true}));
        return Ok(Exit::Done);
    }
    let terminal = Terminal::open(config)?;
    let exit = perform(&terminal, arguments.command).await;
    terminal.shutdown();
    exit
}

async fn perform(terminal: &Arc<Terminal>, command: Command) -> Result<Exit, PaywandError> {
    match command {
        Command::Charge { sale, code, another_sale } => {
            let payment = terminal.charge(charge(terminal, sale, &scanned(code)?, another_sale)?).await?;
            print(&payment);
            Ok(exit_of(&payment))
        }
        Command::Qr { sale, wallet } => qr(terminal, sale, wallet).await,
        Command::Refund { payment, amount, refund_key, reason, cashier, another_refund, wait } => {
            let payment = find(terminal, &payment)?;
            let amount = amount.map(|amount| Amount::from_major(&amount, payment.amount.currency)).transpose()?;
            let request = RefundRequest {
                request_key: refund_key.unwrap_or_else(new_key),
                payment_id: payment.id,
                amount,
                reason: reason.unwrap_or_default(),
                cashier,
                metadata: Default::default(),
                another_refund,
                limit_ms: Some(millis(wait)),
            };
            let refund = terminal.refund(request).await?;
            print(&refund);
            Ok(exit_of(&refund))
        }
        Command::Refunds { payment } => {
            let id = find(terminal, &payment)?.id;
            terminal.refunds(id)?.iter().for_each(print);
            Ok(Exit::Done)
        }
        Command::Query { payment, wait } => {
            let payment = terminal.retry(find(terminal, &payment)?.id).await?;
            settled(terminal, payment, wait).await
        }
        Command::Cancel { payment, wait } => {
            let payment = terminal.cancel(find(terminal, &payment)?.id).await?;
            settled(terminal, payment, wait).await
        }
        Command::Settle { payment, paid, not_paid: _, who, why } => {
            let id = find(terminal, &payment)?.id;
            print(&terminal.settle_by_hand(id, paid, who, why).await?);
            Ok(Exit::Done)
        }
        Command::Acknowledge { payment } => {
            print(&terminal.acknowledge(find(terminal, &payment)?.id).await?);
            Ok(Exit::Done)
        }
        Command::List { kind, state, gateway, day, in_doubt, before, limit } => {
            let filter = PaymentFilter { kind, state, gateway, business_day: day };
            let payments = if in_doubt { terminal.in_doubt()? } else { terminal.payments(filter, before, limit)? };
            payments.iter().for_each(print);
            Ok(Exit::Done)
        }
        Command::Show { payment } => {
            let payment = find(terminal, &payment)?;
            let mut json = payment.to_json();
            json["history"] = terminal
                .history(payment.id)?
                .iter()
                .map(|entry| {
                    let event: serde_json::Value = serde_json::from_str(&entry.event).unwrap_or_default();
                    serde_json::json!({"seq": entry.seq, "at_ms": entry.at_ms, "state": entry.state, "event": event})
                })
                .collect();
            print_line(&json);
            Ok(Exit::Done)
        }
        Command::Recover { wait } => recover(terminal, wait).await,
        Command::Serve { jobs, parallel } => serve::run(terminal, &jobs, parallel).await,
        Command::StartAnew | Command::Verify => Ok(Exit::Done),
    }
}

async fn qr(terminal: &Terminal, sale: Sale, wallet: Option<Wallet>) -> Result<Exit, PaywandError> {
    let wait = sale.wait;
    let request = QrRequest { wallet, ..qr_request(terminal, sale)? };
    let shown = terminal.create_qr(request).await?;
    // As long as it is shown, and as its close takes.
    let closes = terminal.call_limit_ms(shown.gateway.clone())?;
    let whole_flow = terminal.qr_deadline_ms(shown.gateway.clone())?.saturating_add(closes);
    let whole_flow = Duration::from_millis(u64::try_from(whole_flow).unwrap_or(0));
    print(&shown);
    if is_settled(&shown) {
        return Ok(exit_of(&shown));
    }
    settled(terminal, shown, wait.unwrap_or(whole_flow)).await
}

/// Waits for the end, prints it.
async fn settled(terminal: &Terminal, payment: Payment, wait: Duration) -> Result<Exit, PaywandError> {
    let payment = terminal.wait(payment.id, millis(wait)).await?;
    print(&payment);
    Ok(exit_of(&payment))
}

/// As the library counts time.
fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Lets recovery drive what the last run left, until it is through or `wait` is over.
async fn recover(terminal: &Terminal, wait: Duration) -> Result<Exit, PaywandError> {
    let left = terminal.unfinished()?;
    let polls = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX) / RECOVER_POLL_MS;
    let mut poll = tokio::time::interval(Duration::from_millis(RECOVER_POLL_MS));
    for _ in 0..polls.max(1) {
        poll.tick().await;
        let busy = |payment: &Payment| !is_settled(payment) || payment.follow_up == paywand::FollowUp::Cleaning;
        if !terminal.unfinished()?.iter().any(busy) {
            break;
        }
    }
    let mut exit = Exit::Done;
    for payment in left {
        let payment = terminal.payment(payment.id)?;
        print(&payment);
        if payment.in_doubt() {
            exit = Exit::InDoubt;
        }
    }
    Ok(exit)
}

fn charge(terminal: &Terminal, sale: Sale, code: &str, another_sale: bool) -> Result<ChargeRequest, PaywandError> {
    Ok(ChargeRequest {
        amount: amount(terminal, &sale)?,
        code: Arc::new(PaymentCode::from_scan(code)?),
        request_key: sale.request_key.unwrap_or_else(new_key),
        gateway: sale.gateway,
        subject: sale.subject.unwrap_or_default(),
        detail: sale.detail,
        cashier: sale.cashier,
        store: sale.store,
        terminal: sale.terminal,
        attach: sale.attach,
        metadata: sale.metadata.into_iter().collect(),
        another_sale,
        limit_ms: sale.wait.map(millis),
    })
}

fn qr_request(terminal: &Terminal, sale: Sale) -> Result<QrRequest, PaywandError> {
    Ok(QrRequest {
        amount: amount(terminal, &sale)?,
        request_key: sale.request_key.unwrap_or_else(new_key),
        gateway: sale.gateway,
        wallet: None,
        subject: sale.subject.unwrap_or_default(),
        detail: sale.detail,
        cashier: sale.cashier,
        store: sale.store,
        terminal: sale.terminal,
        attach: sale.attach,
        metadata: sale.metadata.into_iter().collect(),
        limit_ms: None,
    })
}

/// Major units in the named currency, or in the gateway's.
fn amount(terminal: &Terminal, sale: &Sale) -> Result<Amount, PaywandError> {
    let currency: Currency = match (&sale.currency, &sale.gateway) {
        (Some(currency), _) => currency.parse()?,
        (None, Some(gateway)) => terminal.currency(gateway.clone())?,
        (None, None) => {
            let (field, reason) = ("currency".to_owned(), "name it, or a gateway".to_owned());
            return Err(PaywandError::InvalidRequest { field, reason });
        }
    };
    Amount::from_major(&sale.amount, currency)
}

fn find(terminal: &Terminal, payment: &arguments::Which) -> Result<Payment, PaywandError> {
    let refused = |field: &str, reason: &str| {
        let (field, reason) = (field.to_owned(), reason.to_owned());
        Err(PaywandError::InvalidRequest { field, reason })
    };
    match (&payment.request_key, payment.id) {
        (Some(key), None) => match terminal.find(key.clone())? {
            Some(payment) => Ok(payment),
            None => refused("request_key", "no payment has it"),
        },
        (None, Some(id)) => terminal.payment(id),
        _ => refused("id", "either an id or a request_key is expected"),
    }
}

/// The code as it was given, or, for `-`, the first line of standard input: arguments can be seen by everyone here.
fn scanned(code: String) -> Result<String, PaywandError> {
    if code != "-" {
        return Ok(code);
    }
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    read.map_err(|e| PaywandError::InvalidCode { reason: format!("standard input: {e}") })?;
    Ok(line)
}

fn new_key() -> String {
    let mut bytes = [0_u8; 12];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("pay-{digits}")
}

fn is_settled(payment: &Payment) -> bool {
    payment.is_final || payment.state == PaymentState::NeedsAttention
}

fn print(payment: &Payment) {
    print_line(&payment.to_json());
}

/// One line, even where many are printed at once.
fn print_line(json: &serde_json::Value) {
    let mut line = json.to_string();
    line.push('\n');
    // A reader that went away cannot be told so.
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
}

fn exit_of(payment: &Payment) -> Exit {
    match payment.state {
        PaymentState::Paid | PaymentState::SettledPaid => Exit::Done,
        PaymentState::Refunded if payment.kind == PaymentKind::Refund => Exit::Done,
        state if state.is_final() => Exit::NotPaid,
        _ => Exit::InDoubt,
    }
}

fn exit_of_error(error: &PaywandError) -> Exit {
    match error.code() {
        "store_in_use" | "store_newer" | "store_corrupt" | "store_unavailable" | "shut_down" => Exit::Device,
        "looks_like_repeat" | "code_in_doubt" => Exit::InDoubt,
        _ => Exit::Input,
    }
}

fn error_json(error: &PaywandError) -> serde_json::Value {
    serde_json::json!({"error": error.code(), "message": error.to_string()})
}
