//! Plays on Wasmtime what a program did on V8 (test/engines/recorder.ts): the host calls exports, writes memory and answers
//! imports as recorded; every import the program calls, with its arguments, every result, the work that is left and at last
//! the whole memory must be as they were. Prints the number of crossings, or where the program went another way.
//!
//! Arguments: the metered module, the recording, names of the globals with packed, integer and floating-point work.

#[allow(dead_code)]
#[path = "../../../src/engine.rs"]
mod engine;
mod stack {
    pub const STACK_BYTES: usize = 6 << 20;
    pub const WASM_STACK_BYTES: usize = 5 << 20;
}

use engine::{Settings, make_engine};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use wasmtime::{
    AsContextMut, Caller, Error, Extern, Func, Linker, Memory, Module, Ref, Result, Store, StoreContextMut, Val, bail,
};

/// A line of the recording: a letter and its words.
type Line = Vec<String>;

#[derive(Default)]
struct Replay {
    lines: Vec<Line>,
    at: usize,
    exports: HashMap<String, Extern>,
    /// The memory that the program imports, if it does.
    imported_memory: Option<Memory>,
    globals: Vec<String>,
}

impl Replay {
    fn next(&mut self) -> Result<Line> {
        let line = self.lines.get(self.at).cloned().ok_or_else(|| Error::msg("the recording is over"))?;
        self.at += 1;
        Ok(line)
    }

    fn expect(&mut self, actual: &str) -> Result<()> {
        let at = self.at + 1;
        let recorded = self.next()?.join(" ");
        if recorded != actual {
            bail!("line {at}: recorded {recorded:?}, but the program did {actual:?}");
        }
        Ok(())
    }
}

fn write_value(value: &Val) -> Result<String> {
    Ok(match value {
        Val::I32(value) => format!("i:{value}"),
        Val::I64(value) => format!("I:{value}"),
        Val::F32(bits) => format!("f:{bits:08x}"),
        Val::F64(bits) => format!("F:{bits:016x}"),
        _ => bail!("a value that no recording has"),
    })
}

fn read_value(word: &str) -> Result<Val> {
    let (kind, digits) = word.split_once(':').ok_or_else(|| Error::msg("a value without a type"))?;
    Ok(match kind {
        "i" => Val::I32(digits.parse()?),
        "I" => Val::I64(digits.parse()?),
        "f" => Val::F32(u32::from_str_radix(digits, 16)?),
        "F" => Val::F64(u64::from_str_radix(digits, 16)?),
        _ => bail!("a value of type {kind}"),
    })
}

fn write_line(letter: &str, first: Option<String>, values: &[Val]) -> Result<String> {
    let mut words = vec![letter.to_owned()];
    words.extend(first);
    for value in values {
        words.push(write_value(value)?);
    }
    Ok(words.join(" "))
}

fn memory(store: &StoreContextMut<'_, Replay>) -> Result<Memory> {
    let exported = store.data().exports.values().find_map(|export| export.clone().into_memory());
    let found = exported.or(store.data().imported_memory);
    found.ok_or_else(|| Error::msg("the program exports no memory"))
}

/// What the host does while it has control: until it answers an import, or the recording is over (none).
fn play(store: &mut StoreContextMut<'_, Replay>) -> Result<Option<Line>> {
    while store.data().at < store.data().lines.len() {
        let line = store.data_mut().next()?;
        match line[0].as_str() {
            "W" => {
                let bytes: Vec<u8> = (0..line[2].len())
                    .step_by(2)
                    .map(|i| u8::from_str_radix(&line[2][i..i + 2], 16))
                    .collect::<std::result::Result<_, _>>()?;
                memory(store)?.write(&mut *store, line[1].parse()?, &bytes)?;
            }
            "G" => {
                memory(store)?.grow(&mut *store, line[1].parse()?)?;
            }
            "C" => call(store, &line)?,
            "E" => {
                let memory = memory(store)?;
                let hash: String =
                    Sha256::digest(memory.data(&*store)).iter().map(|byte| format!("{byte:02x}")).collect();
                let pages = memory.size(&*store);
                if line[1..] != [pages.to_string(), hash] {
                    bail!("the memory is another one at the end");
                }
            }
            _ => return Ok(Some(line)),
        }
    }
    Ok(None)
}

fn call(store: &mut StoreContextMut<'_, Replay>, line: &Line) -> Result<()> {
    let function = function(store, &line[1], &line[2])?;
    let args = line[3..].iter().map(|word| read_value(word)).collect::<Result<Vec<_>>>()?;
    let mut results = vec![Val::I32(0); function.ty(&*store).results().len()];
    let outcome = function.call(&mut *store, &args, &mut results);
    match outcome {
        Ok(()) => {
            let done = write_line("R", None, &results)?;
            store.data_mut().expect(&done)?;
        }
        Err(error) if error.downcast_ref::<Thrown>().is_some() || error.downcast_ref::<wasmtime::Trap>().is_some() => {
            store.data_mut().expect("T")?;
        }
        Err(error) => return Err(error),
    }
    let names = store.data().globals.clone();
    let mut left = vec!["K".to_owned()];
    for name in names {
        let global = store.data().exports.get(&name).cloned().and_then(Extern::into_global);
        let value = global.ok_or_else(|| Error::msg("no counter"))?.get(&mut *store);
        left.push(value.unwrap_i64().to_string());
    }
    store.data_mut().expect(&left.join(" "))
}

fn function(store: &mut StoreContextMut<'_, Replay>, kind: &str, name: &str) -> Result<Func> {
    let found = if kind == "e" {
        store.data().exports.get(name).cloned().and_then(Extern::into_func)
    } else {
        let table = store.data().exports.values().find_map(|export| export.clone().into_table());
        match table.ok_or_else(|| Error::msg("the program exports no table"))?.get(&mut *store, name.parse()?) {
            Some(Ref::Func(function)) => function,
            _ => None,
        }
    };
    found.ok_or_else(|| Error::msg(format!("there is no function {kind} {name}")))
}

/// What the host threw through the program.
#[derive(Debug)]
struct Thrown;

impl std::fmt::Display for Thrown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the host threw")
    }
}

impl std::error::Error for Thrown {}

fn answer(mut caller: Caller<'_, Replay>, index: usize, params: &[Val], results: &mut [Val]) -> Result<()> {
    let asked = write_line("I", Some(index.to_string()), params)?;
    caller.data_mut().expect(&asked)?;
    let line = play(&mut caller.as_context_mut())?.ok_or_else(|| Error::msg("an import is never answered"))?;
    match line[0].as_str() {
        "A" => {
            for (result, word) in results.iter_mut().zip(&line[1..]) {
                *result = read_value(word)?;
            }
            Ok(())
        }
        "X" => Err(Error::new(Thrown)),
        other => bail!("line {}: {other} where the host has control", caller.data().at),
    }
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // Deep recursion is part of some programs.
    std::thread::Builder::new().stack_size(64 << 20).spawn(move || replay(&args))?.join().expect("it panicked")
}

fn replay(args: &[String]) -> Result<()> {
    let settings = Settings {
        instances: 1,
        table_elements: 1_000_000,
        tables: 16,
        parallel_compilation: true,
        consume_fuel: false,
        epoch_interruption: false,
    };
    let engine = make_engine(settings)?;
    let module = Module::from_file(&engine, &args[0])?;
    let lines = std::fs::read_to_string(&args[1])?;
    let lines = lines.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect();
    let replay = Replay { lines, globals: args[2..].to_vec(), ..Replay::default() };
    let mut store = Store::new(&engine, replay);
    let mut linker = Linker::new(&engine);
    for (index, import) in module.imports().enumerate() {
        if let Some(ty) = import.ty().memory().cloned() {
            let memory = Memory::new(&mut store, ty)?;
            store.data_mut().imported_memory = Some(memory);
            linker.define(&mut store, import.module(), import.name(), memory)?;
            continue;
        }
        let ty = import.ty().func().cloned();
        let ty = ty.ok_or_else(|| Error::msg("an import that is neither function nor memory"))?;
        linker.func_new(import.module(), import.name(), ty, move |caller, params, results| {
            answer(caller, index, params, results)
        })?;
    }
    let instance = linker.instantiate(&mut store, &module)?;
    let exports: Vec<(String, Extern)> =
        instance.exports(&mut store).map(|export| (export.name().to_owned(), export.into_extern())).collect();
    for (name, value) in [(&args[3], Val::I64(1 << 62)), (&args[4], Val::I64(1 << 62))] {
        instance.get_global(&mut store, name).ok_or_else(|| Error::msg("no counter"))?.set(&mut store, value)?;
    }
    if let Some(pages) = instance.get_global(&mut store, "demec:pages") {
        pages.set(&mut store, Val::I32(4000))?;
    }
    store.data_mut().exports.extend(exports);
    if let Some(line) = play(&mut store.as_context_mut())? {
        bail!("line {}: {} where nobody asked", store.data().at, line.join(" "));
    }
    println!("{}", store.data().at);
    Ok(())
}
