//! An input taken apart from its front. Small choices are read from letters, so that corpora can be read and written by hand.

/// What is left of an input.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next byte; 0 where the input has ended.
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    /// A number below `count`: the digit `0` is 0, `1` is 1, and so on through ASCII.
    pub(crate) fn choice(&mut self, count: u8) -> usize {
        usize::from(self.byte().wrapping_sub(b'0') % count)
    }

    /// One of `all`.
    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.choice(u8::try_from(all.len()).expect("few choices"))]
    }

    /// What stands before the next `end`, which is taken off too; else all the rest.
    pub(crate) fn until(&mut self, end: u8) -> &'a [u8] {
        let at = self.0.iter().position(|&byte| byte == end);
        let part = &self.0[..at.unwrap_or(self.0.len())];
        self.0 = &self.0[at.map_or(self.0.len(), |at| at + 1)..];
        part
    }

    /// As [`Input::until`] the next line end, as text.
    pub(crate) fn line(&mut self) -> String {
        String::from_utf8_lossy(self.until(b'\n')).into_owned()
    }

    /// All the rest.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
