//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use paywand::PaymentState;

/// Take wallet payments from the command line.
///
/// Prints one JSON object per payment. Exit code: 0 paid or done, 1 proved not paid, 2 in doubt, 3 bad input or
/// configuration, 4 device or store.
#[derive(Parser)]
#[command(name = "pay", version)]
pub(crate) struct Arguments {
    /// The terminal's configuration (docs/configuration.md).
    #[arg(long)]
    pub(crate) config: PathBuf,
    /// The database, instead of the configured one.
    #[arg(long, global = true)]
    pub(crate) database: Option<PathBuf>,
    /// What goes to standard error: error, warn, info, debug.
    #[arg(long, global = true, default_value = "warn")]
    pub(crate) log: log::LevelFilter,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Charge a customer's payment code.
    Charge {
        #[command(flatten)]
        sale: Sale,
        /// The scanned code.
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
    },
    /// Ask the gateway now.
    Query {
        #[command(flatten)]
        payment: Which,
        /// How long to wait for the end.
        #[arg(long, value_parser = duration)]
        wait: Option<Duration>,
    },
    /// Undo a payment.
    Cancel {
        #[command(flatten)]
        payment: Which,
        /// How long to wait for the end.
        #[arg(long, value_parser = duration)]
        wait: Option<Duration>,
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
        /// Only in this state, for example paid.
        #[arg(long, value_parser = state)]
        state: Option<PaymentState>,
        /// Only of this gateway.
        #[arg(long)]
        gateway: Option<String>,
        /// Only of this business day, YYYY-MM-DD.
        #[arg(long)]
        day: Option<String>,
        /// Only what is in doubt.
        #[arg(long)]
        in_doubt: bool,
        /// Only payments with a lower id: the last id of the page before.
        #[arg(long)]
        before: Option<i64>,
        /// At most this many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show one payment with its history.
    Show {
        #[command(flatten)]
        payment: Which,
    },
    /// Drive what an earlier run left to its end.
    Recover {
        /// How long.
        #[arg(long, value_parser = duration, default_value = "60s")]
        wait: Duration,
    },
    /// Perform many commands at once, from a file of JSON Lines, and print each result.
    ///
    /// A line: {"command": "charge", "gateway": "…", "amount": "1.00", "code": "…", "request_key": "…", "wait": "10s"};
    /// the other commands are qr, query, cancel, with the names of their options.
    Serve {
        /// The file; - reads standard input.
        #[arg(long)]
        jobs: PathBuf,
        /// How many at once.
        #[arg(long, default_value_t = 64)]
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
    #[arg(required_unless_present = "request_key")]
    pub(crate) id: Option<i64>,
    /// Its request key, instead of its id.
    #[arg(long)]
    pub(crate) request_key: Option<String>,
}

/// What is sold.
#[derive(Args, Clone, Default)]
pub(crate) struct Sale {
    /// The configured gateway's id.
    #[arg(long)]
    pub(crate) gateway: String,
    /// Major units, for example 12.50.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) amount: String,
    /// The currency, instead of the gateway's.
    #[arg(long)]
    pub(crate) currency: Option<String>,
    /// The payment's name; the same key again is the same payment. Random if left out.
    #[arg(long)]
    pub(crate) request_key: Option<String>,
    /// How long to wait for the end: 30s, 500ms, 2m; a bare number is seconds.
    #[arg(long, value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// What is sold, in a few words.
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// More about it.
    #[arg(long)]
    pub(crate) detail: Option<String>,
    /// The cashier's id.
    #[arg(long)]
    pub(crate) cashier: Option<String>,
    /// The store's id.
    #[arg(long)]
    pub(crate) store: Option<String>,
    /// The terminal's id, instead of the configured one.
    #[arg(long)]
    pub(crate) terminal: Option<String>,
    /// Text that the gateway echoes.
    #[arg(long)]
    pub(crate) attach: Option<String>,
    /// Data of your own, NAME=VALUE; may be repeated.
    #[arg(long, value_parser = pair)]
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

fn state(text: &str) -> Result<PaymentState, String> {
    let found = PaymentState::ALL.into_iter().find(|state| state.code() == text);
    found.ok_or_else(|| {
        let codes: Vec<&str> = PaymentState::ALL.iter().map(|state| state.code()).collect();
        format!("one of {} is expected", codes.join(", "))
    })
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "NAME=VALUE is expected".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}
