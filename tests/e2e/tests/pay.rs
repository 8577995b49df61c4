//! `pay` as a user runs it: what it prints where, and what its exit codes say.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use paywand::gateway::GatewayKind;
use paywand_e2e::{CHARGING, PATIENCE, Ran, SHOWING, Till, code_text, sale};
use paywand_sandbox::{Customer, Do, Op, Plan, Rule};
use serde_json::{Value, json};

const PAY: &str = env!("CARGO_BIN_EXE_pay");

fn run(till: &Till, arguments: &[&str]) -> Ran {
    till.run(PAY, arguments)
}

/// A sale of 1.00 with what `more` adds.
fn sell(till: &Till, kind: GatewayKind, key: &str, more: &[&str]) -> Ran {
    let sale = sale(kind, key);
    let arguments: Vec<&str> = sale.iter().map(String::as_str).chain(more.iter().copied()).collect();
    run(till, &arguments)
}

/// The charge is carried out, and its answer does `what`.
fn charge_answer(what: Do) -> Plan {
    let rule = Rule { gateway: None, op: Op::Charge, skip: 0, times: 1, what };
    Plan { customer: Some(Customer::Pays), rules: vec![rule], ..Plan::default() }
}

/// A charge that the customer has paid, whose run was ended before its answer came.
fn interrupted(till: &Till, kind: GatewayKind, key: &str) {
    till.plan(charge_answer(Do::Hang { effect: true }));
    let mut command = till.command(PAY);
    command.args(sale(kind, key)).args(["--log", "off"]).stdout(Stdio::null());
    let mut child = command.spawn().expect("it can be started");
    till.wait_gates(1);
    child.kill().expect("it still runs");
    child.wait().expect("it has ended");
    till.open_gates();
}

fn customer(customer: Customer) -> Plan {
    Plan { customer: Some(customer), ..Plan::default() }
}

#[test]
fn help_is_there_for_every_command() {
    let help = |arguments: &[&str]| {
        let output = Command::new(PAY).args(arguments).output().expect("it can be started");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(output.stderr.is_empty());
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let all = help(&["--help"]);
    assert!(all.contains("Exit code: 0 paid or done, 1 proved not paid, 2 in doubt"), "{all}");
    let commands = all.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"charge") && names.contains(&"serve"), "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        assert!(help(&[name, "--help"]).contains("Usage: pay --config <FILE> "), "{name}");
    }
    assert!(help(&["--version"]).starts_with("pay "));
}

#[test]
fn a_charge_that_is_paid_prints_one_object_and_exits_0() {
    for kind in CHARGING {
        let till = Till::closed();
        let more = ["--subject", "茶", "--cashier", "7", "--metadata", "table=12"];
        let ran = sell(&till, kind, "a", &more);
        assert_eq!((ran.code, ran.log.as_str()), (Some(0), ""), "{ran:?}");
        let payment = ran.payment();
        let expected = json!({
            "id": 1, "request_key": "a", "gateway": kind.code(), "kind": "charge", "amount_minor": 100, "amount": "1.00",
            "state": "paid", "final": true, "reason": null, "pay_url": null, "subject": "茶", "cashier": "7",
            "metadata": {"table": "12"},
        });
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(&payment[name], value, "{name}");
        }
        let order = till.ledger().orders.remove(0);
        assert_eq!((order.charges, order.money_minor), (1, 100));
    }
}

#[test]
fn a_qr_prints_a_line_when_it_can_be_shown_and_one_at_the_end() {
    for kind in SHOWING {
        let till = Till::closed();
        let ran = sell(&till, kind, "a", &[]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let states: Vec<&Value> = ran.payments.iter().map(|payment| &payment["state"]).collect();
        assert_eq!(states, ["showing_qr", "paid"]);
        let shown = ran.payments[0]["pay_url"].as_str().expect("something to show");
        assert_eq!(till.ledger().orders[0].qr.as_deref(), Some(shown));
    }
}

#[test]
fn a_charge_that_failed_exits_1() {
    let till = Till::closed();
    till.plan(customer(Customer::Declines { at_once: true }));
    let ran = sell(&till, GatewayKind::BlueoceanV1, "a", &[]);
    assert_eq!((ran.code, &ran.payment()["state"]), (Some(1), &json!("failed")), "{ran:?}");
}

#[test]
fn the_wait_ends_the_call_and_the_payment_stays_in_doubt() {
    let till = Till::closed();
    let mut plan = charge_answer(Do::LostAfter);
    plan.rules.push(Rule { gateway: None, op: Op::Query, skip: 0, times: 0, what: Do::LostAfter });
    till.plan(plan);
    let ran = sell(&till, GatewayKind::BlueoceanV1, "a", &["--wait", "0"]);
    assert_eq!((ran.code, &ran.payment()["final"]), (Some(2), &json!(false)), "{ran:?}");
    let ran = run(&till, &["list", "--in-doubt"]);
    assert_eq!((ran.code, &ran.payment()["id"]), (Some(0), &json!(1)), "{ran:?}");
}

#[test]
fn recover_drives_what_an_earlier_run_left_to_its_end() {
    let till = Till::closed();
    interrupted(&till, GatewayKind::BlueoceanV1, "a");
    let ran = run(&till, &["recover", "--wait", "20s"]);
    assert_eq!((ran.code, &ran.payment()["state"]), (Some(0), &json!("paid")), "{ran:?}");
    // There is nothing left to do.
    let ran = run(&till, &["recover"]);
    assert_eq!((ran.code, ran.payments.len()), (Some(0), 0), "{ran:?}");
    assert!(run(&till, &["list", "--in-doubt"]).payments.is_empty());
}

#[test]
fn a_query_asks_the_gateway_and_waits() {
    let till = Till::closed();
    interrupted(&till, GatewayKind::Bjrcb, "a");
    let ran = run(&till, &["query", "--request-key", "a", "--wait", "20s"]);
    assert_eq!((ran.code, &ran.payment()["state"]), (Some(0), &json!("paid")), "{ran:?}");
}

#[test]
fn a_request_key_is_one_payment() {
    let till = Till::closed();
    let first = sell(&till, GatewayKind::BlueoceanV1, "a", &[]);
    let again = sell(&till, GatewayKind::BlueoceanV1, "a", &[]);
    assert_eq!((first.code, again.code), (Some(0), Some(0)));
    assert_eq!(first.payment(), again.payment());
    assert_eq!(till.count(Op::Charge), 1);
    let other = run(&till, &["qr", "--gateway", "huishouyin", "--amount", "1.00", "--request-key", "a"]);
    assert_eq!((other.code, other.error().0.as_str()), (Some(3), "key_reused"), "{other:?}");
    // Without one, each run is a sale of its own.
    let code = code_text(GatewayKind::BlueoceanV1);
    let ran = run(&till, &["charge", "--gateway", "blueocean_v1", "--amount", "1.00", "--code", &code]);
    assert_eq!((ran.code, &ran.payment()["id"]), (Some(0), &json!(2)), "{ran:?}");
}

#[test]
fn a_code_can_come_from_standard_input() {
    let till = Till::closed();
    let mut command = till.command(PAY);
    command.args(["charge", "--gateway", "blueocean_v1", "--amount", "1.00", "--code", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it can be started");
    let mut stdin = child.stdin.take().expect("it is piped");
    writeln!(stdin, "{}", code_text(GatewayKind::BlueoceanV1)).expect("it reads");
    assert_eq!(child.wait_with_output().expect("it ends").status.code(), Some(0));
}

#[test]
fn payments_are_listed_newest_first_and_shown_with_their_history() {
    let till = Till::closed();
    for (key, kind) in [("a", GatewayKind::BlueoceanV1), ("b", GatewayKind::Bjrcb), ("c", GatewayKind::Huishouyin)] {
        assert_eq!(sell(&till, kind, key, &[]).code, Some(0));
    }
    let keys = |arguments: &[&str]| {
        let ran = run(&till, arguments);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.payments.iter().map(|payment| payment["request_key"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&["list"]), ["c", "b", "a"]);
    assert_eq!(keys(&["list", "--limit", "1", "--before", "3"]), ["b"]);
    assert_eq!(keys(&["list", "--gateway", "bjrcb", "--state", "paid"]), ["b"]);
    assert_eq!(keys(&["list", "--state", "failed"]), [""; 0]);
    let shown = run(&till, &["show", "--request-key", "a"]);
    let history = shown.payment()["history"].as_array().expect("a list").clone();
    assert_eq!(history.first().expect("the intent")["event"]["input"], "begin");
    assert_eq!(history.last().expect("the end")["state"], "paid");
    assert_eq!(run(&till, &["list", "--state", "lost"]).code, Some(3));
}

#[test]
fn what_cannot_be_asked_is_settled_by_hand() {
    let till = Till::closed();
    till.plan(charge_answer(Do::LostAfter));
    let ran = sell(&till, GatewayKind::MaxfunDevice, "a", &[]);
    let payment = ran.payment();
    assert_eq!(
        (ran.code, &payment["state"], &payment["reason"]),
        (Some(2), &json!("needs_attention"), &json!("cannot_ask"))
    );
    let ran = run(&till, &["cancel", "1"]);
    assert_eq!((ran.code, ran.error().0.as_str()), (Some(3), "cannot_cancel"), "{ran:?}");
    assert_eq!(run(&till, &["settle", "1", "--who", "Chen", "--why", "seen in the portal"]).code, Some(3));
    let ran = run(&till, &["settle", "1", "--paid", "--who", "Chen", "--why", "seen in the portal"]);
    assert_eq!((ran.code, &ran.payment()["state"]), (Some(0), &json!("settled_paid")), "{ran:?}");
    assert_eq!(ran.payment()["settled_by"], json!({"paid": true, "who": "Chen", "why": "seen in the portal"}));
    let ran = run(&till, &["settle", "1", "--not-paid", "--who", "Chen", "--why", "again"]);
    assert_eq!((ran.code, ran.error().0.as_str()), (Some(3), "not_in_attention"), "{ran:?}");
}

#[test]
fn a_payment_is_given_back_in_parts_and_never_more_than_came_in() {
    let till = Till::closed();
    sell(&till, GatewayKind::BlueoceanV1, "a", &[]);
    let refund = |more: &[&str]| run(&till, &[&["refund", "--request-key", "a"], more].concat());
    let part = refund(&["--amount", "0.40", "--refund-key", "r1"]);
    assert_eq!((part.code, &part.payment()["kind"]), (Some(0), &"refund".into()), "{part:?}");
    assert_eq!((&part.payment()["state"], &part.payment()["refund_of"]), (&"refunded".into(), &1.into()));
    // The same key is the same refund.
    assert_eq!(refund(&["--amount", "0.40", "--refund-key", "r1"]).payment()["id"], part.payment()["id"]);
    let rest = refund(&[]);
    assert_eq!((rest.code, &rest.payment()["amount"]), (Some(0), &"0.60".into()), "{rest:?}");
    let more = refund(&["--amount", "0.01"]);
    assert_eq!((more.code, more.error().0), (Some(3), "refund_too_large".to_owned()));
    let refunds = run(&till, &["refunds", "1"]);
    assert_eq!(refunds.payments.len(), 2);
    let order = &till.ledger().orders[0];
    assert_eq!((order.refunded_minor(), order.held_minor()), (100, 0));
}

#[test]
fn a_cancelled_charge_is_reversed() {
    let till = Till::closed();
    till.plan(customer(Customer::Never));
    let mut child = till.command(PAY);
    child.args(sale(GatewayKind::BlueoceanV1, "a")).args(["--wait", "20s", "--log", "off"]).stdout(Stdio::null());
    let mut child = child.spawn().expect("it can be started");
    till.wait_calls(1);
    child.kill().expect("it still runs");
    child.wait().expect("it has ended");
    let ran = run(&till, &["cancel", "1", "--wait", "20s"]);
    assert_eq!((ran.code, &ran.payment()["state"]), (Some(1), &json!("reversed")), "{ran:?}");
    assert_eq!(till.ledger().orders[0].money_minor, 0);
}

#[test]
fn bad_input_exits_3_and_says_why() {
    let till = Till::closed();
    let charge = |gateway: &str, amount: &str, code: &str| {
        let ran = run(&till, &["charge", "--gateway", gateway, "--amount", amount, "--code", code]);
        assert!(ran.payments.is_empty(), "{ran:?}");
        (ran.code, ran.error().0)
    };
    let refused = |code: &str| (Some(3), code.to_owned());
    for amount in ["1.005", "-1", "0", "0.00", "abc", "", "1e3", "99999999999999999999"] {
        assert_eq!(charge("blueocean_v1", amount, "134512345678901234"), refused("invalid_amount"), "{amount:?}");
    }
    assert_eq!(charge("nowhere", "1.00", "134512345678901234"), refused("unknown_gateway"));
    let ran = run(&till, &["qr", "--gateway", "maxfun_device", "--amount", "1.00"]);
    assert_eq!((ran.code, ran.error().0.as_str()), (Some(3), "unsupported_operation"), "{ran:?}");
    for code in ["", "1345-6789", "1345付", &"1".repeat(200)] {
        assert_eq!(charge("blueocean_v1", "1.00", code), refused("invalid_code"), "{code:?}");
    }
    assert!(till.calls().is_empty());

    let ran = run(&till, &["show", "7"]);
    assert_eq!((ran.code, ran.error().0.as_str()), (Some(3), "no_such_payment"));
    let ran = run(&till, &["query", "--request-key", "nobody's"]);
    let (code, message) = ran.error();
    assert_eq!((ran.code, code.as_str()), (Some(3), "invalid_request"));
    assert!(message.starts_with("invalid request_key: no payment has it."), "{message}");
    // What clap refuses.
    for arguments in
        [&["show"][..], &["charge", "--gateway", "x"], &["list", "--limit", "many"], &["refund"], &["chargeback"], &[]]
    {
        let ran = run(&till, arguments);
        assert_eq!(ran.code, Some(3), "{ran:?}");
        assert!(ran.log.contains("--help") || ran.log.contains("Usage:"), "{ran:?}");
    }
}

#[test]
fn a_configuration_that_cannot_be_used_exits_3() {
    let till = Till::closed();
    let path = till.write_config();
    let good = fs::read_to_string(&path).expect("it is there");
    let unknown = good.replacen("\"format\"", "\"colour\":\"red\",\"format\"", 1);
    let keyless = good.replace("\"devices_key\"", "\"device_key\"");
    for (text, field) in [("{", "terminal.json"), (&unknown, "colour"), (&keyless, "keys.devices_key")] {
        fs::write(&path, text).expect("it is written");
        let ran = Ran::of(Command::new(PAY).arg("--config").arg(&path).arg("list"));
        let (code, message) = ran.error();
        assert_eq!((ran.code, code.as_str()), (Some(3), "invalid_config"), "{ran:?}");
        assert!(message.contains(field), "{message}");
    }
    let ran = Ran::of(Command::new(PAY).args(["--config", "/nonexistent/terminal.json", "list"]));
    assert_eq!((ran.code, ran.error().0.as_str()), (Some(3), "invalid_config"), "{ran:?}");
}

#[test]
fn a_database_that_cannot_be_used_exits_4_and_can_be_set_aside() {
    let mut till = Till::closed();
    till.open().expect("the till opens");
    let ran = run(&till, &["list"]);
    assert_eq!((ran.code, ran.error().0.as_str()), (Some(4), "store_in_use"), "{ran:?}");
    till.close();
    assert_eq!(run(&till, &["verify"]).code, Some(0));
    fs::write(till.database(), b"garbage").expect("it is written");
    let ran = run(&till, &["list"]);
    assert_eq!((ran.code, ran.error().0.as_str()), (Some(4), "store_corrupt"), "{ran:?}");
    let ran = run(&till, &["start-anew"]);
    let aside = ran.payment()["set_aside"].as_str().expect("a path").to_owned();
    assert_eq!((ran.code, fs::read(aside).expect("it is kept")), (Some(0), b"garbage".to_vec()));
    assert_eq!(run(&till, &["list"]).code, Some(0));
}

#[test]
fn serve_performs_200_jobs_at_once_and_prints_each_result() {
    let till = Till::closed();
    let job = |n: usize| {
        let kind = GatewayKind::ALL[n % 5];
        let mut job =
            json!({"command": "qr", "gateway": kind.code(), "amount": "1.00", "request_key": format!("k{n}")});
        job["wait"] = format!("{}s", PATIENCE.as_secs()).into();
        if CHARGING.contains(&kind) {
            (job["command"], job["code"]) = ("charge".into(), code_text(kind).into());
        }
        format!("{job}\n")
    };
    let jobs = till.folder().join("jobs.jsonl");
    fs::write(&jobs, (0..200).map(job).collect::<String>()).expect("it is written");
    let ran = run(&till, &["serve", "--jobs", jobs.to_str().expect("UTF-8"), "--parallel", "200"]);
    assert_eq!((ran.code, ran.payments.len()), (Some(0), 200), "{ran:?}");
    let mut lines: Vec<u64> = ran.payments.iter().map(|payment| payment["job"].as_u64().expect("a line")).collect();
    lines.sort_unstable();
    assert_eq!(lines, (1..=200).collect::<Vec<u64>>());
    assert!(ran.payments.iter().all(|payment| payment["state"] == "paid"));
    let totals = till.ledger().totals;
    assert_eq!((totals.orders, totals.paid, totals.charges), (200, 200, 200));
}

#[test]
fn serve_goes_on_after_a_line_that_is_refused() {
    let till = Till::closed();
    let jobs = till.folder().join("jobs.jsonl");
    let lines = [
        json!({"command": "charge", "gateway": "bjrcb", "amount": "1.00", "code": code_text(GatewayKind::Bjrcb)}),
        json!({"command": "charge", "gateway": "bjrcb", "amount": "0.001", "code": "28"}),
        json!({"command": "query"}),
        json!({"command": "refund"}),
    ];
    fs::write(&jobs, lines.map(|line| format!("{line}\n")).concat() + "\nnot JSON\n").expect("it is written");
    let ran = run(&till, &["serve", "--jobs", jobs.to_str().expect("UTF-8")]);
    let mut results = ran.payments.clone();
    results.sort_by_key(|result| result["job"].as_u64());
    let codes: Vec<Option<&str>> = results.iter().map(|result| result["error"].as_str()).collect();
    let refused = Some("invalid_request");
    assert_eq!(codes, [None, Some("invalid_amount"), refused, refused, refused], "{ran:?}");
    assert_eq!((ran.code, &results[0]["state"], &results[4]["job"]), (Some(3), &json!("paid"), &json!(6)));
}
