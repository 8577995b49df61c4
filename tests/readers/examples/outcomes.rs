//! `outcomes TARGET CORPUS FOUND`: copies from FOUND into CORPUS the smallest inputs that bring about outcomes which no input of
//! CORPUS does. Coverage alone would keep hundreds of ways to break JSON, and might lose the one that is paid.

use std::{collections::BTreeSet, fs, io, path::PathBuf};

use paywand_readers::{run, seen};

fn main() -> io::Result<()> {
    let [target, corpus, found] = <[String; 3]>::try_from(std::env::args().skip(1).collect::<Vec<_>>())
        .expect("usage: outcomes TARGET CORPUS FOUND");
    for file in files(&corpus)? {
        run(&target, &fs::read(file)?);
    }
    let mut known = outcomes();
    for file in files(&found)? {
        run(&target, &fs::read(&file)?);
        let now = outcomes();
        if now.len() > known.len() {
            println!("{target}: {:?}", now.difference(&known).collect::<Vec<_>>());
            fs::copy(&file, PathBuf::from(&corpus).join(file.file_name().unwrap_or_default()))?;
            known = now;
        }
    }
    Ok(())
}

fn outcomes() -> BTreeSet<&'static str> {
    seen::counts().into_keys().collect()
}

/// Smallest first.
fn files(folder: &str) -> io::Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.metadata()?.len(), entry.path()))
        })
        .collect::<io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}
