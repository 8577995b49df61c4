//! The program: ready line, help, and its end.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_paywand-sandbox"))
}

#[test]
fn it_prints_one_ready_line_and_ends_with_its_input() {
    let mut child = program()
        .args(["--port", "0", "--time-scale", "50", "--merchants", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert!(ready["https"].as_str().unwrap().starts_with("https://localhost:"));
    assert!(ready["http"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(ready["control"], ready["http"]);
    assert_eq!(ready["time_scale"], 50);
    assert_eq!(ready["merchants"].as_array().unwrap().len(), 2);
    assert_eq!(ready["merchants"][0]["tencent_cpay"]["authen_key"].as_str().unwrap().len(), 32);
    let ca = std::fs::read_to_string(ready["ca_file"].as_str().unwrap()).unwrap();
    assert!(ca.starts_with("-----BEGIN CERTIFICATE-----"));

    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(lines.next().is_none());
    assert!(!std::path::Path::new(ready["ca_file"].as_str().unwrap()).exists());
}

#[test]
fn it_explains_itself_and_refuses_what_it_does_not_know() {
    let help = program().arg("--help").output().unwrap();
    assert!(help.status.success());
    assert!(String::from_utf8(help.stdout).unwrap().contains("--time-scale"));
    for wrong in [vec!["--prot", "0"], vec!["--port"], vec!["--port", "x"], vec!["--time-scale", "0"]] {
        let output = program().args(wrong).output().unwrap();
        assert!(!output.status.success());
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}
