//! Texts of people, tills and files.

use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

pub(crate) type Seeds = Vec<Vec<u8>>;

pub(crate) fn all() -> Vec<(&'static str, Seeds)> {
    vec![
        ("request", requests()),
        ("scan", texts(&SCANS)),
        ("funnel", funnels()),
        ("amount", texts(&AMOUNTS)),
        ("config", super::configurations::all()),
        ("base_url", texts(&URLS)),
        ("certificates", certificates()),
        ("http_date", texts(&DATES)),
        ("stored_flow", flows()),
        ("stored_row", rows()),
    ]
}

fn texts(all: &[&str]) -> Seeds {
    all.iter().map(|text| text.as_bytes().to_vec()).collect()
}

const SCANS: [&str; 12] = [
    "134512345678901234",
    "281234567890123456\r\n",
    "]C1134512345678901234",
    "]Q3 281234567890123456\t",
    "fp0123456789abcdefghijklmnopqrstuvw",
    "6212345678901234567",
    "511234567890123456",
    "0112345678901234567",
    "1234 5678",
    "１３４５",
    "",
    "]C",
];

/// Each scan in an open window, once more at once, in the next window, and when nobody waits.
fn funnels() -> Seeds {
    let long = "1".repeat(129);
    let others = ["j134512345678901234", "weixin://wxpay/bizpayurl", "]C0", long.as_str()];
    let seed = |text: &&str| {
        let text = text.trim_end();
        format!("a\n000{text}\n111{text}\r\na\n212{text}\n043{text}\nd\n050{text}").into_bytes()
    };
    SCANS.iter().chain(&others).map(seed).collect()
}

const AMOUNTS: [&str; 14] = [
    "012.50",
    "00.01",
    "0007.1",
    "11250",
    "212.500",
    "3100",
    "092233720368547758.07",
    "092233720368547758.08",
    "19223372036854775807",
    "0-1",
    "01e2",
    "01.005",
    "0CNY",
    "0.5",
];

const URLS: [&str; 17] = [
    "https://pay.example",
    "https://user@pay.example",
    "https://pay.example:8443/prefix/",
    "http://pay.example",
    "HTTPS://PAY.EXAMPLE/a/../b",
    "https://192.168.1.20",
    "https://[::1]:8443/",
    "https://0x7f.1",
    "https://支付.example",
    "https://xn--bcher-kva.example",
    "https://user:password-of-mine@pay.example",
    "https://pay.example?key=value",
    "https://pay.example#part",
    "https:///pay.example",
    "https:\\\\pay.example",
    "https://pay.example\t/x",
    "ftp://pay.example",
];

const DATES: [&str; 6] = [
    "Thu, 01 Jan 2026 00:00:00 GMT",
    "Thu, 29 Feb 2024 23:59:60 GMT",
    "Sat, 31 Dec 9999 23:59:59 GMT",
    "Thursday, 01-Jan-26 00:00:00 GMT",
    "Thu, 1 Jan 2026 00:00:00 GMT",
    "Thu, 01 Jan 2026 00:00:00 +0800",
];

fn requests() -> Seeds {
    let mut seeds = Vec::new();
    for gateway in 0..6 {
        for op in 0..8 {
            let texts = "测试 \"商品\"\ndetail\nC7\nS1\nT-1\nattach\\\n4200001";
            // As a bar code's, as a QR's from WeChat and from Alipay; all given back, a part, nothing, too much.
            for (which, back) in [(0, ""), (0, "300"), (3, "1250"), (5, "1"), (2, "0"), (4, "1251"), (6, "-1")] {
                seeds.push(format!("{gateway}{op}{which}1250\n{texts}\n{back}\n134512345678901234").into_bytes());
            }
        }
        for op in 0..2 {
            seeds.push(format!("{gateway}{op}00\n\n\n\n\n\n\n\n\n").into_bytes());
            seeds.push(
                format!("{gateway}{op}01\n \u{7f}\u{1}\n\u{2028}\n\u{1}\n\n\n\n\n\n281234567890123456").into_bytes(),
            );
        }
    }
    seeds
}

fn certificates() -> Seeds {
    let made = rcgen::generate_simple_self_signed(vec!["pay.example".to_owned()]).expect("a certificate can be made");
    let (pem, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let seeds = [
        pem.clone(),
        format!("{pem}{pem}"),
        format!("{key}{pem}"),
        key,
        pem.replace("-----END CERTIFICATE", "-----END KEY"),
        pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE"),
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".to_owned(),
        "hello".to_owned(),
    ];
    seeds.map(String::into_bytes).to_vec()
}

/// Each golden state of every version, under the rules of a gateway that could have it, with some steps.
fn flows() -> Seeds {
    let walks = ["Ra.f.l.p.a", "R.A.T.A.C.l.p.l", "C.f.q.r.a.H", "8b9l.I", "Na.BfX.G.R.Y.V.W", "m.bDjkhieogdcs"];
    let refunds =
        ["u.f.y.x.V", "A.l!l.u.8.w.H", "Rl.!j.u", "j.v", "Nu.R.x", "x.R.x", "t.a.C.r.Y!u.9f.v", "X.R.l!A.d.I"];
    let mut seeds = Vec::new();
    for (n, file) in golden().into_iter().enumerate() {
        let text = fs::read_to_string(file).expect("it is text");
        let rails: &[usize] = if text.contains("\"qr\"") { &[1, 2, 3, 4] } else { &[0, 1, 2, 3, 4, 5, 6] };
        let gives_back = ["refunding", "refund_changed"].iter().any(|word| text.contains(word));
        let walks = if gives_back { &refunds[..] } else { &walks[..] };
        let count = if gives_back { walks.len() } else { 1 };
        for n in n..n + count {
            let (rail, walk) = (rails[n % rails.len()], walks[n % walks.len()]);
            seeds.push(format!("{rail}{walk}\n{text}").into_bytes());
        }
    }
    let not_left = golden().into_iter().find(|file| file.ends_with("charging_not_left.json")).expect("it is there");
    let not_left = fs::read_to_string(not_left).expect("it is text");
    for (rail, walk, kind) in [
        (1, "BfTf.f.f.l.p.n", "charge"),
        (1, "Bj", "charge"),
        (3, "Bhf.f.p.o", "qr"),
        (0, "Ba", "charge"),
        (4, "Bhc.a", "qr"),
        (1, "BAl.Bu.f.x", "refund"),
        (5, "Bj", "refund"),
        (0, "Bu.x", "refund"),
    ] {
        let (row, op) = match kind {
            "qr" => ("creating", "create_qr"),
            "refund" => ("refunding", "refund"),
            _ => ("charging", "charge"),
        };
        let text = not_left.replace("charging", row).replace("\"op\":\"charge\"", &format!("\"op\":\"{op}\""));
        let text = text.replace("\"kind\":\"charge\"", &format!("\"kind\":\"{kind}\""));
        seeds.push(format!("{rail}{walk}\n{text}").into_bytes());
    }
    seeds.push(b"0R\n{\"v\":3,\"state\":{}}".to_vec());
    seeds
}

fn golden() -> Vec<PathBuf> {
    let of_version = |version: &str| {
        let folder = Path::new(ROOT).join("core/src/flow/testdata").join(version);
        fs::read_dir(folder).expect("golden files").map(|entry| entry.expect("a file").path())
    };
    let mut files: Vec<_> = ["v1", "v2"].into_iter().flat_map(of_version).collect();
    files.sort();
    files
}

/// Each column of the payment and of its refund, with a value of each type; then values that mean something there.
fn rows() -> Seeds {
    let columns = 41_u8;
    let mut seeds = Vec::new();
    for column in 0..columns {
        let letter = char::from(b'0' + column);
        for row in 0..2 {
            for value in ["0\npaid", "1\n7", "2\n", "3\n\u{1}"] {
                seeds.push(format!("{letter}{row}{value}").into_bytes());
            }
        }
    }
    let original = r#"{"id":1,"order_number":"X","amount":{"minor":1250,"currency":"HKD"},"gateway_order_number":null,"kind":"charge"}"#;
    for (letter, value) in [
        ('B', r#"{"a":"b"}"#),
        ('C', r#"{"paid":true,"who":"x","why":"y"}"#),
        ('9', "qr"),
        ('9', "refund"),
        (':', "HKD"),
        ('0', "refunding"),
        ('0', "refunded"),
        ('<', "refund_unconfirmed"),
        ('V', original),
        ('V', "{}"),
    ] {
        for row in 0..2 {
            seeds.push(format!("{letter}{row}0\n{value}").into_bytes());
        }
    }
    // What is left to give back: nothing, all, more than came in, less than nothing.
    for minor in ["0", "1250", "9223372036854775807", "-1"] {
        seeds.push(format!("W01\n{minor}").into_bytes());
        seeds.push(format!(";11\n{minor}").into_bytes());
    }
    // A refund of itself, of another, of none.
    for id in ["1", "2", "3"] {
        seeds.push(format!("U11\n{id}").into_bytes());
    }
    seeds
}
