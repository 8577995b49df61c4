//! An answer as the judges read it: names and literal texts, each name once. Nothing of it is shared with the core.

use std::{collections::BTreeMap, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON object.
pub(crate) struct Object<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads `json`; None if it is no object, or names something twice.
    pub(crate) fn read(json: &'a [u8]) -> Option<Self> {
        let Self(members) = serde_json::from_slice(json).ok()?;
        let names: BTreeMap<_, _> = members.iter().map(|(name, _)| (name, ())).collect();
        (names.len() == members.len()).then_some(Self(members))
    }

    /// The literal JSON of `name`.
    pub(crate) fn json(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, value)| value.get())
    }

    pub(crate) fn object(&self, name: &str) -> Option<Object<'a>> {
        Object::read(self.json(name)?.as_bytes())
    }

    /// The objects that stand in the list `name`; None where it is no list, or holds anything else.
    pub(crate) fn objects(&self, name: &str) -> Option<Vec<Object<'a>>> {
        let list: Vec<&RawValue> = serde_json::from_str(self.json(name)?).ok()?;
        list.into_iter().map(|entry| Object::read(entry.get().as_bytes())).collect()
    }

    /// What `name` says in words or digits. Null and empty text say nothing; a text that cannot be read says what nobody expects:
    /// itself, in quotes.
    pub(crate) fn says(&self, name: &str) -> Option<String> {
        let json = self.json(name)?;
        Some(text_of(json).unwrap_or_else(|| json.to_owned())).filter(|text| !text.is_empty())
    }

    /// What `name` says, if it is a JSON string.
    pub(crate) fn string(&self, name: &str) -> Option<String> {
        text_of(self.json(name).filter(|json| json.starts_with('"'))?).filter(|text| !text.is_empty())
    }

    /// What `name` says, as an integer.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.says(name)?.trim().parse().ok()
    }

    /// Whether `name` says `ours`, or nothing.
    pub(crate) fn says_nothing_but(&self, name: &str, ours: &str) -> bool {
        self.says(name).is_none_or(|said| said == ours)
    }
}

/// The text of a value, as signatures cover it: strings without quotes and escapes, null as nothing, the rest as it stands.
/// None where a string cannot be read.
pub(crate) fn text_of(json: &str) -> Option<String> {
    match json {
        "null" => Some(String::new()),
        json if json.starts_with('"') => serde_json::from_str(json).ok(),
        json => Some(json.to_owned()),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Members).map(Object)
    }
}
