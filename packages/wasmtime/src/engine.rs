//! Wasmtime set up for programs that the meter rewrote.

use crate::stack::{STACK_BYTES, WASM_STACK_BYTES};
use std::num::NonZeroUsize;
use wasmtime::{
    Collector, Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Result,
    WasmFeatures,
};

/// How programs are compiled and where their instances live.
#[derive(Clone, Copy)]
pub struct Settings {
    /// Instances at a time.
    pub instances: u32,
    pub table_elements: u32,
    pub tables: u32,
    /// On all cores.
    pub parallel_compilation: bool,
    /// Wasmtime's own fuel, which deMEC does not use: only to measure against.
    pub consume_fuel: bool,
    pub epoch_interruption: bool,
}

const GIB: usize = 1 << 30;
/// Up to this size an instance's memory is cleared rather than given back to the system.
const KEEP_RESIDENT_BYTES: usize = 1 << 20;

/// Exactly what the meter lets through (docs/meter.md, "What is refused").
const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::BULK_MEMORY_OPT)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::GC_TYPES);

/// Makes the engine; where the pool cannot be reserved, instances are allocated one by one.
pub fn make_engine(settings: Settings) -> Result<Engine> {
    let mut config = config(settings);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(settings)));
    Engine::new(&config).or_else(|_| Engine::new(config.allocation_strategy(InstanceAllocationStrategy::OnDemand)))
}

fn config(settings: Settings) -> Config {
    let mut config = Config::new();
    config
        .wasm_features(WasmFeatures::all(), false)
        .wasm_features(FEATURES, true)
        .collector(Collector::Null)
        .cranelift_opt_level(OptLevel::Speed)
        // The meter makes NaNs canonical where they can be seen; everywhere would cost more.
        .cranelift_nan_canonicalization(false)
        .parallel_compilation(settings.parallel_compilation)
        .async_stack_size(STACK_BYTES)
        .max_wasm_stack(WASM_STACK_BYTES)
        // The instruction that trapped is all we ask for.
        .wasm_backtrace_max_frames(NonZeroUsize::new(1))
        .generate_address_map(true)
        .consume_fuel(settings.consume_fuel)
        .epoch_interruption(settings.epoch_interruption);
    config
}

fn pool(settings: Settings) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(settings.instances)
        // A module with external references gets a heap for them beside its memory.
        .total_memories(settings.instances * 2)
        .total_tables(settings.instances * settings.tables)
        .total_gc_heaps(settings.instances)
        .max_memories_per_module(1)
        .max_tables_per_module(settings.tables)
        .table_elements(settings.table_elements as usize)
        .max_memory_size(4 * GIB)
        // 100,000 functions, each with a reference, and 100,000 globals fit.
        .max_core_instance_size(64 << 20)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(1 << 16)
        .max_unused_warm_slots(settings.instances)
        .pagemap_scan(Enabled::Auto);
    pool
}
