// SPDX-License-Identifier: MIT
//! A WASI command: rows `key,…` on stdin, joined with the tables (`key,value` a line) among the files of the call.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, BufWriter, Write};
use std::process::exit;

const TABLES: &str = "tables";

type Table = HashMap<String, String>;

fn read_table(path: &std::path::Path) -> io::Result<Table> {
    let text = fs::read_to_string(path)?;
    let pairs = text.lines().filter_map(|line| line.split_once(','));
    Ok(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

/// The tables in the order of their names.
fn read_tables() -> io::Result<Vec<Table>> {
    let mut paths = fs::read_dir(TABLES)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    paths.iter().map(|path| read_table(path)).collect()
}

fn join(tables: &[Table]) -> io::Result<()> {
    let mut output = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let key = line.split(',').next().unwrap_or_default();
        write!(output, "{line}")?;
        for table in tables {
            write!(output, ",{}", table.get(key).map_or("", String::as_str))?;
        }
        writeln!(output)?;
    }
    output.flush()
}

fn main() {
    if let Err(error) = read_tables().and_then(|tables| join(&tables)) {
        eprintln!("join: {error}");
        exit(2);
    }
}
