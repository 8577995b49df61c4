//! Configurations: the example of docs/ with its keys written down, changed here and there, and a small one for each option.

use std::{fs, path::Path};

use super::texts::{ROOT, Seeds};

pub(crate) fn all() -> Seeds {
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
    let routes = r#""routes":[{"wallet":"alipay","gateway":"bjrcb"},{"wallet":"unknown","gateway":"maxfun"}]"#;
    let wallets = r#""wallets":[{"wallet":"wechat","prefixes":["16","17"],"min_chars":18,"max_chars":18},
        {"wallet":"jd","prefixes":["x"]}]"#;
    let default = r#""default_gateway":"tencent""#;
    let mut with = |more: &str| seeds.push(written.replacen('{', &format!("{{{more},"), 1).into_bytes());
    with(&format!("{routes},{wallets},{default}"));
    with(&routes.replace("bjrcb", "nobody"));
    with(&routes.replace("alipay", "paypal"));
    with(&wallets.replace("\"min_chars\":18", "\"min_chars\":19"));
    with(&wallets.replace("\"x\"", ""));
    with(&wallets.replace("18}", "129}"));
    with(&default.replace("tencent", "nobody"));
    with(&default.replace("\"tencent\"", "7"));
    seeds.extend(OF_ONE_GATEWAY.iter().map(|gateway| one_gateway(gateway)));
    let small = r#"{"format":1,"database":"d","gateways":[{"id":"g","kind":"maxfun_device","base_url":"https://x","keys":{"devices_key":"hunter2"}}]}"#;
    seeds.push(small.as_bytes().to_vec());
    seeds
}

/// The smallest configuration of a gateway whose kind and more is `gateway`.
fn one_gateway(gateway: &str) -> Vec<u8> {
    format!(
        r#"{{"format":1,"database":"d","gateways":[{{"id":"g","base_url":"https://x","terminal":"T",{gateway}}}]}}"#
    )
    .into_bytes()
}

/// Every option of every kind, keys with a remote signer, and RSA keys that are none.
const OF_ONE_GATEWAY: [&str; 14] = [
    r#""kind":"maxfun_tp","keys":{"mch_key":"hunter2"},"options":{"code_108":"password"}"#,
    r#""kind":"maxfun_tp","keys":{"mch_key":"hunter2"},"options":{"code_108":"hunter"}"#,
    r#""kind":"blueocean_v1","keys":{"appid":"1","key":"hunter2"},"options":{"mp_appid":"wx1","notify_url":"https://y","refundquery_path":"/wechat/payments/refundquery"}"#,
    r#""kind":"blueocean_v1","remote_keys":true,"keys":{"appid":"1"}"#,
    r#""kind":"blueocean_v1","remote_keys":false,"keys":{"appid":"1"}"#,
    r#""kind":"bjrcb","keys":{"mch_id":"1","key":"hunter2"},"options":{"qr_wallet":"alipay","close_service_alipay":"C","refund_query_service_wechat":"R","refund_query_service_alipay":"R"}"#,
    r#""kind":"bjrcb","keys":{"mch_id":"1","key":"hunter2"},"options":{"qr_wallet":"alipay"}"#,
    r#""kind":"bjrcb","remote_keys":true,"keys":{"mch_id":"1"},"options":{"notify_url":""}"#,
    r#""kind":"tencent_cpay","remote_keys":true,"keys":{"out_mch_id":"1","out_sub_mch_id":"2","out_shop_id":"3","order_prefix":"4"},"options":{"refund_authen":"s","reverse_path":"/cpay/x"}"#,
    r#""kind":"tencent_cpay","keys":{"out_mch_id":"1","out_sub_mch_id":"2","out_shop_id":"3","order_prefix":"4","authen_key":"hunter2","rsa_private_key":"hunter2"},"options":{"refund_authen":"s"}"#,
    r#""kind":"tencent_cpay","keys":{"out_mch_id":"1","out_sub_mch_id":"2","out_shop_id":"3","order_prefix":"4","authen_key":"hunter2"},"options":{"reverse_path":"//x"}"#,
    r#""kind":"huishouyin","remote_keys":true,"keys":{"app_id":"1"},"options":{"sign_type":"RSA","final_encoding":"hex_upper"}"#,
    r#""kind":"huishouyin","keys":{"app_id":"1","app_sercet":"hunter2"},"options":{"sign_type":"RSA"}"#,
    r#""kind":"huishouyin","keys":{"app_id":"1","app_sercet":"hunter2","rsa_private_key":"-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\n"}"#,
];
