//! Texts on their way to a gateway: free text is cut, identifiers are refused.

use super::RequestError;

/// Free text: control characters become spaces, surrounding white space goes, and it is cut after `max` characters.
/// Empty text is none.
pub(super) fn free(text: &str, max: usize) -> Option<String> {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut: String = clean.trim().chars().take(max).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

/// An identifier: taken as it is, or refused. It is never cut, since half an identifier names another thing.
pub(super) fn identifier(field: &'static str, text: &str, max: usize) -> Result<String, RequestError> {
    let refused = |reason: String| Err(RequestError { field, reason });
    if text.is_empty() {
        return refused("it is empty".to_owned());
    }
    if text.chars().any(char::is_control) {
        return refused("it holds a control character".to_owned());
    }
    if text.chars().count() > max {
        return refused(format!("it is longer than {max} characters"));
    }
    Ok(text.to_owned())
}

/// As [`identifier`], for one that may be left out.
pub(super) fn optional(field: &'static str, text: Option<&str>, max: usize) -> Result<Option<String>, RequestError> {
    text.map(|text| identifier(field, text, max)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_loses_controls_and_is_cut_at_a_character() {
        assert_eq!(free(" 测试\n商品\u{7f} ", 32).as_deref(), Some("测试 商品"));
        assert_eq!(free("可口可乐", 3).as_deref(), Some("可口可"));
        assert_eq!(free("ab cd", 3).as_deref(), Some("ab"));
        assert_eq!(free(" \r\n", 3), None);
    }

    #[test]
    fn identifiers_are_refused_never_cut() {
        assert_eq!(identifier("store", "S1", 2).unwrap(), "S1");
        for text in ["", "S12", "S\n"] {
            assert!(identifier("store", text, 2).is_err(), "{text:?}");
        }
        assert_eq!(optional("store", None, 2).unwrap(), None);
    }
}
