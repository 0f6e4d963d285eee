// A WASI command: stdin to stdout. Needs the target: rustup target add wasm32-wasip1.
use std::io::{self, Read, Write};

fn main() -> io::Result<()> {
    let mut input = Vec::new();
    io::stdin().read_to_end(&mut input)?;
    input.make_ascii_uppercase();
    io::stdout().write_all(&input)
}
