//! Forms (application/x-www-form-urlencoded) as the judges read and write them. Nothing of it is shared with the core.

/// Names and values, decoded; what is no UTF-8 becomes the replacement character.
pub(crate) fn read(body: &[u8]) -> Vec<(String, String)> {
    let pairs = body.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let at = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
            (decoded(&pair[..at]), decoded(pair.get(at + 1..).unwrap_or_default()))
        })
        .collect()
}

/// The form of these names and values.
pub(crate) fn write(fields: &[(String, String)]) -> String {
    fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&")
}

fn decoded(text: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok()).filter(|_| first == b'%');
        let hex = hex.filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(if first == b'+' { b' ' } else { first });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"*-._".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let read_text = |text: &str| read(text.as_bytes());
        assert_eq!(
            read_text("a=1&b=%E6%B5%8B+x&c&&d==%3d"),
            pairs(&[("a", "1"), ("b", "测 x"), ("c", ""), ("d", "==")])
        );
        assert_eq!(read_text("%=%2&%zz=%+1&=x"), pairs(&[("%", "%2"), ("%zz", "% 1"), ("", "x")]));
        assert_eq!(read(b"a=%B2%E2\xff"), pairs(&[("a", "\u{fffd}\u{fffd}\u{fffd}")]));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let fields = pairs(&[("a b", "测&=%+\n"), ("sign", "")]);
        assert_eq!(read(write(&fields).as_bytes()), fields);
    }
}
