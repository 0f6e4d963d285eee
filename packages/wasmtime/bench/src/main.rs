//! Runs the kernels of bench/kernels in one process, in turns, in five ways: plain, with the meter of deMEC, with Wasmtime's
//! own fuel, and with each of the two and epochs. Prints one line a kernel: its name and the median user CPU milliseconds of
//! each way.
//!
//! Arguments: the plain module, the metered module, turns, names of the meter's globals (integer work, floating-point work,
//! pages), then name=size of each kernel.

#[allow(dead_code)]
#[path = "../../src/engine.rs"]
mod engine;
mod stack {
    pub const STACK_BYTES: usize = 2 << 20;
    pub const WASM_STACK_BYTES: usize = 1 << 20;
}

use engine::{Settings, make_engine};
use wasmtime::{Instance, Module, Result, Store, Val};

struct Way {
    store: Store<()>,
    instance: Instance,
    uses_fuel: bool,
}

const PLENTY: i64 = 1 << 62;

impl Way {
    fn new(bytes: &[u8], uses_fuel: bool, uses_epochs: bool, globals: &[String]) -> Result<Self> {
        let settings = Settings {
            instances: 1,
            table_elements: 1_000_000,
            tables: 16,
            parallel_compilation: true,
            consume_fuel: uses_fuel,
            epoch_interruption: uses_epochs,
        };
        let engine = make_engine(settings)?;
        let module = Module::from_binary(&engine, bytes)?;
        let mut store = Store::new(&engine, ());
        if uses_epochs {
            store.set_epoch_deadline(PLENTY as u64);
        }
        if uses_fuel {
            store.set_fuel(PLENTY as u64)?;
        }
        let instance = Instance::new(&mut store, &module, &[])?;
        for (at, name) in globals.iter().enumerate() {
            if let Some(global) = instance.get_global(&mut store, name) {
                global.set(&mut store, if at < 2 { Val::I64(PLENTY) } else { Val::I32(1000) })?;
            }
        }
        Ok(Self { store, instance, uses_fuel })
    }

    /// Result, as bits, and user CPU in milliseconds.
    fn run(&mut self, kernel: &str, size: i32) -> Result<(u64, f64)> {
        if self.uses_fuel {
            self.store.set_fuel(PLENTY as u64)?;
        }
        let function =
            self.instance.get_func(&mut self.store, kernel).ok_or_else(|| wasmtime::Error::msg("no kernel"))?;
        let mut results = vec![Val::I32(0); function.ty(&self.store).results().len()];
        let start = user_ms();
        function.call(&mut self.store, &[Val::I32(size)], &mut results)?;
        let spent = user_ms() - start;
        let bits = match results.first() {
            Some(Val::I32(value)) => *value as u64,
            Some(Val::I64(value)) => *value as u64,
            Some(Val::F32(bits)) => (*bits).into(),
            Some(Val::F64(bits)) => *bits,
            _ => 0,
        };
        Ok((bits, spent))
    }
}

fn user_ms() -> f64 {
    // SAFETY: getrusage fills the structure that it is given.
    let time = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage.ru_utime
    };
    time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (plain, metered) = (std::fs::read(&args[0])?, std::fs::read(&args[1])?);
    let turns: usize = args[2].parse()?;
    let globals = &args[3..6];
    let mut ways = [
        Way::new(&plain, false, false, globals)?,
        Way::new(&metered, false, false, globals)?,
        Way::new(&plain, true, false, globals)?,
        Way::new(&metered, false, true, globals)?,
        Way::new(&plain, true, true, globals)?,
    ];
    for kernel in &args[6..] {
        let (name, size) = kernel.split_once('=').ok_or_else(|| wasmtime::Error::msg("name=size"))?;
        let size: i32 = size.parse()?;
        let mut times = vec![Vec::new(); ways.len()];
        for _ in 0..turns {
            let mut first = None;
            for (way, times) in ways.iter_mut().zip(&mut times) {
                let (bits, spent) = way.run(name, size)?;
                assert_eq!(*first.get_or_insert(bits), bits, "{name} differs");
                times.push(spent);
            }
        }
        let medians: Vec<String> = times.into_iter().map(|times| format!("{:.3}", median(times))).collect();
        println!("{name} {}", medians.join(" "));
    }
    Ok(())
}
