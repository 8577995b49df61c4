//! Writes the first corpora: `cargo run -p paywand-readers --example seeds -- FOLDER` makes FOLDER/TARGET/NAME.
//!
//! Answers and callbacks come from the sandbox's world, stored flows from the core's golden files, the configuration from docs/. Chosen
//! by libFuzzer for what they cover (`tests/fuzz/corpora.sh`), they become the committed corpora.

mod answers;
mod configurations;
mod notices;
mod texts;

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).expect("usage: seeds FOLDER");
    for (target, seeds) in answers::all().into_iter().chain([("notice", notices::all())]).chain(texts::all()) {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        for (n, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{n:03}")), seed)?;
        }
        println!("{target}: {} seeds", seeds.len());
    }
    Ok(())
}
