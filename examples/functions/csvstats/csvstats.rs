// SPDX-License-Identifier: MIT
//! A WASI command: a CSV table (RFC 4180) on stdin, statistics of its columns as CSV on stdout.

use std::io::{self, Read, Write};
use std::process::exit;

#[derive(Default)]
struct Column {
    name: String,
    numbers: u64,
    mean: f64,
    /// Sum of squared distances from the mean (Welford's recurrence: no cancellation).
    squares: f64,
    minimum: f64,
    maximum: f64,
}

impl Column {
    fn add(&mut self, value: f64) {
        if self.numbers == 0 {
            self.minimum = value;
            self.maximum = value;
        } else if value < self.minimum {
            self.minimum = value;
        } else if value > self.maximum {
            self.maximum = value;
        }
        self.numbers += 1;
        let distance = value - self.mean;
        self.mean += distance / self.numbers as f64;
        self.squares += distance * (value - self.mean);
    }

    fn row(&self) -> Vec<String> {
        let mut row = vec![self.name.clone(), self.numbers.to_string()];
        if self.numbers == 0 {
            row.resize(6, String::new());
        } else {
            let deviation = (self.squares / self.numbers as f64).sqrt();
            row.extend([self.minimum, self.maximum, self.mean, deviation].map(show));
        }
        row
    }
}

/// The shortest digits that read back as the same number, written as JSON and JavaScript write them.
fn show(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".into()
    } else if !value.is_finite() {
        // Sums may leave the range of a double.
        if value.is_nan() { "NaN" } else if value > 0.0 { "Infinity" } else { "-Infinity" }.into()
    } else if (1e-6..1e21).contains(&size) {
        value.to_string()
    } else {
        let text = format!("{:e}", value);
        if text.contains("e-") { text } else { text.replace('e', "e+") }
    }
}

/// Rows of fields. Quotes may hold commas, line ends and doubled quotes.
fn parse(text: &str) -> Result<Vec<Vec<String>>, &'static str> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut field = String::new();
    let mut characters = text.chars().peekable();
    let mut quoted = false;
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted => {
                if characters.next_if_eq(&'"').is_some() {
                    field.push('"');
                } else {
                    quoted = false;
                }
            }
            _ if quoted => field.push(character),
            '"' if field.is_empty() => quoted = true,
            ',' => row.push(std::mem::take(&mut field)),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            _ => field.push(character),
        }
    }
    if quoted {
        return Err("a quote is not closed");
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    Ok(rows)
}

/// A plain decimal number, perhaps with an exponent; neither `inf` nor `nan`, which Rust would read too.
fn number(field: &str) -> Option<f64> {
    let field = field.trim_matches(' ');
    let plain = field.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    if !plain {
        return None;
    }
    field.parse().ok().filter(|value: &f64| value.is_finite())
}

fn quote(field: &str) -> String {
    if field.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_string()
    }
}

fn statistics(text: &str) -> Result<String, &'static str> {
    let mut rows = parse(text)?.into_iter();
    let header = rows.next().ok_or("the table is empty")?;
    let mut columns: Vec<Column> = header.into_iter().map(|name| Column { name, ..Column::default() }).collect();
    for row in rows {
        for (column, field) in columns.iter_mut().zip(row) {
            if let Some(value) = number(&field) {
                column.add(value);
            }
        }
    }
    let mut output = String::from("column,numbers,minimum,maximum,mean,deviation\n");
    for column in &columns {
        let row: Vec<String> = column.row().iter().map(|field| quote(field)).collect();
        output.push_str(&row.join(","));
        output.push('\n');
    }
    Ok(output)
}

fn main() {
    let mut text = String::new();
    let result = match io::stdin().read_to_string(&mut text) {
        Ok(_) => statistics(&text),
        Err(_) => Err("the table is not UTF-8"),
    };
    match result {
        Ok(output) => io::stdout().write_all(output.as_bytes()).expect("stdout takes everything"),
        Err(reason) => {
            eprintln!("csvstats: {reason}");
            // Old standard libraries for WASI know no ExitCode but 0 and 1.
            exit(2);
        }
    }
}
