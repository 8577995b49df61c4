//! Promise 7: keys and payment codes appear in no log, database, error, panic, export or Debug text.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use paywand::{
    ChargeRequest, Language, PaymentCode, PaymentFilter, PaymentState, Secret, error_text, gateway::GatewayKind,
};
use paywand_e2e::{CHARGING, Till, wait_for};
use paywand_sandbox::{Customer, Do, Op, Plan, Rule};

static LOG: LazyLock<Mutex<Vec<String>>> = LazyLock::new(|| {
    log::set_boxed_logger(Box::new(Keep)).expect("no other logger");
    log::set_max_level(log::LevelFilter::Trace);
    Mutex::default()
});

/// Keeps every line of this process, other libraries' too: an app's own logger might.
struct Keep;

impl log::Log for Keep {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        lines().push(format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

fn lines() -> MutexGuard<'static, Vec<String>> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What must not be found, and where it was looked for.
struct Search {
    secrets: Vec<(&'static str, Vec<String>)>,
    places: usize,
}

impl Search {
    fn of(till: &Till) -> Self {
        let merchant = &till.merchant;
        let keys = [
            ("maxfun's key", &merchant.maxfun_device.devices_key),
            ("BlueOcean's key", &merchant.blueocean_v1.key),
            ("BJRCB's key", &merchant.bjrcb.key),
            ("Tencent's key", &merchant.tencent_cpay.authen_key),
            ("huishouyin's key", &merchant.huishouyin.app_sercet),
        ];
        let keys = keys.map(|(name, key)| (name, &key[..key.len() - 4]));
        let codes = STEMS.map(|stem| ("a payment code", stem));
        let secrets = keys.into_iter().chain(codes).map(|(name, part)| (name, forms(part)));
        Self { secrets: secrets.collect(), places: 0 }
    }

    fn bytes(&mut self, place: &str, bytes: &[u8]) {
        // As text, the quicker search.
        self.text(place, &String::from_utf8_lossy(bytes));
    }

    fn text(&mut self, place: &str, text: &str) {
        self.places += 1;
        for (name, forms) in &self.secrets {
            assert!(!forms.iter().any(|form| text.contains(form)), "{name} stands in {place}");
        }
    }
}

/// Part of a secret as it might be written: as it is, in capitals, wide.
fn forms(part: &str) -> Vec<String> {
    let wide = part.chars().flat_map(|letter| [letter, '\0']).collect();
    vec![part.to_owned(), part.to_ascii_uppercase(), wide]
}

/// How every code of these scenarios begins, at BJRCB and elsewhere; no other text holds it.
const STEMS: [&str; 2] = ["28770531864", "13770531864"];

/// A code as the customer shows it.
fn code(kind: GatewayKind, number: i64) -> Arc<PaymentCode> {
    let stem = STEMS[usize::from(kind != GatewayKind::Bjrcb)];
    Arc::new(PaymentCode::from_scan(&format!("{stem}{number:07}")).expect("a code"))
}

#[test]
fn after_good_and_bad_payments_no_key_and_no_code_is_found_anywhere() {
    LazyLock::force(&LOG);
    let mut till = Till::with(|config| {
        for gateway in &mut config.gateways {
            gateway.timing.attention_after_ms = Some(300);
            gateway.timing.landing_horizon_ms = Some(200);
        }
    });
    let mut texts: Vec<(String, String)> = Vec::new();

    // A battery: good, refused, lost, garbled, lied to, reversed.
    let amounts = [
        500, 900_101, 900_103, 900_104, 900_201, 900_202, 900_204, 900_206, 900_207, 900_208, 900_209, 900_212,
        900_213, 900_214, 900_301, 900_302, 900_303, 900_304, 900_306, 900_307, 900_309, 900_310,
    ];
    let mut ids = Vec::new();
    for (number, kind) in (1..).zip(CHARGING) {
        for minor in amounts {
            let request = ChargeRequest { code: code(kind, number * 1_000_000 + minor), ..till.charge_of(kind, minor) };
            texts.push(("a request's Debug".to_owned(), format!("{request:?}")));
            ids.push(till.begin(request).id);
        }
    }
    for kind in [GatewayKind::TencentCpay, GatewayKind::Huishouyin] {
        ids.push(till.qr(kind).id);
    }
    for id in &ids {
        till.settled(*id);
    }

    // Errors, with the code or key at hand.
    let kind = GatewayKind::BlueoceanV1;
    till.plan(Plan::new().customer(Customer::Never).rule(Rule::new(Op::Query, Do::Busy { effect: true }).times(0)));
    let request = ChargeRequest { code: code(kind, 77), ..till.charge_of(kind, 77) };
    let in_doubt = till.begin(request.clone());
    till.reaches(in_doubt.id, PaymentState::Querying);
    let mut errors = Vec::new();
    let other_key = ChargeRequest { request_key: "another".to_owned(), ..request.clone() };
    errors.push(till.try_charge(other_key).expect_err("the code is in doubt"));
    let mut other_amount = request.clone();
    other_amount.amount.minor = 78;
    errors.push(till.try_charge(other_amount).expect_err("the key is another payment's"));
    let repeat = ChargeRequest { another_sale: false, code: code(kind, 78), ..request.clone() };
    errors.push(till.try_charge(ChargeRequest { request_key: "repeat".to_owned(), ..repeat }).expect_err("a repeat"));
    let long = PaymentCode::from_scan(&STEMS[0].repeat(3)).expect("long enough for some");
    let long = ChargeRequest { code: Arc::new(long), ..till.charge_of(GatewayKind::Bjrcb, 5) };
    errors.push(till.try_charge(long).expect_err("BJRCB takes 32 characters"));
    for tail in [" 1", "-1", "\u{ff10}"] {
        errors.push(PaymentCode::from_scan(&format!("{}{tail}", STEMS[1])).expect_err("no code"));
    }
    let nobody = till.terminal().settle_by_hand(in_doubt.id, true, String::new(), "seen".to_owned());
    errors.push(wait_for(nobody).expect_err("by nobody"));
    // Keys in places where they do not belong.
    let mut wrong = till.config.clone();
    let devices_key = till.merchant.maxfun_device.devices_key.clone();
    wrong.database = till.folder().join("other.db").to_string_lossy().into_owned();
    let gateway = Till::gateway(&mut wrong, GatewayKind::MaxfunDevice);
    gateway.keys.insert("unknown".to_owned(), Arc::new(Secret::from_text(&devices_key)));
    errors.push(paywand::Terminal::open(wrong.clone()).map(drop).expect_err("an unknown key"));
    let gateway = Till::gateway(&mut wrong, GatewayKind::MaxfunDevice);
    gateway.keys = [("devices_key".to_owned(), Arc::new(Secret::from_text(devices_key.repeat(9))))].into();
    errors.push(paywand::Terminal::open(wrong.clone()).map(drop).expect_err("an overlong key"));
    texts.push(("a configuration's Debug".to_owned(), format!("{wrong:?} {:?}", till.config)));

    let mut search = Search::of(&till);
    for error in errors {
        search.text("an error", &format!("{error} {error:?} {}", error_text(error.clone(), Language::Zh)));
    }
    for (place, text) in texts {
        search.text(&place, &text);
    }
    ids.push(in_doubt.id);
    let payments = till.terminal().payments(PaymentFilter::default(), None, 500).expect("readable");
    assert_eq!(payments.len(), ids.len());
    for payment in payments {
        search.text("a payment", &format!("{payment:?} {}", payment.to_json()));
        let history = till.terminal().history(payment.id).expect("readable");
        search.text("a history", &format!("{history:?}"));
    }
    for name in till.merchant_secrets() {
        search.text("a Debug", &format!("{name:?} {name}"));
    }
    let files = |search: &mut Search, till: &Till| {
        for file in std::fs::read_dir(till.folder()).expect("its folder") {
            let path = file.expect("a file").path();
            search.bytes(&path.display().to_string(), &std::fs::read(&path).expect("readable"));
        }
    };
    till.close();
    files(&mut search, &till);
    till.open().expect("it opens");
    till.settled(in_doubt.id);
    till.close();
    files(&mut search, &till);
    let kept = std::mem::take(&mut *lines());
    assert!(kept.iter().any(|line| line.contains("blueocean_v1: charge of")), "the log was on");
    search.text("the log", &kept.join("\n"));
    assert!(search.places > 100, "{}", search.places);
}

#[test]
fn a_panic_of_the_app_prints_no_secret() {
    let till = Till::closed();
    let request = ChargeRequest { code: code(GatewayKind::Bjrcb, 999), ..till.charge_request(GatewayKind::Bjrcb) };
    let config = till.config.clone();
    let panic = std::panic::catch_unwind(move || panic!("at the till: {request:?} {config:?}"));
    let text = panic.expect_err("it panicked").downcast::<String>().expect("with a text");
    Search::of(&till).text("a panic", &text);
}
