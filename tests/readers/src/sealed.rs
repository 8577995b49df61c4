//! Bodies from outside as a fuzzer needs them: edited in places that mean something, then signed with the account's own key.
//! Without that nothing would get past the signature.

use serde_json::Value;

use crate::input::Input;

/// How many bytes of choices stand before the body.
pub(crate) const FRONT: usize = 11;

/// By which key a body is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Ours,
    Another,
    /// The body is put into its envelope, and has no signature.
    None,
}

/// What happens to the body before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sealing {
    AsItStands,
    By(Key),
    /// Signed, and one byte changed after.
    ThenChanged,
}

const SEALINGS: [Sealing; 5] = [
    Sealing::AsItStands,
    Sealing::By(Key::Ours),
    Sealing::ThenChanged,
    Sealing::By(Key::Another),
    Sealing::By(Key::None),
];

/// The rest of `input` after edits, which put `values` (JSON) under `fields` (JSON pointers), and after signing. `seal` puts the
/// signature in by a key, and says None where it cannot.
pub(crate) fn body(
    input: &mut Input<'_>,
    fields: &[&str],
    values: &[&str],
    seal: &dyn Fn(&str, Key) -> Option<String>,
) -> Vec<u8> {
    let sealing = input.one_of(&SEALINGS);
    let (at, flip) = (u16::from_be_bytes([input.byte(), input.byte()]), input.byte());
    let count = input.choice(4);
    let edits = [(); 3].map(|()| (pick(fields, input.byte()), pick(values, input.byte())));
    let body = input.rest();
    let Ok(text) = std::str::from_utf8(body) else { return body.to_vec() };
    let text = edited(text, &edits[..count]);
    let seal = |key| seal(&text, key).unwrap_or_else(|| text.clone()).into_bytes();
    match sealing {
        Sealing::AsItStands => text.into_bytes(),
        Sealing::By(key) => seal(key),
        Sealing::ThenChanged => {
            let mut body = seal(Key::Ours);
            let at = usize::from(at) % body.len().max(1);
            if let Some(byte) = body.get_mut(at) {
                *byte ^= flip.max(1);
            }
            body
        }
    }
}

fn pick<'a>(all: &[&'a str], choice: u8) -> &'a str {
    all[usize::from(choice) % all.len()]
}

/// `body` with values put under their pointers. It is written anew only where there is an edit: the signature covers
/// literal text, which a parsed number would lose.
fn edited(body: &str, edits: &[(&str, &str)]) -> String {
    let parsed = if edits.is_empty() { None } else { serde_json::from_str::<Value>(body).ok() };
    let Some(mut root) = parsed else { return body.to_owned() };
    for (pointer, value) in edits {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
        if let Some(parent) = root.pointer_mut(parent).and_then(Value::as_object_mut) {
            parent.insert(name.to_owned(), serde_json::from_str(value).expect("the value is JSON"));
        }
    }
    root.to_string()
}
