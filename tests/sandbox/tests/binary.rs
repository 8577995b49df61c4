//! The program: ready line, help, and its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
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
fn it_is_known_by_the_host_it_is_given() {
    let mut child = program()
        .args(["--host", "127.0.0.2", "--merchants", "0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let https = ready["https"].as_str().unwrap().strip_prefix("https://").unwrap();
    assert!(https.starts_with("127.0.0.2:"));
    assert!(ready["control"].as_str().unwrap().starts_with("http://127.0.0.2:"));

    let mut roots = rustls::RootCertStore::empty();
    let ca = std::fs::read(ready["ca_file"].as_str().unwrap()).unwrap();
    roots.add(CertificateDer::from_pem_slice(&ca).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tls = rustls::ClientConnection::new(Arc::new(config), "127.0.0.2".try_into().unwrap()).unwrap();
    let mut tcp = TcpStream::connect(https).unwrap();
    let mut stream = rustls::Stream::new(&mut tls, &mut tcp);
    stream.write_all(b"GET /_ledger HTTP/1.1\r\nHost: till\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 "), "{answer}");

    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn it_explains_itself_and_refuses_what_it_does_not_know() {
    let help = program().arg("--help").output().unwrap();
    assert!(help.status.success());
    assert!(String::from_utf8(help.stdout).unwrap().contains("--time-scale"));
    for wrong in
        [vec!["--prot", "0"], vec!["--port"], vec!["--port", "x"], vec!["--time-scale", "0"], vec!["--host", "a b"]]
    {
        let output = program().args(wrong).output().unwrap();
        assert!(!output.status.success());
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}
