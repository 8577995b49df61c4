//! A till's payments from outside: `pay` run as a user runs it, on the till's database and configuration.

use std::{fs, path::PathBuf, process::Command};

use paywand::{GatewayConfig, gateway::GatewayKind};
use serde_json::{Value, json};

use crate::{SHOWING, Till, code_text};

/// How a run of `pay` ended, and what it printed.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output, an object a line.
    pub payments: Vec<Value>,
    /// Standard error.
    pub log: String,
}

impl Ran {
    /// The only object printed.
    pub fn payment(&self) -> &Value {
        assert_eq!(self.payments.len(), 1, "{self:?}");
        &self.payments[0]
    }

    /// The error that it ended with: its code and text.
    pub fn error(&self) -> (String, String) {
        let last = self.log.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(last).unwrap_or_else(|e| panic!("{e}: {self:?}"));
        let text = |name: &str| error[name].as_str().unwrap_or_else(|| panic!("no {name}: {self:?}")).to_owned();
        (text("error"), text("message"))
    }
}

impl Till {
    /// Writes the till's configuration as a `terminal.json`. The keys are its merchant's.
    pub fn write_config(&self) -> PathBuf {
        let account = serde_json::to_value(&self.merchant).expect("a merchant is JSON");
        let gateways: Vec<Value> = self.config.gateways.iter().map(|gateway| gateway_json(gateway, &account)).collect();
        let config = json!({"format": 1, "database": self.config.database, "gateways": gateways});
        let path = self.folder().join("terminal.json");
        fs::write(&path, config.to_string()).expect("the configuration is written");
        path
    }

    /// `pay` at `program` with the till's configuration. The till must be closed.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("--config").arg(self.write_config()).env_remove("PAYWAND_KILL_POINT");
        command
    }

    /// Runs it to its end.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        Ran::of(self.command(program).args(arguments))
    }
}

impl Ran {
    /// Runs `command` to its end.
    pub fn of(command: &mut Command) -> Self {
        let output = loop {
            match command.output() {
                // Another test is just starting a process, which holds a copied program open until it runs.
                Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
                output => break output.expect("it can be started"),
            }
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), payments: json_lines(&text(&output.stdout)), log: text(&output.stderr) }
    }
}

/// The objects of a text that has one a line.
pub fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// The arguments of a sale of 1.00 with a new code, by whichever way the gateway sells.
pub fn sale(kind: GatewayKind, request_key: &str) -> Vec<String> {
    let common = ["--gateway", kind.code(), "--amount", "1.00", "--request-key", request_key];
    let mut arguments = common.map(str::to_owned).to_vec();
    if SHOWING.contains(&kind) {
        arguments.insert(0, "qr".to_owned());
    } else {
        arguments.insert(0, "charge".to_owned());
        arguments.extend(["--code".to_owned(), code_text(kind)]);
    }
    arguments
}

fn gateway_json(gateway: &GatewayConfig, account: &Value) -> Value {
    let timing = &gateway.timing;
    json!({
        "id": gateway.id,
        "kind": gateway.kind.code(),
        "base_url": gateway.base_url,
        "keys": account[gateway.kind.code()],
        "currency": gateway.currency,
        "terminal": gateway.terminal,
        "client_ip": gateway.client_ip,
        "ca_file": gateway.ca_file,
        "allow_http": gateway.allow_http,
        "remote_keys": gateway.remote_keys,
        "options": gateway.options,
        "timing": {
            "connect_ms": timing.connect_ms,
            "read_ms": timing.read_ms,
            "first_query_ms": timing.first_query_ms,
            "interval_ms": timing.interval_ms,
            "deadline_ms": timing.deadline_ms,
            "qr_interval_ms": timing.qr_interval_ms,
            "qr_deadline_ms": timing.qr_deadline_ms,
            "min_reverse_age_ms": timing.min_reverse_age_ms,
            "reverse_retry_ms": timing.reverse_retry_ms,
            "close_retry_ms": timing.close_retry_ms,
            "attention_after_ms": timing.attention_after_ms,
            "landing_horizon_ms": timing.landing_horizon_ms,
            "qr_life_ms": timing.qr_life_ms,
            "watch_ms": timing.watch_ms,
        },
    })
}
