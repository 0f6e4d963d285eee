// SPDX-License-Identifier: MIT
//! Random valid modules with what the meter supports.
use wasm_smith::{Config, MemoryOffsetChoices, Module};

/// The module of a seed: always the same. Odd seeds hold no floats, so that the original is deterministic.
pub fn module(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1);
    let length = 1000 + (next(&mut state) % 9000) as usize;
    let entropy: Vec<u8> = (0..length).map(|_| (next(&mut state) >> 32) as u8).collect();
    let config = Config {
        allow_floats: seed % 2 == 0,
        allow_start_export: true,
        export_everything: true,
        bulk_memory_enabled: true,
        // Most modules guard what could trap, so that they run long; the others trap everywhere.
        disallow_traps: seed % 5 < 3,
        exceptions_enabled: false,
        extended_const_enabled: true,
        gc_enabled: false,
        compact_imports_enabled: false,
        max_imports: 0,
        max_memories: 1,
        max_memory32_bytes: 1 << 20,
        max_table_elements: 1000,
        max_tables: 4,
        memory64_enabled: false,
        memory_max_size_required: true,
        memory_offset_choices: MemoryOffsetChoices(90, 9, 1),
        max_instructions: 200,
        max_type_size: 200,
        max_types: 20,
        min_funcs: 4,
        min_memories: 1,
        multi_value_enabled: true,
        reference_types_enabled: seed % 3 == 0,
        relaxed_simd_enabled: false,
        saturating_float_to_int_enabled: true,
        sign_extension_ops_enabled: true,
        simd_enabled: seed % 4 < 2,
        tail_call_enabled: true,
        table_max_size_required: true,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    };
    let mut source = source_of(&entropy);
    Module::new(config, &mut source).expect("entropy never runs out: it reads zeros").to_bytes()
}

fn source_of(entropy: &[u8]) -> arbitrary::Unstructured<'_> {
    arbitrary::Unstructured::new(entropy)
}

/// splitmix64
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
