//! Texts of people, tills and files.

use std::{fs, path::Path};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

type Seeds = Vec<Vec<u8>>;

pub(crate) fn all() -> Vec<(&'static str, Seeds)> {
    vec![
        ("request", requests()),
        ("scan", texts(&SCANS)),
        ("amount", texts(&AMOUNTS)),
        ("config", configurations()),
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
    for gateway in 0..5 {
        for op in 0..6 {
            let texts = "1250\n测试 \"商品\"\ndetail\nC7\nS1\nT-1\nattach\\\n4200001\n134512345678901234";
            seeds.push(format!("{gateway}{op}{texts}").into_bytes());
        }
        for op in 0..2 {
            seeds.push(format!("{gateway}{op}0\n\n\n\n\n\n\n\n").into_bytes());
            seeds.push(
                format!("{gateway}{op}1\n \u{7f}\u{1}\n\u{2028}\n\u{1}\n\n\n\n\n281234567890123456").into_bytes(),
            );
        }
    }
    seeds
}

fn configurations() -> Seeds {
    let example = fs::read_to_string(Path::new(ROOT).join("docs/terminal.example.json")).expect("the example is there");
    let mut seeds = vec![example.clone().into_bytes()];
    // With the keys written down, so that it can be checked too.
    let mut written = String::new();
    for (n, part) in example.split("{ \"env\": \"").enumerate() {
        let rest = if n == 0 { part } else { part.split_once("\" }").expect("a name ends").1 };
        if n > 0 {
            written.push_str(&format!("\"hunter2{n}\""));
        }
        written.push_str(rest);
    }
    seeds.push(written.clone().into_bytes());
    for (old, new) in [
        ("\"format\": 1", "\"format\": 2"),
        ("\"read_ms\": 25000", "\"read_ms\": 0"),
        ("\"allow_http\": true", "\"allow_http\": false"),
        ("\"options\": {}", "\"options\": {\"final_encoding\": \"hex_upper\"}, \"ca_file\": \"ca.pem\""),
        ("\"hunter21\"", "{\"file\": \"key.txt\"}"),
        ("\"hunter22\"", "[\"hunter22\"]"),
        ("\"currency\": \"HKD\"", "\"currency\": \"CNY\""),
        ("\"id\": \"bjrcb\"", "\"id\": \"maxfun\""),
        ("192.168.1.20", "::1"),
        ("480", "99999999999"),
    ] {
        seeds.push(written.replacen(old, new, 1).into_bytes());
    }
    let small = r#"{"format":1,"database":"d","gateways":[{"id":"g","kind":"maxfun_device","base_url":"https://x","keys":{"devices_key":"hunter2"}}]}"#;
    seeds.push(small.as_bytes().to_vec());
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

/// Each golden state, under the rules of a gateway that could have it, with some steps.
fn flows() -> Seeds {
    let folder = Path::new(ROOT).join("core/src/flow/testdata/v1");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("golden files").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let walks = ["Ra.f.l.p.a", "R.A.T.A.C.l.p.l", "C.f.q.r.a.H", "8b9l.I", "Na.BfX.G.R.Y.V.W", "m.bDjkhieogdcs"];
    let mut seeds = Vec::new();
    for (n, file) in files.iter().enumerate() {
        let text = fs::read_to_string(file).expect("it is text");
        let rails: &[usize] = if text.contains("\"qr\"") { &[3, 4] } else { &[0, 1, 2, 5] };
        let (rail, walk) = (rails[n % rails.len()], walks[n % walks.len()]);
        seeds.push(format!("{rail}{walk}\n{text}").into_bytes());
    }
    for (rail, walk, kind) in [
        (1, "BfTf.f.f.l.p.n", "charge"),
        (1, "Bj", "charge"),
        (3, "Bhf.f.p.o", "qr"),
        (0, "Ba", "charge"),
        (4, "Bhc.a", "qr"),
    ] {
        let text = files.iter().find(|file| file.ends_with("charging_not_left.json")).expect("it is there");
        let text = fs::read_to_string(text).expect("it is text");
        let text = if kind == "qr" { text.replace("charge", "qr").replace("charging", "creating") } else { text };
        seeds.push(format!("{rail}{walk}\n{text}").into_bytes());
    }
    seeds.push(b"0R\n{\"v\":2,\"state\":{}}".to_vec());
    seeds
}

fn rows() -> Seeds {
    let columns = 37_u8;
    let mut seeds = Vec::new();
    for column in 0..columns {
        let letter = char::from(b'0' + column);
        for value in ["0\npaid", "1\n7", "2\n", "3\n\u{1}"] {
            seeds.push(format!("{letter}{value}").into_bytes());
        }
    }
    for (letter, value) in
        [('B', "{\"a\":\"b\"}"), ('C', "{\"paid\":true,\"who\":\"x\",\"why\":\"y\"}"), ('9', "qr"), (':', "HKD")]
    {
        seeds.push(format!("{letter}0\n{value}").into_bytes());
    }
    seeds
}
