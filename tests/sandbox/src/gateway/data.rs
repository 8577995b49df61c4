//! What an answer is written from: a JSON object that borrows what the world has, since a simulation writes hundreds of
//! millions of them.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::sign::Pair;

/// A JSON object, its names in ASCII order.
#[derive(Debug, Default)]
pub(crate) struct Data<'a>(Vec<(Cow<'static, str>, Item<'a>)>);

/// One value of it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Item<'a> {
    Null,
    Flag(bool),
    Int(i64),
    Yuan(f64),
    Text(Cow<'a, str>),
    /// As it came with the order.
    Kept(&'a Value),
    Object(Data<'a>),
    List(Vec<Data<'a>>),
    /// An array of nothing.
    Empty([(); 0]),
}

/// An object written like JSON.
macro_rules! data {
    ($($name:literal: $value:expr),* $(,)?) => {
        $crate::gateway::data::Data::of(vec![$(($name.into(), $value.into())),*])
    };
}
pub(super) use data;

impl<'a> Data<'a> {
    pub(super) fn of(mut fields: Vec<(Cow<'static, str>, Item<'a>)>) -> Data<'a> {
        fields.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Data(fields)
    }

    /// Adds a field, or puts another value in its place.
    pub(super) fn put(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Item<'a>>) {
        let name = name.into();
        match self.0.binary_search_by(|(other, _)| other.cmp(&name)) {
            Ok(place) => self.0[place].1 = value.into(),
            Err(place) => self.0.insert(place, (name, value.into())),
        }
    }

    /// Names and texts for the signature.
    pub(super) fn pairs(&self) -> Vec<Pair<'_>> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.text())).collect()
    }

    /// As a web form: every value percent-encoded, a space as `+`.
    pub(crate) fn to_form(&self) -> String {
        let encoded = |text: &str| {
            let mut form = String::with_capacity(text.len());
            for byte in text.bytes() {
                match byte {
                    b' ' => form.push('+'),
                    byte if byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte) => form.push(byte.into()),
                    // Writing to a string cannot fail.
                    byte => drop(write!(form, "%{byte:02X}")),
                }
            }
            form
        };
        let fields: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={}", encoded(&value.text()))).collect();
        fields.join("&")
    }

    pub(crate) fn to_json(&self) -> String {
        // Text and numbers in memory: nothing can fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Item<'_> {
    /// The value as it stands in the message: a string without its quotes, a number as its digits.
    fn text(&self) -> Cow<'_, str> {
        match self {
            Item::Text(text) => text.as_ref().into(),
            Item::Kept(Value::String(text)) => text.into(),
            other => serde_json::to_string(other).unwrap_or_default().into(),
        }
    }
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'a> From<&'a str> for Item<'a> {
    fn from(text: &'a str) -> Item<'a> {
        Item::Text(text.into())
    }
}

impl<'a> From<&'a String> for Item<'a> {
    fn from(text: &'a String) -> Item<'a> {
        Item::Text(text.into())
    }
}

impl From<String> for Item<'_> {
    fn from(text: String) -> Self {
        Item::Text(text.into())
    }
}

impl From<i64> for Item<'_> {
    fn from(number: i64) -> Self {
        Item::Int(number)
    }
}

impl From<f64> for Item<'_> {
    fn from(yuan: f64) -> Self {
        Item::Yuan(yuan)
    }
}

impl From<bool> for Item<'_> {
    fn from(flag: bool) -> Self {
        Item::Flag(flag)
    }
}

impl<'a> From<&'a Value> for Item<'a> {
    fn from(value: &'a Value) -> Item<'a> {
        Item::Kept(value)
    }
}

impl<'a> From<Data<'a>> for Item<'a> {
    fn from(data: Data<'a>) -> Item<'a> {
        Item::Object(data)
    }
}

impl<'a> From<Vec<Data<'a>>> for Item<'a> {
    fn from(list: Vec<Data<'a>>) -> Item<'a> {
        Item::List(list)
    }
}

impl From<[(); 0]> for Item<'_> {
    fn from(empty: [(); 0]) -> Self {
        Item::Empty(empty)
    }
}

impl<'a, T: Into<Item<'a>>> From<Option<T>> for Item<'a> {
    fn from(value: Option<T>) -> Item<'a> {
        value.map_or(Item::Null, T::into)
    }
}
