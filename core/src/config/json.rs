//! JSON of a configuration file, read so that no error repeats a value: one of them may be a key.
//!
//! Unlike `serde_json::Value`, an option given twice is refused, and text is wiped when dropped. [`Options`] hands
//! out an object's options by name and type, and refuses the ones that nobody knows.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use crate::error::PaywandError;

/// A JSON value.
pub(super) enum Node {
    Null,
    Flag(bool),
    Integer(i64),
    /// A number that is no 64-bit integer.
    OtherNumber,
    Text(Zeroizing<String>),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Reads `text`; an error says line and column.
    pub(super) fn parse(text: &str) -> Result<Self, PaywandError> {
        serde_json::from_str(text).map_err(|e| {
            let what = if e.is_data() { "an option stands twice" } else { "it is not JSON" };
            PaywandError::config("terminal.json", format!("{what}, line {} column {}", e.line(), e.column()))
        })
    }
}

/// The options of one object. `path` names it in errors; it is empty for the whole file.
pub(super) struct Options {
    path: String,
    members: Vec<(String, Node)>,
}

impl Options {
    /// The object `node`, whose options are among `known`.
    pub(super) fn new(path: &str, node: Node, known: &[&str]) -> Result<Self, PaywandError> {
        let options = Self::any(path, node)?;
        match options.members.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(PaywandError::config(options.path_of(name), "no such option")),
            None => Ok(options),
        }
    }

    /// The object `node` with whatever names it has.
    pub(super) fn any(path: &str, node: Node) -> Result<Self, PaywandError> {
        match node {
            Node::Object(members) => Ok(Self { path: path.to_owned(), members }),
            _ if path.is_empty() => Err(PaywandError::config("terminal.json", "an object is expected")),
            _ => Err(PaywandError::config(path, "an object is expected")),
        }
    }

    /// Every option that was not taken yet, with its path.
    pub(super) fn rest(mut self) -> impl Iterator<Item = (String, String, Node)> {
        let members = std::mem::take(&mut self.members);
        members.into_iter().map(move |(name, node)| (self.path_of(&name), name, node))
    }

    /// Where the option `name` stands: `gateways[0].timing.read_ms`.
    pub(super) fn path_of(&self, name: &str) -> String {
        let name = if name.is_empty() { "\"\"" } else { name };
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The option `name` as it stands; `null` is as good as left out.
    pub(super) fn node(&mut self, name: &str) -> Option<Node> {
        let at = self.members.iter().position(|(member, _)| member == name)?;
        match self.members.swap_remove(at).1 {
            Node::Null => None,
            node => Some(node),
        }
    }

    /// The text `name`.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, PaywandError> {
        match self.node(name) {
            None => Ok(None),
            Some(Node::Text(text)) => Ok(Some(text.as_str().to_owned())),
            Some(_) => Err(self.expected(name, "text")),
        }
    }

    /// The integer `name`.
    pub(super) fn integer(&mut self, name: &str) -> Result<Option<i64>, PaywandError> {
        match self.node(name) {
            None => Ok(None),
            Some(Node::Integer(value)) => Ok(Some(value)),
            Some(_) => Err(self.expected(name, "an integer")),
        }
    }

    /// `true` or `false`; `false` where it is left out.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, PaywandError> {
        match self.node(name) {
            None => Ok(false),
            Some(Node::Flag(value)) => Ok(value),
            Some(_) => Err(self.expected(name, "true or false")),
        }
    }

    /// The option `name` as it stands, which may not be left out.
    pub(super) fn required(&mut self, name: &str) -> Result<Node, PaywandError> {
        self.node(name).ok_or_else(|| self.missing(name))
    }

    /// The text `name`, which may not be left out.
    pub(super) fn required_text(&mut self, name: &str) -> Result<String, PaywandError> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> PaywandError {
        PaywandError::config(self.path_of(name), "it is missing")
    }

    fn expected(&self, name: &str, what: &str) -> PaywandError {
        PaywandError::config(self.path_of(name), format!("{what} is expected"))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(i64::try_from(value).map_or(Node::OtherNumber, Node::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::OtherNumber)
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = seq.next_element()? {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members: Vec<(String, Node)> = Vec::new();
        while let Some((name, node)) = map.next_entry::<String, Node>()? {
            if members.iter().any(|(member, _)| *member == name) {
                return Err(A::Error::custom("twice"));
            }
            members.push((name, node));
        }
        Ok(Node::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_given_twice_is_refused_wherever_it_stands() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"a":[{"b":1,"b":1}]}"#, r#"{"a":{"k":"x","\u006b":"y"}}"#] {
            let error = Node::parse(text).err().unwrap().to_string();
            assert!(error.contains("stands twice, line 1 column"), "{error}");
        }
        assert!(Node::parse(r#"{"a":{"k":1},"b":{"k":1}}"#).is_ok());
    }

    #[test]
    fn what_is_not_json_is_refused_without_repeating_it() {
        for text in ["", "hunter2", r#"{"key": hunter2}"#, r#"{"key":"hunter2"} x"#, "{\"key\":\"hunter2\n\"}"] {
            let error = Node::parse(text).err().unwrap().to_string();
            assert!(error.contains("it is not JSON, line"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
