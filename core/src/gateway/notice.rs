//! Callbacks 异步通知: their fields, come as JSON or as a form, and the check of their signature.
//!
//! A callback proves nothing whatever it says: it names an order, and that order is asked for at once.

use std::collections::BTreeMap;

use super::{Acknowledgement, Callback, Notice, NoticeRefusal, answer::Fields};
use crate::signing;

/// The fields of a callback as text. One that names a field twice is refused: two readers could see two things.
pub(super) struct Told(BTreeMap<String, String>);

impl Told {
    /// Reads a JSON object, else a form (application/x-www-form-urlencoded). Which of the two comes is not always
    /// documented, and the `Content-Type` not always true.
    pub(super) fn read(callback: &Callback) -> Result<Self, NoticeRefusal> {
        let body = callback.body.trim_ascii();
        if body.is_empty() {
            return Err(NoticeRefusal::Unreadable("it has no body"));
        }
        if body.starts_with(b"{") { Self::json(body) } else { Self::form(body) }
    }

    fn json(body: &[u8]) -> Result<Self, NoticeRefusal> {
        let fields = Fields::parse(body).ok_or(NoticeRefusal::Unreadable("it is not one JSON object"))?;
        let mut told: BTreeMap<_, _> =
            fields.signed().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        told.extend(fields.text("sign").map(|sign| ("sign".to_owned(), sign)));
        Ok(Self(told))
    }

    fn form(body: &[u8]) -> Result<Self, NoticeRefusal> {
        let mut told = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            if told.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(NoticeRefusal::Unreadable("it names a field twice"));
            }
        }
        Ok(Self(told))
    }

    /// The text of `name`, where there is any.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Every field but `sign`: what is signed.
    pub(super) fn signed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|(name, _)| *name != "sign").map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The notice of a callback that carries the signature `ours` and names our account `(name, ours)`.
    pub(super) fn notice(
        &self,
        ours: &str,
        account: (&str, &str),
        number: &str,
        acknowledgement: &'static str,
    ) -> Result<Notice, NoticeRefusal> {
        let signed = self.text("sign").is_some_and(|theirs| signing::same(ours, theirs));
        if !signed || self.text(account.0) != Some(account.1) {
            return Err(NoticeRefusal::Forged);
        }
        let order_number = self.text(number).ok_or(NoticeRefusal::Unreadable("it names no order"))?.to_owned();
        let acknowledgement = Acknowledgement { content_type: "text/plain", body: acknowledgement };
        Ok(Notice { order_number, signed, acknowledgement })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Told, NoticeRefusal> {
        Told::read(&Callback { headers: Vec::new(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn json_and_form_tell_the_same() {
        let json = read(r#" {"b":"测 x","a":1,"c":null,"sign":"S"} "#).ok().unwrap();
        let form = read("b=%E6%B5%8B+x&a=1&c=&sign=S").ok().unwrap();
        assert_eq!(json.signed().collect::<Vec<_>>(), [("a", "1"), ("b", "测 x"), ("c", "")]);
        assert_eq!(json.0, form.0);
        assert_eq!((form.text("sign"), form.text("c"), form.text("d")), (Some("S"), None, None));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (body, why) in [
            ("", "it has no body"),
            (" \n", "it has no body"),
            ("{\"a\":1", "it is not one JSON object"),
            ("{\"a\":1,\"a\":2}", "it is not one JSON object"),
            ("a=1&a=2", "it names a field twice"),
        ] {
            assert_eq!(read(body).err(), Some(NoticeRefusal::Unreadable(why)), "{body}");
        }
    }

    #[test]
    fn a_notice_needs_its_signature_our_account_and_an_order() {
        let notice = |body: &str| read(body).ok().unwrap().notice("AB", ("mch_id", "M1"), "out_trade_no", "SUCCESS");
        let good = notice("mch_id=M1&out_trade_no=T1&sign=ab").unwrap();
        assert_eq!((good.order_number.as_str(), good.signed, good.acknowledgement.body), ("T1", true, "SUCCESS"));
        for body in
            ["mch_id=M1&out_trade_no=T1&sign=ac", "mch_id=M1&out_trade_no=T1", "mch_id=M2&out_trade_no=T1&sign=AB"]
        {
            assert_eq!(notice(body), Err(NoticeRefusal::Forged), "{body}");
        }
        assert_eq!(notice("mch_id=M1&sign=AB"), Err(NoticeRefusal::Unreadable("it names no order")));
    }
}
