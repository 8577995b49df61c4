//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use paywand::{LogLevel, PaymentKind, PaymentState, Wallet};

const EVERYWHERE: &str = "With every command";

const AFTER_HELP: &str = "\
Exit code: 0 paid or done, 1 proved not paid, 2 in doubt, 3 bad input or configuration, 4 device or store.

Examples:
  pay --config terminal.json charge --gateway blueocean --amount 12.50 --code 134512345678901234
  pay --config terminal.json qr --gateway tencent --amount 1.00 --wait 60s
  pay --config terminal.json refund 7 --amount 2.50
  pay --config terminal.json list --in-doubt
  pay --config terminal.json recover";

/// Take wallet payments from the command line.
///
/// Prints one JSON object per payment, a line each; logs and errors go to standard error (docs/pay.md).
#[derive(Parser)]
#[command(name = "pay", version, after_help = AFTER_HELP, subcommand_help_heading = "Commands")]
pub(crate) struct Arguments {
    /// The terminal's configuration (docs/configuration.md).
    #[arg(long, value_name = "FILE", help_heading = EVERYWHERE, display_order = 100)]
    pub(crate) config: PathBuf,
    /// The database, instead of the configured one.
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE, display_order = 101)]
    pub(crate) database: Option<PathBuf>,
    /// What goes to standard error: off, error, warn, info, debug.
    #[arg(long, global = true, value_name = "LEVEL", default_value = "warn", help_heading = EVERYWHERE)]
    #[arg(value_parser = level, display_order = 102)]
    pub(crate) log: LogLevel,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Charge a customer's payment code.
    Charge {
        #[command(flatten)]
        sale: Sale,
        /// The scanned code; - reads it from standard input.
        #[arg(long)]
        code: String,
        /// It is another sale, although one with this gateway and amount is still in doubt.
        #[arg(long)]
        another_sale: bool,
    },
    /// Make a QR for the customer to scan: prints one line when it can be shown, one at the end.
    Qr {
        #[command(flatten)]
        sale: Sale,
        /// The wallet that is to scan it, for example alipay, where the gateway makes a QR for one wallet.
        #[arg(long, value_parser = wallet, value_name = "WALLET")]
        wallet: Option<Wallet>,
    },
    /// Give a payment back, all that is left of it or a part, and wait for the end.
    Refund {
        #[command(flatten)]
        payment: Which,
        /// Major units, for example 2.50; all that is left if left out.
        #[arg(long)]
        amount: Option<String>,
        /// The refund's own name; the same key again is the same refund. Random if left out.
        #[arg(long, value_name = "KEY")]
        refund_key: Option<String>,
        /// Why, in a few words.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// The cashier's id.
        #[arg(long, value_name = "ID")]
        cashier: Option<String>,
        /// It is another refund, although one of this payment and amount is still in doubt.
        #[arg(long)]
        another_refund: bool,
        /// How long to wait for the end: 30s, 500ms, 2m; a bare number is seconds.
        #[arg(long, value_name = "TIME", value_parser = duration, default_value = "60s")]
        wait: Duration,
    },
    /// List the refunds of a payment.
    Refunds {
        #[command(flatten)]
        payment: Which,
    },
    /// Ask the gateway now, and wait for the end. A refund that needs attention as never_seen is sent by it.
    Query {
        #[command(flatten)]
        payment: Which,
        /// How long to wait for the end: 30s, 500ms, 2m; a bare number is seconds.
        #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s")]
        wait: Duration,
    },
    /// Undo a payment, and wait for the end. What cannot be undone is refused, and stays as it is.
    Cancel {
        #[command(flatten)]
        payment: Which,
        /// How long to wait for the end: 30s, 500ms, 2m; a bare number is seconds.
        #[arg(long, value_name = "TIME", value_parser = duration, default_value = "60s")]
        wait: Duration,
    },
    /// Say by hand how a payment ended that needs attention.
    Settle {
        #[command(flatten)]
        payment: Which,
        /// It was paid.
        #[arg(long, conflicts_with = "not_paid", required_unless_present = "not_paid")]
        paid: bool,
        /// It was not paid.
        #[arg(long)]
        not_paid: bool,
        /// Who says so.
        #[arg(long)]
        who: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// Take a payment that was paid although it was cancelled off the list of what is in doubt.
    Acknowledge {
        #[command(flatten)]
        payment: Which,
    },
    /// List payments, newest first.
    List {
        /// Only charges, QRs or refunds: charge, qr, refund.
        #[arg(long, value_parser = kind, value_name = "KIND")]
        kind: Option<PaymentKind>,
        /// Only in this state, for example paid.
        #[arg(long, value_parser = state, value_name = "STATE")]
        state: Option<PaymentState>,
        /// Only of this gateway.
        #[arg(long, value_name = "ID")]
        gateway: Option<String>,
        /// Only of this business day, YYYY-MM-DD.
        #[arg(long, value_name = "DAY")]
        day: Option<String>,
        /// Only what is in doubt.
        #[arg(long)]
        in_doubt: bool,
        /// Only payments with a lower id: the last id of the page before.
        #[arg(long, value_name = "ID")]
        before: Option<i64>,
        /// At most this many, and never more than 500.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: i32,
    },
    /// Show one payment with its history.
    Show {
        #[command(flatten)]
        payment: Which,
    },
    /// Drive what earlier runs left to its end, and print each payment of theirs.
    Recover {
        /// How long to wait for the ends: 30s, 500ms, 2m; a bare number is seconds.
        #[arg(long, value_name = "TIME", value_parser = duration, default_value = "60s")]
        wait: Duration,
    },
    /// Perform many commands at once, from a file of JSON Lines, and print each result.
    ///
    /// A line: {"command": "charge", "gateway": "blueocean", "amount": "1.00", "code": "1345…", "request_key": "a", "wait": "10s"}.
    /// The other commands are qr, query and cancel, with their options' names; query and cancel name an "id" or a
    /// "request_key". Each result has its line's number as "job". Exit code: 4 if the store failed, else 3 if a line was
    /// refused, else 2 if a payment is in doubt, else 0.
    Serve {
        /// The file; - reads standard input.
        #[arg(long, value_name = "FILE")]
        jobs: PathBuf,
        /// How many at once.
        #[arg(long, value_name = "N", default_value_t = 64)]
        parallel: usize,
    },
    /// Set a database that cannot be opened aside, and begin a new one. Deletes nothing.
    StartAnew,
    /// Check every row of the database and its hash chain. No other command may run on it meanwhile.
    Verify,
}

/// Which payment.
#[derive(Args)]
pub(crate) struct Which {
    /// Its id.
    #[arg(required_unless_present = "request_key", conflicts_with = "request_key")]
    pub(crate) id: Option<i64>,
    /// Its request key, instead of its id.
    #[arg(long, value_name = "KEY")]
    pub(crate) request_key: Option<String>,
}

/// What is sold.
#[derive(Args, Clone, Default)]
pub(crate) struct Sale {
    /// The configured gateway's id; the customer's wallet decides if left out.
    #[arg(long, value_name = "ID")]
    pub(crate) gateway: Option<String>,
    /// Major units, for example 12.50.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) amount: String,
    /// The currency, instead of the gateway's; needed where no gateway is named.
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
    /// The payment's name; the same key again is the same payment. Random if left out.
    #[arg(long, value_name = "KEY")]
    pub(crate) request_key: Option<String>,
    /// How long to wait for the end: 30s, 500ms, 2m; a bare number is seconds. By default as long as the gateway takes.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// What is sold, in a few words.
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: Option<String>,
    /// More about it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) detail: Option<String>,
    /// The cashier's id.
    #[arg(long, value_name = "ID")]
    pub(crate) cashier: Option<String>,
    /// The store's id.
    #[arg(long, value_name = "ID")]
    pub(crate) store: Option<String>,
    /// The terminal's id, instead of the configured one.
    #[arg(long, value_name = "ID")]
    pub(crate) terminal: Option<String>,
    /// Text that the gateway echoes.
    #[arg(long, value_name = "TEXT")]
    pub(crate) attach: Option<String>,
    /// Data of your own; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) metadata: Vec<(String, String)>,
}

/// `30s`, `500ms`, `2m`; a bare number is seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "a number such as 30s, 500ms or 2m is expected".to_owned())?;
    let ms = match unit {
        "ms" => Some(number),
        "" | "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        _ => return Err(format!("unit {unit} is none of ms, s, m")),
    };
    ms.map(Duration::from_millis).ok_or_else(|| "too long".to_owned())
}

fn level(text: &str) -> Result<LogLevel, String> {
    Ok(match text {
        "off" => LogLevel::Off,
        "error" => LogLevel::Error,
        "warn" => LogLevel::Warn,
        "info" => LogLevel::Info,
        "debug" => LogLevel::Debug,
        _ => return Err("one of off, error, warn, info, debug is expected".to_owned()),
    })
}

fn state(text: &str) -> Result<PaymentState, String> {
    let found = PaymentState::ALL.into_iter().find(|state| state.code() == text);
    found.ok_or_else(|| {
        let codes: Vec<&str> = PaymentState::ALL.iter().map(|state| state.code()).collect();
        format!("one of {} is expected", codes.join(", "))
    })
}

fn kind(text: &str) -> Result<PaymentKind, String> {
    let kinds = [PaymentKind::Charge, PaymentKind::Qr, PaymentKind::Refund];
    let found = kinds.into_iter().find(|kind| kind.code() == text);
    found.ok_or_else(|| "charge, qr or refund is expected".to_owned())
}

fn wallet(text: &str) -> Result<Wallet, String> {
    let found = Wallet::ALL.into_iter().find(|wallet| wallet.code() == text);
    found.ok_or_else(|| format!("one of {} is expected", Wallet::ALL.map(Wallet::code).join(", ")))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "NAME=VALUE is expected".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}
