//! One call in an instance of its own: packages/wasm/src/v8/invocation.ts, for Wasmtime.

use crate::counters::{Counters, WorkLeft};
use crate::descriptors::Descriptors;
use crate::file_tree::{FileLimits, FileTree, RequestFiles};
use crate::host::{Host, Prices};
use crate::module::{Compiled, Entry, Shape};
use crate::random::SeededRandom;
use crate::status::{Ended, Fault, Status};
use crate::traps::trap_status;
use wasmtime::{Global, Instance, Memory, ModuleExport, Store, StoreLimitsBuilder, Trap, Val};

/// Everything that decides an execution, but for the module.
pub struct Call {
    pub args: Vec<Vec<u8>>,
    pub env: Vec<Vec<u8>>,
    pub files: RequestFiles,
    pub clock_ns: u64,
    pub seed: [u8; 32],
    /// At most `i64::MAX`, as the counters.
    pub bit_limit: i64,
    pub float_limit: i64,
    pub memory_pages: u32,
    pub output_bytes: u32,
    /// Wall-clock backstop in ticks of the engine's epoch; none: never.
    pub ticks: Option<u64>,
}

pub struct Outcome {
    pub ended: Ended,
    pub output: Vec<u8>,
    pub stderr: Vec<u8>,
    pub bit_ops: i64,
    pub float_ops: i64,
}

const PAGE_BYTES: usize = 1 << 16;
/// Without a backstop: in centuries.
const NO_TICKS: u64 = 1 << 48;

/// Runs one invocation to its end.
pub fn run(compiled: &Compiled, call: Call, input: &[u8]) -> Result<Outcome, Fault> {
    let (bit_limit, float_limit) = (call.bit_limit, call.float_limit);
    let mut invocation = Invocation::new(compiled, call, input);
    // Instantiating has a fixed price that is due before it happens.
    if invocation.start_bit_ops > bit_limit {
        return Ok(invocation.outcome(Status::OutOfFuel.into(), bit_limit, 0));
    }
    let ended = match invocation.execute(input) {
        Ok(ended) => ended,
        Err(error) => invocation.end_of(error)?,
    };
    let left = invocation.left();
    // Between two checks work may run over a limit; whatever else happened then, the limit came first.
    let is_over = left.bit_ops < 0 || left.float_ops < 0;
    let ended = if is_over { Status::OutOfFuel.into() } else { ended };
    Ok(invocation.outcome(ended, bit_limit - left.bit_ops.max(0), float_limit - left.float_ops.max(0)))
}

struct Invocation<'a> {
    compiled: &'a Compiled,
    store: Store<Host>,
    instance: Option<Running>,
    memory_pages: u32,
    bit_limit: i64,
    float_limit: i64,
    /// Integer work of making the instance, with the request's files.
    start_bit_ops: i64,
    result: Option<Vec<u8>>,
}

/// What the host needs of an instance.
#[derive(Clone, Copy)]
struct Running {
    instance: Instance,
    counters: Counters,
    stack: Global,
}

impl<'a> Invocation<'a> {
    fn new(compiled: &'a Compiled, call: Call, input: &[u8]) -> Self {
        let contract = &compiled.contract;
        let path_bytes: usize = call.files.iter().map(|(path, _)| path.len()).sum();
        let planting_bit_ops = path_bytes as i64 * i64::from(contract.ops_per_path_byte);
        let limits = FileLimits {
            nodes: contract.file_nodes as usize,
            bytes: contract.file_bytes.into(),
            path_bytes: contract.file_path_bytes,
            name_bytes: contract.file_name_bytes as usize,
            descriptors: contract.descriptors as usize,
        };
        let host = Host {
            args: call.args,
            env: call.env,
            clock_ns: call.clock_ns,
            random: SeededRandom::new(call.seed),
            request_files: Some(call.files),
            tree: FileTree::new(limits, call.clock_ns),
            descriptors: Descriptors::new(limits.descriptors),
            prices: Prices {
                host_call: contract.ops_per_host_call.into(),
                bytes_per_op: contract.bytes_per_op.into(),
                random_byte: contract.ops_per_random_byte.into(),
                path_byte: contract.ops_per_path_byte.into(),
                directory_entry: contract.ops_per_directory_entry.into(),
            },
            memory: None,
            counters: None,
            limits: StoreLimitsBuilder::new()
                .memory_size(call.memory_pages as usize * PAGE_BYTES)
                .table_elements(contract.table_elements as usize)
                .instances(1)
                .memories(1)
                .tables(contract.tables as usize)
                .build(),
            output_limit: call.output_bytes.into(),
            // A reactor gets its input by `handle`.
            input: if compiled.info.shape == Shape::Command { input.to_vec() } else { Vec::new() },
            input_at: 0,
            stdout: Vec::new(),
            stderr: Vec::new(),
        };
        let mut store = Store::new(compiled.pre.module().engine(), host);
        store.limiter(|host| &mut host.limits);
        store.set_epoch_deadline(call.ticks.unwrap_or(NO_TICKS));
        Self {
            compiled,
            store,
            instance: None,
            memory_pages: call.memory_pages,
            bit_limit: call.bit_limit,
            float_limit: call.float_limit,
            start_bit_ops: compiled.info.instantiation_bit_ops + planting_bit_ops,
            result: None,
        }
    }

    fn outcome(&mut self, ended: Ended, bit_ops: i64, float_ops: i64) -> Outcome {
        let host = self.store.data_mut();
        let has_output = matches!(ended.status, Status::Ok | Status::ExitCode);
        let output = match self.result.take() {
            _ if !has_output => Vec::new(),
            Some(result) => result,
            None => std::mem::take(&mut host.stdout),
        };
        Outcome { ended, output, stderr: std::mem::take(&mut host.stderr), bit_ops, float_ops }
    }

    fn execute(&mut self, input: &[u8]) -> wasmtime::Result<Ended> {
        let Compiled { pre, exports, info, .. } = self.compiled;
        let instance = pre.instantiate(&mut self.store)?;
        let store = &mut self.store;
        let global = |store: &mut Store<Host>, export| {
            let found = instance.get_module_export(store, export).and_then(wasmtime::Extern::into_global);
            found.ok_or_else(|| wasmtime::Error::msg("an export of the meter is no global"))
        };
        let memory = instance.get_module_export(&mut *store, &exports.memory).and_then(wasmtime::Extern::into_memory);
        let memory = memory.ok_or_else(|| wasmtime::Error::msg("the module exports no memory"))?;
        let counters = Counters {
            work: global(store, &exports.work)?,
            bit_ops: global(store, &exports.bit_ops)?,
            float_ops: global(store, &exports.float_ops)?,
        };
        let stack = global(store, &exports.stack)?;
        self.instance = Some(Running { instance, counters, stack });
        let host = store.data_mut();
        host.memory = Some(memory);
        host.counters = Some(counters);
        let bit_ops = self.bit_limit - self.start_bit_ops;
        counters.start(&mut *store, WorkLeft { bit_ops, float_ops: self.float_limit })?;
        if let Some(pages) = &exports.pages {
            let most = self.memory_pages.min(info.maximum_pages);
            global(store, pages)?.set(&mut *store, Val::I32((most - info.initial_pages) as i32))?;
        }
        if let Some(start) = &exports.start {
            self.call::<(), ()>(start, ())?;
        }
        match &exports.entry {
            Entry::Command { start } => self.call::<(), ()>(start, ()).map(|()| Status::Ok.into()),
            Entry::Reactor { initialize, alloc, handle } => {
                if let Some(initialize) = initialize {
                    self.call::<(), ()>(initialize, ())?;
                }
                self.react(memory, alloc, handle, input)
            }
        }
    }

    fn call<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
        &mut self,
        export: &ModuleExport,
        params: P,
    ) -> wasmtime::Result<R> {
        let running = self.instance.expect("called after the instance was made");
        let found = running.instance.get_module_export(&mut self.store, export).and_then(wasmtime::Extern::into_func);
        let function = found.ok_or_else(|| wasmtime::Error::msg("what is to be called is no function"))?;
        function.typed::<P, R>(&self.store)?.call(&mut self.store, params)
    }

    fn react(
        &mut self,
        memory: Memory,
        alloc: &ModuleExport,
        handle: &ModuleExport,
        input: &[u8],
    ) -> wasmtime::Result<Ended> {
        let length = input.len() as u32;
        let at: u32 = self.call(alloc, length)?;
        let Some(target) = range(memory.data_mut(&mut self.store), at, length) else {
            return Ok(Status::InvalidResult.into());
        };
        target.copy_from_slice(input);
        let packed: u64 = self.call(handle, (at, length))?;
        let (start, length) = ((packed >> 32) as u32, packed as u32);
        let (memory, host) = memory.data_and_store_mut(&mut self.store);
        let Some(result) = range(memory, start, length) else { return Ok(Status::InvalidResult.into()) };
        if u64::from(length) + host.written() > host.output_limit {
            return Ok(Status::OutputLimitExceeded.into());
        }
        self.result = Some(result.to_vec());
        Ok(Status::Ok.into())
    }

    /// How the program ended that failed with `error`, unless it was the host who failed it.
    fn end_of(&mut self, error: wasmtime::Error) -> Result<Ended, Fault> {
        if let Some(ended) = error.downcast_ref::<Ended>() {
            return Ok(*ended);
        }
        let stack = self.instance.map_or(0, |running| running.stack.get(&mut self.store).unwrap_i32());
        let trap = error.downcast_ref::<Trap>().copied();
        if trap == Some(Trap::Interrupt) {
            return Err(Fault::Deadline);
        }
        let status = trap.and_then(|trap| trap_status(&error, trap, &self.compiled.code));
        match status {
            Some(status) if stack != self.compiled.contract.host_denied => {
                Ok(if stack < 0 { Status::StackOverflow.into() } else { status.into() })
            }
            _ => Err(Fault::Host(format!("{error:?}"))),
        }
    }

    fn left(&mut self) -> WorkLeft {
        match self.instance {
            Some(Running { counters, .. }) => counters.left(&mut self.store),
            None => WorkLeft { bit_ops: self.bit_limit - self.start_bit_ops, float_ops: self.float_limit },
        }
    }
}

fn range(memory: &mut [u8], at: u32, length: u32) -> Option<&mut [u8]> {
    let at = at as usize;
    memory.get_mut(at..at + length as usize)
}
