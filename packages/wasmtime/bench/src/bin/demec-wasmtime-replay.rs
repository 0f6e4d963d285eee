//! Plays on Wasmtime what programs did on V8 (test/engines/recorder.ts): the host calls exports, writes memory and answers
//! imports as recorded; every import a program calls, with its arguments, every result and trap, the counters and at last
//! globals and the whole memory must be as they were. Prints the lines played, or where a program went another way.
//!
//! Arguments: names of the meter's globals (packed, integer and floating-point work, stack), then pairs of files: a metered
//! module and its recording.

#[allow(dead_code)]
#[path = "../../../src/engine.rs"]
mod engine;
#[allow(dead_code)]
#[path = "../../../src/status.rs"]
mod status;
#[path = "../../../src/traps.rs"]
mod traps;
mod stack {
    pub const STACK_BYTES: usize = 34 << 20;
    pub const WASM_STACK_BYTES: usize = 32 << 20;
}

use engine::{Settings, make_engine};
use sha2::{Digest, Sha256};
use status::Status;
use traps::trap_status;
use wasmtime::{
    AsContextMut, Caller, Engine, Error, Extern, Func, Global, Linker, Memory, Module, Ref, Result, Store,
    StoreContextMut, Trap, Val, bail,
};

/// A line of the recording: a letter and its words.
type Line = Vec<String>;

#[derive(Default)]
struct Replay {
    lines: Vec<Line>,
    at: usize,
    exports: Vec<(String, Extern)>,
    /// The memory that the program imports, if it does.
    imported_memory: Option<Memory>,
    globals: Vec<String>,
    /// The module: a trap's meaning may depend on its instruction.
    code: Vec<u8>,
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

/// JavaScript numbers do not keep the bits of a NaN, so no value shows them; memory does.
fn write_value(value: &Val) -> Result<String> {
    Ok(match value {
        Val::I32(value) => format!("i:{value}"),
        Val::I64(value) => format!("I:{value}"),
        Val::F32(bits) if f32::from_bits(*bits).is_nan() => "f:nan".to_owned(),
        Val::F64(bits) if f64::from_bits(*bits).is_nan() => "F:nan".to_owned(),
        Val::F32(bits) => format!("f:{bits:08x}"),
        Val::F64(bits) => format!("F:{bits:016x}"),
        Val::FuncRef(reference) => format!("r:{}", reference.is_some()),
        Val::ExternRef(reference) => format!("r:{}", reference.is_some()),
        _ => bail!("a value that no recording has"),
    })
}

fn read_value(word: &str) -> Result<Val> {
    let (kind, digits) = word.split_once(':').ok_or_else(|| Error::msg("a value without a type"))?;
    Ok(match kind {
        "i" => Val::I32(digits.parse()?),
        "I" => Val::I64(digits.parse()?),
        "f" if digits == "nan" => Val::F32(f32::NAN.to_bits()),
        "F" if digits == "nan" => Val::F64(f64::NAN.to_bits()),
        "n" if digits == "func" => Val::FuncRef(None),
        "n" => Val::ExternRef(None),
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
    let exported = store.data().exports.iter().find_map(|(_, export)| export.clone().into_memory());
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
            "F" => {
                for (at, word) in line[1..].iter().enumerate() {
                    let value = read_value(word)?;
                    global(store, at + 1)?.set(&mut *store, value)?;
                }
            }
            "S" => {
                let found = export(store, &line[1])?.into_global();
                let value = found.ok_or_else(|| Error::msg("a global is missing"))?.get(&mut *store);
                let shown = write_value(&value)?;
                if shown != line[2] {
                    bail!("global {}: recorded {}, but it is {shown}", line[1], line[2]);
                }
            }
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
        Err(error) if error.downcast_ref::<Thrown>().is_some() => store.data_mut().expect("T thrown")?,
        Err(error) => {
            let status = status(store, &error).ok_or(error)?;
            store.data_mut().expect(&format!("T {}", status as u32))?;
        }
    }
    let mut left = vec!["K".to_owned()];
    for at in 0..3 {
        left.push(global(store, at)?.get(&mut *store).unwrap_i64().to_string());
    }
    store.data_mut().expect(&left.join(" "))
}

/// One of the meter's globals, in the order of the arguments.
fn global(store: &StoreContextMut<'_, Replay>, at: usize) -> Result<Global> {
    let Replay { exports, globals, .. } = store.data();
    let found = exports.iter().find(|(name, _)| *name == globals[at]).and_then(|(_, item)| item.clone().into_global());
    found.ok_or_else(|| Error::msg("a global is missing"))
}

/// How the program ended, if it was not the host's doing: as src/invocation.rs has it.
fn status(store: &mut StoreContextMut<'_, Replay>, error: &Error) -> Option<Status> {
    let trap = *error.downcast_ref::<Trap>()?;
    let found = trap_status(error, trap, &store.data().code)?;
    let stack = global(store, 3).ok()?.get(&mut *store).unwrap_i32();
    Some(if stack < 0 { Status::StackOverflow } else { found })
}

/// The export of this number.
fn export(store: &StoreContextMut<'_, Replay>, number: &str) -> Result<Extern> {
    let found = store.data().exports.get(number.parse::<usize>()?);
    found.map(|(_, item)| item.clone()).ok_or_else(|| Error::msg("an export is missing"))
}

fn function(store: &mut StoreContextMut<'_, Replay>, kind: &str, name: &str) -> Result<Func> {
    let found = if kind == "e" {
        export(store, name)?.into_func()
    } else {
        let table = store.data().exports.iter().find_map(|(_, export)| export.clone().into_table());
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

const GLOBALS: usize = 4;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // Deep recursion is part of some programs.
    std::thread::Builder::new().stack_size(64 << 20).spawn(move || replay_all(&args))?.join().expect("it panicked")
}

fn replay_all(args: &[String]) -> Result<()> {
    let settings = Settings {
        instances: 1,
        table_elements: 1_000_000,
        tables: 16,
        parallel_compilation: true,
        consume_fuel: false,
        epoch_interruption: false,
    };
    let engine = make_engine(settings)?;
    let (globals, pairs) = args.split_at(GLOBALS);
    let mut lines = 0;
    for pair in pairs.chunks_exact(2) {
        lines += replay(&engine, globals, &pair[0], &pair[1]).map_err(|error| error.context(pair[0].clone()))?;
    }
    println!("{lines}");
    Ok(())
}

fn replay(engine: &Engine, globals: &[String], module: &str, recording: &str) -> Result<usize> {
    let code = std::fs::read(module)?;
    let module = Module::from_binary(engine, &code)?;
    let lines = std::fs::read_to_string(recording)?;
    let lines = lines.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect();
    let replay = Replay { lines, globals: globals.to_vec(), code, ..Replay::default() };
    let mut store = Store::new(engine, replay);
    let mut linker = Linker::new(engine);
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
    let instance = match linker.instantiate(&mut store, &module) {
        Ok(instance) => instance,
        Err(error) => {
            let trap = error.downcast_ref::<Trap>().copied();
            let status = trap.and_then(|trap| trap_status(&error, trap, &store.data().code)).ok_or(error)?;
            store.data_mut().expect(&format!("B {}", status as u32))?;
            return Ok(store.data().at);
        }
    };
    let exports: Vec<(String, Extern)> =
        instance.exports(&mut store).map(|export| (export.name().to_owned(), export.into_extern())).collect();
    store.data_mut().exports.extend(exports);
    if let Some(pages) = instance.get_global(&mut store, PAGES) {
        pages.set(&mut store, Val::I32(MORE_PAGES))?;
    }
    if let Some(line) = play(&mut store.as_context_mut())? {
        bail!("line {}: {} where nobody asked", store.data().at, line.join(" "));
    }
    Ok(store.data().at)
}

/// As test/engines/recorder.ts has them.
const PAGES: &str = "demec:pages";
const MORE_PAGES: i32 = 4000;
