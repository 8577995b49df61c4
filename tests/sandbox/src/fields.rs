//! Reading a body strictly: JSON with no name twice, every field known, required ones present, types and lengths as
//! documented. Each value is kept as the text that was received, because signatures cover that text. Nothing is copied
//! out of the body that need not be: a simulation reads hundreds of millions of them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::sign::Pair;

/// The fields of one JSON object, in the order received.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a>(Vec<Field<'a>>);

#[derive(Debug)]
struct Field<'a> {
    name: Cow<'a, str>,
    /// The JSON text as received.
    raw: &'a str,
    value: Json<'a>,
}

#[derive(Debug)]
enum Json<'a> {
    Text(Cow<'a, str>),
    /// An object or an array; read when somebody looks into it.
    Nested,
    /// A number, a boolean, null.
    Plain(Value),
}

/// A JSON string: the received text itself where it holds no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// What a field may hold.
#[derive(Clone, Copy)]
pub(crate) enum Is {
    /// A string of at most so many characters.
    Text(usize),
    /// A whole number, written as plain digits.
    Int,
    /// An IPv4 address of at most so many characters.
    Ip(usize),
    /// An object, described by its own table.
    Object(&'static [Spec]),
    /// An object or an array that nobody looks into.
    Nested,
}

/// One row of a gateway's request table.
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) is: Is,
}

/// A required field.
pub(crate) const fn must(name: &'static str, is: Is) -> Spec {
    Spec { name, required: true, is }
}

/// An optional field.
pub(crate) const fn may(name: &'static str, is: Is) -> Spec {
    Spec { name, required: false, is }
}

/// Why a body does not follow its table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FieldProblem {
    Missing(String),
    Format(String),
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldProblem::Missing(name) => write!(f, "{name} is missing"),
            FieldProblem::Format(text) => f.write_str(text),
        }
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn parse(text: &'a [u8]) -> Result<Fields<'a>, String> {
        let text = std::str::from_utf8(text).map_err(|_| "the body is not UTF-8".to_owned())?;
        Fields::parse_text(text)
    }

    fn parse_text(text: &'a str) -> Result<Fields<'a>, String> {
        serde_json::from_str(text).map_err(|error| format!("the body is not a JSON object: {error}"))
    }

    /// The text of a string or a number; empty when the field is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.find(name).map_or("", Field::text)
    }

    pub(crate) fn optional_text(&self, name: &str) -> Option<String> {
        self.find(name).map(|field| field.text().to_owned()).filter(|text| !text.is_empty())
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        match &self.find(name)?.value {
            Json::Plain(value) => value.as_i64(),
            _ => None,
        }
    }

    pub(crate) fn object(&self, name: &str) -> Fields<'a> {
        self.find(name).and_then(|field| Fields::parse_text(field.raw).ok()).unwrap_or_default()
    }

    /// A copy to be kept.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        self.find(name).and_then(|field| serde_json::from_str(field.raw).ok())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Names and texts for the signature. `null` counts as empty.
    pub(crate) fn pairs(&self) -> Vec<Pair<'_>> {
        self.0.iter().map(|field| (field.name.as_ref(), field.text().into())).collect()
    }

    /// Holds the fields against a table.
    pub(crate) fn check(&self, table: &[Spec]) -> Result<(), FieldProblem> {
        if let Some(field) = self.0.iter().find(|field| !table.iter().any(|spec| spec.name == field.name)) {
            return Err(FieldProblem::Format(format!("{} is not a field of this request", field.name)));
        }
        for spec in table {
            match self.find(spec.name) {
                None if spec.required => return Err(FieldProblem::Missing(spec.name.to_owned())),
                Some(field) if spec.required && field.text().is_empty() => {
                    return Err(FieldProblem::Missing(spec.name.to_owned()));
                }
                Some(field) => field.check(spec)?,
                None => {}
            }
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Option<&Field<'a>> {
        self.0.iter().find(|field| field.name == name)
    }
}

impl<'a> Field<'a> {
    fn new(name: Cow<'a, str>, raw: &'a str) -> serde_json::Result<Field<'a>> {
        let value = match raw.as_bytes().first() {
            Some(b'"') => Json::Text(serde_json::from_str::<Text<'a>>(raw)?.0),
            Some(b'{' | b'[') => Json::Nested,
            _ => Json::Plain(serde_json::from_str(raw)?),
        };
        Ok(Field { name, raw, value })
    }

    fn text(&self) -> &str {
        match &self.value {
            Json::Text(text) => text,
            Json::Plain(Value::Null) => "",
            _ => self.raw,
        }
    }

    fn check(&self, spec: &Spec) -> Result<(), FieldProblem> {
        let name = spec.name;
        let wrong = |text: String| Err(FieldProblem::Format(text));
        match (spec.is, &self.value) {
            (Is::Text(most) | Is::Ip(most), Json::Text(text)) => {
                // Lengths are characters, not bytes (docs/sources.md).
                if text.chars().count() > most {
                    return wrong(format!("{name} is longer than {most} characters"));
                }
                if matches!(spec.is, Is::Ip(_)) && text.parse::<std::net::Ipv4Addr>().is_err() {
                    return wrong(format!("{name} is not an IPv4 address"));
                }
                Ok(())
            }
            (Is::Text(_) | Is::Ip(_), _) => wrong(format!("{name} is not a string")),
            (Is::Int, Json::Plain(Value::Number(number))) if number.is_i64() => Ok(()),
            (Is::Int, _) => wrong(format!("{name} is not a whole number")),
            (Is::Object(table), Json::Nested) if self.raw.starts_with('{') => {
                let inner = Fields::parse_text(self.raw).map_err(FieldProblem::Format)?;
                inner.check(table).map_err(|problem| match problem {
                    FieldProblem::Missing(inner) => FieldProblem::Missing(format!("{name}.{inner}")),
                    FieldProblem::Format(text) => FieldProblem::Format(format!("{name}: {text}")),
                })
            }
            (Is::Object(_), _) => wrong(format!("{name} is not an object")),
            (Is::Nested, Json::Nested) => match serde_json::from_str::<Value>(self.raw) {
                Ok(_) => Ok(()),
                Err(error) => wrong(format!("{name}: {error}")),
            },
            (Is::Nested, _) => wrong(format!("{name} is neither an object nor an array")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields<'a>, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        use serde::de::Error as _;
        let mut fields: Vec<Field<'de>> = Vec::with_capacity(16);
        while let Some((Text(name), raw)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            if fields.iter().any(|field| field.name == name) {
                return Err(A::Error::custom(format!("{name} stands twice")));
            }
            fields.push(Field::new(name, raw.get()).map_err(A::Error::custom)?);
        }
        Ok(Fields(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Spec] = &[must("name", Is::Text(3)), must("fee", Is::Int), may("ip", Is::Ip(16))];

    fn problem(text: &str) -> String {
        Fields::parse(text.as_bytes()).unwrap().check(TABLE).unwrap_err().to_string()
    }

    #[test]
    fn a_body_must_follow_its_table() {
        assert!(Fields::parse(br#"{"name":"abc","fee":1,"ip":"127.0.0.1"}"#).unwrap().check(TABLE).is_ok());
        assert_eq!(problem(r#"{"fee":1}"#), "name is missing");
        assert_eq!(problem(r#"{"name":"","fee":1}"#), "name is missing");
        assert_eq!(problem(r#"{"name":"a","fee":"1"}"#), "fee is not a whole number");
        assert_eq!(problem(r#"{"name":"a","fee":1.0}"#), "fee is not a whole number");
        assert_eq!(problem(r#"{"name":1,"fee":1}"#), "name is not a string");
        assert_eq!(problem(r#"{"name":"abcd","fee":1}"#), "name is longer than 3 characters");
        assert_eq!(problem(r#"{"name":"a","fee":1,"ip":"::1"}"#), "ip is not an IPv4 address");
        assert_eq!(problem(r#"{"name":"a","fee":1,"more":1}"#), "more is not a field of this request");
    }

    #[test]
    fn lengths_are_characters() {
        assert!(Fields::parse(r#"{"name":"一二三","fee":1}"#.as_bytes()).unwrap().check(TABLE).is_ok());
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        assert!(Fields::parse(br#"{"name":"a","name":"b"}"#).unwrap_err().contains("name stands twice"));
        assert!(Fields::parse(b"[]").is_err());
    }
}
