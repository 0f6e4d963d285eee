// SPDX-License-Identifier: MIT
//! `wasm-corpus spec` prints the specification's test suite, one file a line as JSON.
//! `wasm-corpus smith FROM TO` writes the random modules of these seeds, each behind its length (u32, little endian).
mod json;
mod smith;
mod spec;

use std::io::{self, BufWriter, Write};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut output = BufWriter::new(io::stdout().lock());
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["spec"] => spec::write_all(&mut output)?,
        ["smith", from, to] => {
            let seed = |text: &str| text.parse::<u64>().expect("a seed is a number");
            for seed in seed(from)..seed(to) {
                let module = smith::module(seed);
                output.write_all(&(module.len() as u32).to_le_bytes())?;
                output.write_all(&module)?;
            }
        }
        _ => {
            eprintln!("usage: wasm-corpus spec | wasm-corpus smith FROM TO");
            std::process::exit(2);
        }
    }
    output.flush()
}
