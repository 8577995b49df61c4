//! How a flow is stored: `{"v":N,"state":{…}}`. This file reads every version ever released and writes the newest.

use serde::{Deserialize, Serialize};

use super::{Flow, Memory, Rules};

/// 2 adds refunds: what 1 lacks is as where none was sent.
const VERSION: u32 = 2;

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    state: &'a Memory,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

#[derive(Deserialize)]
struct Readable {
    state: Memory,
}

/// The stored text is of no version that this release knows, or damaged. It is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownVersion;

impl Flow {
    /// The text to be journaled.
    pub fn to_stored(&self) -> String {
        // Serialising plain data into memory cannot fail; an empty text would be read back as unknown, never as an end.
        serde_json::to_string(&Written { v: VERSION, state: &self.memory }).unwrap_or_default()
    }

    /// Reads what any release wrote, under the rules configured now.
    pub fn from_stored(text: &str, rules: Rules) -> Result<Self, UnknownVersion> {
        let version: Version = serde_json::from_str(text).map_err(|_| UnknownVersion)?;
        match version.v {
            1 | VERSION => {
                let Readable { state } = serde_json::from_str(text).map_err(|_| UnknownVersion)?;
                Ok(Self { rules, memory: state })
            }
            _ => Err(UnknownVersion),
        }
    }
}

/// Whether a payment of this stored text may be refunded by a person: no refund of its own may have left.
pub fn may_be_refunded(text: &str) -> bool {
    Flow::from_stored(text, Rules::NONE).is_ok_and(|flow| !flow.memory.refund_left)
}
