//! The sandbox as a program: prints one JSON line when it is ready, ends when its standard input closes.

use std::io::{Read, Write};
use std::process::ExitCode;

use paywand_sandbox::{Options, Sandbox};
use serde_json::json;

const HELP: &str = "\
Usage: paywand-sandbox [--port N] [--http-port N] [--time-scale N] [--merchants N] [--seed N] [--host HOST]

Five payment gateways with pretend money. Prints one JSON line with its addresses, its certificate authority and its
merchants when it is ready, and ends when its standard input closes.

  --port N        HTTPS port (default 0: any free one)
  --http-port N   plain HTTP and control port (default 0: any free one)
  --time-scale N  divides the gateways' least ages (default 1)
  --merchants N   merchants to begin with (default 1)
  --seed N        makes keys and numbers repeatable
  --host HOST     listens at every address of this machine, which others call HOST, a name or an IPv4 address (default:
                  only this machine reaches the sandbox)
  --help          this text
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("paywand-sandbox: {text}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let Some(options) = read_options(arguments)? else {
        print!("{HELP}");
        return Ok(());
    };
    let time_scale = options.time_scale;
    let sandbox = Sandbox::start(options).map_err(|error| error.to_string())?;
    let ready = json!({
        "https": sandbox.https,
        "http": sandbox.http,
        "ca_file": sandbox.ca_file,
        "control": sandbox.control,
        "time_scale": time_scale,
        "merchants": sandbox.merchants(),
    });
    let mut out = std::io::stdout();
    writeln!(out, "{ready}").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    wait_for_end_of_input()
}

/// None: help is wanted.
fn read_options(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options { merchants: 1, ..Options::default() };
    while let Some(name) = arguments.next() {
        if matches!(name.as_str(), "--help" | "-h") {
            return Ok(None);
        }
        let known = ["--port", "--http-port", "--time-scale", "--merchants", "--seed", "--host"];
        if !known.contains(&name.as_str()) {
            return Err(format!("{name} is not an option; see --help"));
        }
        let value = arguments.next().ok_or_else(|| format!("{name} wants a value"))?;
        match name.as_str() {
            "--host" => options.host = Some(host(value)?),
            "--port" => options.port = number(&name, &value)?,
            "--http-port" => options.http_port = number(&name, &value)?,
            "--time-scale" => options.time_scale = number(&name, &value)?,
            "--merchants" => options.merchants = number(&name, &value)?,
            _ => options.seed = Some(number(&name, &value)?),
        }
    }
    if options.time_scale == 0 {
        return Err("--time-scale wants at least 1".to_owned());
    }
    Ok(Some(options))
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} wants a number, not {value:?}"))
}

/// A name or an IPv4 address, as it stands in a URL.
fn host(value: String) -> Result<String, String> {
    let is_one = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    if is_one { Ok(value) } else { Err(format!("--host wants a name or an IPv4 address, not {value:?}")) }
}

fn wait_for_end_of_input() -> Result<(), String> {
    let mut input = std::io::stdin().lock();
    let mut ignored = [0; 1024];
    loop {
        match input.read(&mut ignored) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.to_string()),
        }
    }
}
