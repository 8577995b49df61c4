//! Which gateway takes a payment that names none: by the customer's wallet, else the default.
//!
//! The forms of codes are data. A new prefix needs no release: it is written into the configuration, and until then the
//! code goes to the default gateway. A form is advisory: no code is refused because of its wallet.

use super::check::CheckedGateway;
use crate::{
    error::PaywandError,
    gateway::Capabilities,
    payment::PaymentKind,
    payment_code::{Form, MAX_CHARS, PaymentCode, Wallet},
};

/// Payments from this wallet go to this gateway, where it can take them.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Route {
    /// The wallet.
    pub wallet: Wallet,
    /// The gateway's id.
    pub gateway: String,
}

/// A form of payment codes: what begins so and is so long is of this wallet. Tried before the built-in forms.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct WalletForm {
    /// The wallet.
    pub wallet: Wallet,
    /// What its codes begin with: ASCII letters and digits, at least one beginning.
    pub prefixes: Vec<String>,
    /// The shortest code, in characters.
    #[uniffi(default = 1)]
    pub min_chars: i32,
    /// The longest code, in characters, at most 128.
    #[uniffi(default = 128)]
    pub max_chars: i32,
}

/// Routes that were checked; gateways by their place in the configuration.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    by_wallet: Vec<(Wallet, usize)>,
    default: Option<usize>,
    forms: Vec<Form>,
}

impl Routes {
    pub(super) fn check(
        routes: Vec<Route>,
        default: Option<String>,
        forms: Vec<WalletForm>,
        gateways: &[CheckedGateway],
    ) -> Result<Self, PaywandError> {
        let place = |path: String, id: &str| {
            let place = gateways.iter().position(|gateway| gateway.id == id);
            place.ok_or_else(|| PaywandError::config(path, "no gateway of this id is configured"))
        };
        let default = default.map(|id| place("default_gateway".to_owned(), &id)).transpose()?;
        let by_wallet = routes.iter().enumerate();
        let by_wallet = by_wallet
            .map(|(n, route)| Ok((route.wallet, place(format!("routes[{n}].gateway"), &route.gateway)?)))
            .collect::<Result<_, PaywandError>>()?;
        let forms = forms.into_iter().enumerate().map(|(n, form)| checked_form(&format!("wallets[{n}]"), form));
        Ok(Self { by_wallet, default, forms: forms.collect::<Result<_, _>>()? })
    }

    /// The wallet that the code's form suggests.
    pub(crate) fn wallet(&self, code: &PaymentCode) -> Wallet {
        let configured = self.forms.iter().find(|form| form.fits(code));
        configured.map_or_else(|| code.wallet(), |form| form.wallet)
    }

    /// The gateway for a payment from `wallet`: the first route that fits and whose gateway can take it, else the
    /// default, else the only gateway that can.
    pub(crate) fn choose(
        &self,
        kind: PaymentKind,
        wallet: Option<Wallet>,
        can: &[Capabilities],
    ) -> Result<usize, PaywandError> {
        let able = |place: &usize| can.get(*place).is_some_and(|can| takes(can, kind));
        let routed = self.by_wallet.iter().filter(|(of, _)| Some(*of) == wallet).map(|(_, place)| *place).find(able);
        if let Some(place) = routed.or(self.default.filter(able)) {
            return Ok(place);
        }
        let mut all = (0..can.len()).filter(able);
        match (all.next(), all.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(PaywandError::NoRoute { wallet: wallet.unwrap_or(Wallet::Unknown).code().to_owned() }),
        }
    }
}

fn takes(can: &Capabilities, kind: PaymentKind) -> bool {
    match kind {
        PaymentKind::Charge => can.charge,
        PaymentKind::Qr => can.qr,
        PaymentKind::Refund => false,
    }
}

fn checked_form(path: &str, form: WalletForm) -> Result<Form, PaywandError> {
    let refused = |name: &str, reason: &str| Err(PaywandError::config(format!("{path}.{name}"), reason));
    let is_prefix = |prefix: &String| {
        (1..=MAX_CHARS).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if form.prefixes.is_empty() || !form.prefixes.iter().all(is_prefix) {
        return refused("prefixes", "at least one beginning of ASCII letters and digits is expected");
    }
    let chars = |chars: i32| usize::try_from(chars).ok().filter(|chars| (1..=MAX_CHARS).contains(chars));
    let (Some(least), Some(most)) = (chars(form.min_chars), chars(form.max_chars)) else {
        return refused("min_chars", "lengths of 1 to 128 are expected");
    };
    if least > most {
        return refused("max_chars", "it is below min_chars");
    }
    Ok(Form::new(form.wallet, form.prefixes, least..=most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::{GatewayKind, Settings};

    /// What `kinds` can do, in order.
    fn can(kinds: &[(bool, bool)]) -> Vec<Capabilities> {
        let settings = Settings::new(
            "gateways[0]",
            [("devices_key".to_owned(), crate::Secret::from_text("d").into())].into(),
            "T1",
            "127.0.0.1",
        );
        let one = crate::gateway::open(GatewayKind::MaxfunDevice, settings).unwrap().capabilities();
        kinds.iter().map(|&(charge, qr)| Capabilities { charge, qr, ..one.clone() }).collect()
    }

    fn routes(by_wallet: &[(Wallet, usize)], default: Option<usize>) -> Routes {
        Routes { by_wallet: by_wallet.to_vec(), default, forms: Vec::new() }
    }

    #[test]
    fn the_wallet_decides_where_a_route_fits_and_its_gateway_can() {
        let can = can(&[(true, false), (true, true), (false, true)]);
        let routes =
            routes(&[(Wallet::Alipay, 2), (Wallet::Alipay, 1), (Wallet::Wechat, 0), (Wallet::Wechat, 2)], Some(1));
        for (kind, wallet, place) in [
            (PaymentKind::Charge, Some(Wallet::Wechat), 0),
            (PaymentKind::Charge, Some(Wallet::Alipay), 1),
            (PaymentKind::Qr, Some(Wallet::Wechat), 2),
            (PaymentKind::Qr, Some(Wallet::Alipay), 2),
            (PaymentKind::Charge, Some(Wallet::Unknown), 1),
            (PaymentKind::Qr, None, 1),
        ] {
            assert_eq!(routes.choose(kind, wallet, &can), Ok(place), "{kind:?} {wallet:?}");
        }
    }

    #[test]
    fn without_route_and_default_the_only_gateway_that_can_is_taken_and_of_several_none() {
        let both = can(&[(true, false), (false, true)]);
        let none = routes(&[], None);
        assert_eq!(none.choose(PaymentKind::Charge, Some(Wallet::Wechat), &both), Ok(0));
        assert_eq!(none.choose(PaymentKind::Qr, None, &both), Ok(1));
        let alike = can(&[(true, false), (true, false)]);
        let refused = none.choose(PaymentKind::Charge, Some(Wallet::Ecny), &alike);
        assert_eq!(refused, Err(PaywandError::NoRoute { wallet: "ecny".to_owned() }));
        assert!(none.choose(PaymentKind::Qr, None, &alike).is_err());
    }

    #[test]
    fn a_form_from_the_configuration_goes_before_the_built_in_ones() {
        let form = WalletForm {
            wallet: Wallet::Wechat,
            prefixes: vec!["16".to_owned(), "28".to_owned()],
            min_chars: 18,
            max_chars: 20,
        };
        let routes = Routes::check(Vec::new(), None, vec![form], &[]).unwrap();
        for (code, wallet) in [
            ("161234567890123456", Wallet::Wechat),
            ("281234567890123456", Wallet::Wechat),
            ("2812345678901234", Wallet::Alipay),
            ("16123456789012345", Wallet::Unknown),
            ("134512345678901234", Wallet::Wechat),
        ] {
            assert_eq!(routes.wallet(&PaymentCode::from_scan(code).unwrap()), wallet, "{code}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_its_path() {
        let form = |prefixes: &[&str], min_chars, max_chars| WalletForm {
            wallet: Wallet::Jd,
            prefixes: prefixes.iter().map(|&prefix| prefix.to_owned()).collect(),
            min_chars,
            max_chars,
        };
        for (form, field) in [
            (form(&[], 1, 128), "wallets[0].prefixes"),
            (form(&["1", ""], 1, 128), "wallets[0].prefixes"),
            (form(&["1-"], 1, 128), "wallets[0].prefixes"),
            (form(&["1"], 0, 128), "wallets[0].min_chars"),
            (form(&["1"], 1, 129), "wallets[0].min_chars"),
            (form(&["1"], -1, 2), "wallets[0].min_chars"),
            (form(&["1"], 9, 8), "wallets[0].max_chars"),
        ] {
            let error = Routes::check(Vec::new(), None, vec![form], &[]).unwrap_err();
            assert!(matches!(&error, PaywandError::InvalidConfig { field: at, .. } if at == field), "{error}");
        }
        let route = Route { wallet: Wallet::Jd, gateway: "hk".to_owned() };
        let error = Routes::check(vec![route], None, Vec::new(), &[]).unwrap_err();
        assert!(error.to_string().contains("routes[0].gateway"), "{error}");
        let error = Routes::check(Vec::new(), Some("hk".to_owned()), Vec::new(), &[]).unwrap_err();
        assert!(error.to_string().contains("default_gateway"), "{error}");
    }
}
