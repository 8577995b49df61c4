//! A merchant: one set of accounts, one at each gateway. The field names are those a till's configuration uses.

use serde::{Deserialize, Serialize};

use crate::rng::Rng;
use crate::rsa_key::PRIVATE_KEY_PEM;

/// One merchant with an account at every gateway. All keys differ from those of every other merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// The name by which the control calls know it.
    pub id: String,
    /// The account at maxfun's device API.
    pub maxfun_device: MaxfunAccount,
    /// The account at BlueOcean.
    pub blueocean_v1: BlueOceanAccount,
    /// The account at BJRCB.
    pub bjrcb: BjrcbAccount,
    /// The account at Tencent Cloud Pay.
    pub tencent_cpay: TencentAccount,
    /// The account at huishouyin.
    pub huishouyin: HuishouyinAccount,
    /// The account at maxfun's merchant API.
    pub maxfun_tp: MaxfunTpAccount,
    /// The private key whose public half is registered at Tencent and huishouyin: PEM, PKCS#1. The same for all merchants.
    pub rsa_private_key: String,
}

/// S0: the key names the device and signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MaxfunAccount {
    pub devices_key: String,
}

/// M1: the key names the merchant and signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MaxfunTpAccount {
    pub mch_key: String,
}

/// S1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BlueOceanAccount {
    pub appid: String,
    pub key: String,
}

/// S2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BjrcbAccount {
    pub mch_id: String,
    pub key: String,
}

/// S3. Order numbers must begin with `order_prefix`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TencentAccount {
    pub out_mch_id: String,
    pub out_sub_mch_id: String,
    pub out_shop_id: String,
    pub authen_key: String,
    pub order_prefix: String,
}

/// S4. `app_sercet` is the gateway's own spelling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct HuishouyinAccount {
    pub app_id: String,
    pub app_sercet: String,
}

impl Merchant {
    /// The `number`th merchant of a world. Account ids hold the number, so no two merchants share one.
    pub(crate) fn make(number: usize, rng: &mut Rng) -> Merchant {
        let uuid = [8, 4, 4, 4].map(|length| rng.hex(length)).join("-") + &format!("-{}{number:06x}", rng.hex(6));
        Merchant {
            id: format!("m{number}"),
            maxfun_device: MaxfunAccount { devices_key: uuid },
            blueocean_v1: BlueOceanAccount { appid: format!("{}", 1_000_000 + number), key: rng.alphanumeric(32) },
            bjrcb: BjrcbAccount { mch_id: format!("C1{number:011}"), key: rng.hex(32) },
            tencent_cpay: TencentAccount {
                out_mch_id: format!("sz01{}", rng.alphanumeric(16)),
                out_sub_mch_id: format!("sz01{}{number:06}", rng.alphanumeric(10)),
                out_shop_id: format!("sz01{}", rng.alphanumeric(17)),
                authen_key: rng.alphanumeric(32),
                order_prefix: format!("sz01{}", rng.text(6, "abcdefghijkmnpqrstuvwxyz0123456789")),
            },
            huishouyin: HuishouyinAccount {
                app_id: format!("{}{number:06}", rng.alphanumeric(26)),
                app_sercet: rng.alphanumeric(32),
            },
            maxfun_tp: MaxfunTpAccount { mch_key: format!("{}-{number:06x}", rng.hex(26)) },
            rsa_private_key: PRIVATE_KEY_PEM.to_owned(),
        }
    }
}
