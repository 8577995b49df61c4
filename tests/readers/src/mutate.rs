//! How libFuzzer's inputs are changed where most changes would only break their JSON: in half the cases the choices in front
//! are changed alone, and the JSON stays whole.

use crate::reply::FRONT;

/// How many bytes say what is asked or told, and how it came.
const KEPT: usize = 4;

/// Changes `input`, of which `size` bytes are used and `most` may be, and returns the size after. `by_bytes` is libFuzzer's own
/// way, which takes the same three.
pub fn mutate(
    name: &str,
    input: &mut [u8],
    size: usize,
    most: usize,
    seed: u32,
    by_bytes: fn(&mut [u8], usize, usize) -> usize,
) -> usize {
    let front = match name {
        _ if seed.is_multiple_of(2) => None,
        "stored_flow" => input[..size].iter().position(|&byte| byte == b'\n'),
        _ => Some(FRONT).filter(|front| (name.starts_with("reply") || name == "notice") && size > *front),
    };
    let Some(front) = front else { return by_bytes(input, size, most) };
    // Now and then the operation and the connection stay too.
    let kept = if seed % 4 == 3 { KEPT.min(front) } else { 0 };
    let mut changed = input[kept..front].to_vec();
    let grows = name == "stored_flow" && size + 1 < most;
    let used = changed.len();
    changed.resize(used + usize::from(grows), b'.');
    let room = changed.len();
    let length = by_bytes(&mut changed, used, room);
    changed.truncate(length);
    if name == "stored_flow" {
        changed.retain(|&byte| byte != b'\n');
    } else {
        changed.resize(used, b'0');
    }
    let whole = [&input[..kept], &changed, &input[front..size]].concat();
    input[..whole.len()].copy_from_slice(&whole);
    whole.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Doubles the first byte where there is room, else drops it.
    fn by_bytes(input: &mut [u8], size: usize, most: usize) -> usize {
        if size < most {
            input.copy_within(0..size, 1);
            return size + 1;
        }
        input.copy_within(1..size, 0);
        size - 1
    }

    fn mutated(name: &str, text: &str, seed: u32) -> String {
        let mut input = text.as_bytes().to_vec();
        input.resize(100, 0);
        let size = mutate(name, &mut input, text.len(), 100, seed, by_bytes);
        String::from_utf8(input[..size].to_vec()).unwrap()
    }

    #[test]
    fn every_other_change_leaves_the_json_whole() {
        assert_eq!(mutated("reply_bjrcb", "123456789abcdef{}", 1), "23456789abcdef0{}");
        assert_eq!(mutated("reply_bjrcb", "123456789abcdef{}", 3), "12346789abcdef0{}");
        assert_eq!(mutated("reply_bjrcb", "123456789abcdef{}", 2), "1123456789abcdef{}");
        assert_eq!(mutated("reply_bjrcb", "short", 1), "sshort");
        assert_eq!(mutated("stored_flow", "1R.\n{}", 1), "11R.\n{}");
        assert_eq!(mutated("stored_flow", "{}", 1), "{{}");
        assert_eq!(mutated("scan", "12", 1), "112");
    }
}
