//! The Wasmtime engine of deMEC as a Node add-on. docs/engines.md says what it is; src/engine.ts is its other half.

mod cache;
mod call;
mod contract;
mod counters;
mod descriptors;
mod engine;
mod epoch;
mod errno;
mod exchange;
mod file_tree;
mod guest;
mod host;
mod invocation;
mod linker;
mod module;
mod place;
mod random;
mod stack;
mod stat;
mod status;
mod traps;
mod wasi;
mod wasi_fd;
mod wasi_path;

use crate::cache::Cache;
use crate::call::{HEADER_BYTES, read_call, write_outcome};
use crate::contract::Contract;
use crate::engine::{Settings, make_engine};
use crate::epoch::Clock;
use crate::exchange::Exchange;
use crate::host::Host;
use crate::invocation::{Call, Outcome};
use crate::module::{Compiled, Info, Shape};
use crate::status::Fault;
use napi::bindgen_prelude::{AsyncTask, Buffer, Error, Result, Uint8Array, Uint8ArraySlice};
use napi::{Env, Task};
use napi_derive::napi;
use std::path::Path;
use std::sync::Arc;
use wasmtime::{Engine, Linker, Module};

/// How to set up an engine.
#[napi(object)]
pub struct EngineOptions {
    /// Instances at a time.
    pub instances: u32,
    /// Folder of compiled modules, private to this user; none: nothing is kept on disk.
    pub cache_folder: Option<String>,
    /// Bytes of compiled modules kept there.
    pub cache_bytes: f64,
    /// Programs end when the deadline of their call is over.
    pub has_backstop: bool,
    /// Compile on one thread of low priority.
    pub compiles_aside: bool,
}

/// What the meter said of a module.
#[napi(object)]
pub struct ModuleOptions {
    pub is_reactor: bool,
    pub has_initialiser: bool,
    pub initial_pages: u32,
    pub maximum_pages: u32,
    pub instantiation_bit_ops: i64,
}

struct Core {
    engine: Engine,
    linker: Linker<Host>,
    contract: Arc<Contract>,
    /// None: deadlines are somebody else's business.
    clock: Option<Clock>,
    cache: Option<Cache>,
    compiles_aside: bool,
    exchange: Exchange,
}

impl Core {
    fn compile(&self, code: &[u8]) -> wasmtime::Result<Module> {
        if !self.compiles_aside {
            return Module::from_binary(&self.engine, code);
        }
        // A thread of its own, since a priority once given up does not come back.
        std::thread::scope(|scope| {
            let compile = || {
                // SAFETY: a system call on plain numbers. On Linux it is about this thread alone; failing does no harm.
                #[cfg(target_os = "linux")]
                unsafe {
                    libc::setpriority(libc::PRIO_PROCESS, 0, LOW_PRIORITY)
                };
                Module::from_binary(&self.engine, code)
            };
            let thread = std::thread::Builder::new().name("demec-compile".into()).spawn_scoped(scope, compile)?;
            thread.join().unwrap_or_else(|_| Err(wasmtime::Error::msg("the compiler panicked")))
        })
    }
}

/// As for `nice`.
#[cfg(target_os = "linux")]
const LOW_PRIORITY: i32 = 10;

#[napi]
pub struct NativeEngine(Arc<Core>);

#[napi]
impl NativeEngine {
    #[napi(constructor)]
    pub fn new(contract: Contract, options: EngineOptions, exchange: Uint8Array) -> Result<Self> {
        let settings = Settings {
            instances: options.instances,
            table_elements: contract.table_elements,
            tables: contract.tables,
            parallel_compilation: !options.compiles_aside,
            consume_fuel: false,
            epoch_interruption: options.has_backstop,
        };
        let engine = make_engine(settings).map_err(failure)?;
        let cache = options
            .cache_folder
            .as_deref()
            .map(|folder| Cache::open(Path::new(folder), options.cache_bytes as u64, &engine).map_err(failure));
        let core = Core {
            linker: linker::wasi_linker(&engine).map_err(failure)?,
            clock: options.has_backstop.then(|| Clock::start(&engine)).transpose().map_err(failure)?,
            cache: cache.transpose()?,
            compiles_aside: options.compiles_aside,
            contract: Arc::new(contract),
            exchange: Exchange::new(exchange)?,
            engine,
        };
        Ok(Self(Arc::new(core)))
    }

    /// Compiles a rewritten module off the main thread, or takes it from the cache.
    #[napi(ts_return_type = "Promise<NativeModule>")]
    pub fn compile(&self, code: Uint8Array, options: ModuleOptions) -> AsyncTask<Compile> {
        AsyncTask::new(Compile { core: self.0.clone(), code: code.to_vec(), options })
    }
}

pub struct Compile {
    core: Arc<Core>,
    code: Vec<u8>,
    options: ModuleOptions,
}

impl Task for Compile {
    type Output = Compiled;
    type JsValue = NativeModule;

    fn compute(&mut self) -> Result<Compiled> {
        let Core { engine, linker, contract, cache, .. } = &*self.core;
        let code = std::mem::take(&mut self.code);
        let cached = cache.as_ref().and_then(|cache| cache.get(engine, &code));
        let module = match cached {
            Some(module) => module,
            None => {
                let module = self.core.compile(&code).map_err(failure)?;
                if let Some(cache) = cache {
                    cache.put(&code, &module);
                }
                module
            }
        };
        let options = &self.options;
        let info = Info {
            shape: if options.is_reactor { Shape::Reactor } else { Shape::Command },
            has_initialiser: options.has_initialiser,
            initial_pages: options.initial_pages,
            maximum_pages: options.maximum_pages,
            instantiation_bit_ops: options.instantiation_bit_ops,
        };
        Compiled::new(contract, linker, &module, info, code).map_err(failure)
    }

    fn resolve(&mut self, _env: Env, compiled: Compiled) -> Result<NativeModule> {
        Ok(NativeModule { core: self.core.clone(), compiled: Arc::new(compiled) })
    }
}

#[napi]
pub struct NativeModule {
    core: Arc<Core>,
    compiled: Arc<Compiled>,
}

#[napi]
impl NativeModule {
    /// Runs one call on this thread. Header, input, strings and files stand in the engine's exchange, one behind the other;
    /// in their place come the outcome's header and what belongs to it. What has no room there is returned.
    #[napi]
    pub fn run_exchanged<'env>(
        &self,
        env: &'env Env,
        input_bytes: u32,
        string_bytes: u32,
        file_bytes: u32,
    ) -> Result<Option<Uint8ArraySlice<'env>>> {
        // SAFETY: JavaScript waits for this function, so that nobody else touches the exchange meanwhile.
        let exchange = unsafe { self.core.exchange.bytes() };
        let (header, rest) = exchange.split_at_mut(HEADER_BYTES);
        let mut at = 0;
        let mut part = |length: u32| {
            let from = at;
            at += length as usize;
            rest.get(from..at).ok_or_else(|| failure("a call is larger than the exchange"))
        };
        let (input, strings, files) = (part(input_bytes)?, part(string_bytes)?, part(file_bytes)?);
        let call = read(header, strings, files, &self.compiled)?;
        let bytes = write_outcome(header, execute(&self.core, &self.compiled, call, input));
        match rest.get_mut(..bytes.len()) {
            Some(room) => {
                room.copy_from_slice(&bytes);
                Ok(None)
            }
            None => Uint8ArraySlice::from_data(env, bytes).map(Some),
        }
    }

    /// Runs one call on this thread, of any size; the header says which call, then what became of it.
    #[napi]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        mut header: Uint8ArraySlice<'env>,
        input: Uint8ArraySlice<'env>,
        strings: Uint8ArraySlice<'env>,
        files: Uint8ArraySlice<'env>,
    ) -> Result<Uint8ArraySlice<'env>> {
        // SAFETY: JavaScript waits for this function, so that nobody else touches its buffers meanwhile.
        let header = unsafe { header.as_mut() };
        let call = read(header, &strings, &files, &self.compiled)?;
        let outcome = execute(&self.core, &self.compiled, call, &input);
        Uint8ArraySlice::from_data(env, write_outcome(header, outcome))
    }

    /// Runs one call on libuv's pool; resolves to the header of the outcome and what stands behind it.
    #[napi(ts_return_type = "Promise<Buffer>")]
    pub fn run_aside(
        &self,
        header: Uint8Array,
        input: Uint8Array,
        strings: Uint8Array,
        files: Uint8Array,
    ) -> Result<AsyncTask<RunAside>> {
        let call = Some(read(&header, &strings, &files, &self.compiled)?);
        let (core, compiled) = (self.core.clone(), self.compiled.clone());
        Ok(AsyncTask::new(RunAside { core, compiled, call, input: input.to_vec() }))
    }
}

pub struct RunAside {
    core: Arc<Core>,
    compiled: Arc<Compiled>,
    call: Option<Call>,
    input: Vec<u8>,
}

impl Task for RunAside {
    type Output = Vec<u8>;
    type JsValue = Buffer;

    fn compute(&mut self) -> Result<Vec<u8>> {
        let call = self.call.take().ok_or_else(|| failure("a task runs once"))?;
        let outcome = execute(&self.core, &self.compiled, call, &self.input);
        let mut answer = vec![0; HEADER_BYTES];
        let bytes = write_outcome(&mut answer, outcome);
        answer.extend_from_slice(&bytes);
        Ok(answer)
    }

    fn resolve(&mut self, _env: Env, answer: Vec<u8>) -> Result<Buffer> {
        Ok(answer.into())
    }
}

fn read(header: &[u8], strings: &[u8], files: &[u8], compiled: &Compiled) -> Result<Call> {
    if header.len() < HEADER_BYTES {
        return Err(failure("a call's header is too short"));
    }
    read_call(header, strings, files, compiled.info.shape).ok_or_else(|| failure("a call makes no sense"))
}

fn execute(core: &Core, compiled: &Compiled, call: Call, input: &[u8]) -> std::result::Result<Outcome, Fault> {
    let _running = call.ticks.and(core.clock.as_ref()).map(Clock::run);
    stack::on_own_stack(|| invocation::run(compiled, call, input)).unwrap_or_else(|what| Err(Fault::Host(what)))
}

fn failure(error: impl std::fmt::Display) -> Error {
    Error::from_reason(format!("{error:#}"))
}
