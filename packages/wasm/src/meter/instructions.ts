/**
 * Every instruction of WebAssembly 2.0 with tail calls that is no prefixed vector instruction, one a line:
 * opcode, name, operands:result, weight class, flow.
 *
 * Operand letters: i i32, I i64, f f32, F f64, v v128; `*` stands for a shape that depends on types or immediates.
 * Prefix 0xfc is written as the high byte. The weight class is an entry of `weights.ts`.
 * The flow says how the bits of NaNs pass (docs/meter.md); none: operands are observed bit by bit, the result is exact.
 *   a32 a64  arithmetic on these lanes: operands unobserved, the result may hold a NaN of any bits
 *   c32 c64  reads numbers only: operands unobserved, the result is exact
 *   s32 s64  keeps, moves or picks lanes: the result is what its operands are
 *   p d      promotion, demotion
 *   n        makes a number from integers, never a NaN
 */
export const CORE_INSTRUCTIONS = `
0x00 unreachable * branch
0x01 nop * structure
0x02 block * structure
0x03 loop * structure
0x04 if * branch
0x05 else * structure
0x0b end * structure
0x0c br * branch
0x0d br_if * branch
0x0e br_table * branch-table
0x0f return * branch
0x10 call * call
0x11 call_indirect * call-indirect
0x12 return_call * call
0x13 return_call_indirect * call-indirect
0x1a drop * structure
0x1b select * move
0x1c select_t * move
0x20 local.get * move
0x21 local.set * move
0x22 local.tee * move
0x23 global.get * global
0x24 global.set * global
0x25 table.get * table
0x26 table.set * table
0x28 i32.load i:i load
0x29 i64.load i:I load
0x2a f32.load i:f load
0x2b f64.load i:F load
0x2c i32.load8_s i:i load
0x2d i32.load8_u i:i load
0x2e i32.load16_s i:i load
0x2f i32.load16_u i:i load
0x30 i64.load8_s i:I load
0x31 i64.load8_u i:I load
0x32 i64.load16_s i:I load
0x33 i64.load16_u i:I load
0x34 i64.load32_s i:I load
0x35 i64.load32_u i:I load
0x36 i32.store ii: store
0x37 i64.store iI: store
0x38 f32.store if: store
0x39 f64.store iF: store
0x3a i32.store8 ii: store
0x3b i32.store16 ii: store
0x3c i64.store8 iI: store
0x3d i64.store16 iI: store
0x3e i64.store32 iI: store
0x3f memory.size :i global
0x40 memory.grow i:i memory-grow
0x41 i32.const :i move
0x42 i64.const :I move
0x43 f32.const * move
0x44 f64.const * move
0x45 i32.eqz i:i alu
0x46 i32.eq ii:i alu
0x47 i32.ne ii:i alu
0x48 i32.lt_s ii:i alu
0x49 i32.lt_u ii:i alu
0x4a i32.gt_s ii:i alu
0x4b i32.gt_u ii:i alu
0x4c i32.le_s ii:i alu
0x4d i32.le_u ii:i alu
0x4e i32.ge_s ii:i alu
0x4f i32.ge_u ii:i alu
0x50 i64.eqz I:i alu
0x51 i64.eq II:i alu
0x52 i64.ne II:i alu
0x53 i64.lt_s II:i alu
0x54 i64.lt_u II:i alu
0x55 i64.gt_s II:i alu
0x56 i64.gt_u II:i alu
0x57 i64.le_s II:i alu
0x58 i64.le_u II:i alu
0x59 i64.ge_s II:i alu
0x5a i64.ge_u II:i alu
0x5b f32.eq ff:i float-compare c32
0x5c f32.ne ff:i float-compare c32
0x5d f32.lt ff:i float-compare c32
0x5e f32.gt ff:i float-compare c32
0x5f f32.le ff:i float-compare c32
0x60 f32.ge ff:i float-compare c32
0x61 f64.eq FF:i float-compare c64
0x62 f64.ne FF:i float-compare c64
0x63 f64.lt FF:i float-compare c64
0x64 f64.gt FF:i float-compare c64
0x65 f64.le FF:i float-compare c64
0x66 f64.ge FF:i float-compare c64
0x67 i32.clz i:i count
0x68 i32.ctz i:i count
0x69 i32.popcnt i:i count
0x6a i32.add ii:i alu
0x6b i32.sub ii:i alu
0x6c i32.mul ii:i multiply
0x6d i32.div_s ii:i divide
0x6e i32.div_u ii:i divide
0x6f i32.rem_s ii:i divide
0x70 i32.rem_u ii:i divide
0x71 i32.and ii:i alu
0x72 i32.or ii:i alu
0x73 i32.xor ii:i alu
0x74 i32.shl ii:i shift
0x75 i32.shr_s ii:i shift
0x76 i32.shr_u ii:i shift
0x77 i32.rotl ii:i shift
0x78 i32.rotr ii:i shift
0x79 i64.clz I:I count
0x7a i64.ctz I:I count
0x7b i64.popcnt I:I count
0x7c i64.add II:I alu
0x7d i64.sub II:I alu
0x7e i64.mul II:I multiply
0x7f i64.div_s II:I divide-long
0x80 i64.div_u II:I divide-long
0x81 i64.rem_s II:I divide-long
0x82 i64.rem_u II:I divide-long
0x83 i64.and II:I alu
0x84 i64.or II:I alu
0x85 i64.xor II:I alu
0x86 i64.shl II:I shift
0x87 i64.shr_s II:I shift
0x88 i64.shr_u II:I shift
0x89 i64.rotl II:I shift
0x8a i64.rotr II:I shift
0x8b f32.abs f:f float-sign s32
0x8c f32.neg f:f float-sign s32
0x8d f32.ceil f:f float-round a32
0x8e f32.floor f:f float-round a32
0x8f f32.trunc f:f float-round a32
0x90 f32.nearest f:f float-round a32
0x91 f32.sqrt f:f float-divide a32
0x92 f32.add ff:f float-add a32
0x93 f32.sub ff:f float-add a32
0x94 f32.mul ff:f float-add a32
0x95 f32.div ff:f float-divide a32
0x96 f32.min ff:f float-minmax a32
0x97 f32.max ff:f float-minmax a32
0x98 f32.copysign ff:f float-sign
0x99 f64.abs F:F float-sign s64
0x9a f64.neg F:F float-sign s64
0x9b f64.ceil F:F float-round a64
0x9c f64.floor F:F float-round a64
0x9d f64.trunc F:F float-round a64
0x9e f64.nearest F:F float-round a64
0x9f f64.sqrt F:F float-divide a64
0xa0 f64.add FF:F float-add a64
0xa1 f64.sub FF:F float-add a64
0xa2 f64.mul FF:F float-add a64
0xa3 f64.div FF:F float-divide a64
0xa4 f64.min FF:F float-minmax a64
0xa5 f64.max FF:F float-minmax a64
0xa6 f64.copysign FF:F float-sign
0xa7 i32.wrap_i64 I:i alu
0xa8 i32.trunc_f32_s f:i float-truncate c32
0xa9 i32.trunc_f32_u f:i float-truncate c32
0xaa i32.trunc_f64_s F:i float-truncate c64
0xab i32.trunc_f64_u F:i float-truncate c64
0xac i64.extend_i32_s i:I alu
0xad i64.extend_i32_u i:I alu
0xae i64.trunc_f32_s f:I float-truncate c32
0xaf i64.trunc_f32_u f:I float-truncate c32
0xb0 i64.trunc_f64_s F:I float-truncate c64
0xb1 i64.trunc_f64_u F:I float-truncate c64
0xb2 f32.convert_i32_s i:f float-convert n
0xb3 f32.convert_i32_u i:f float-convert n
0xb4 f32.convert_i64_s I:f float-convert n
0xb5 f32.convert_i64_u I:f float-convert n
0xb6 f32.demote_f64 F:f float-convert d
0xb7 f64.convert_i32_s i:F float-convert n
0xb8 f64.convert_i32_u i:F float-convert n
0xb9 f64.convert_i64_s I:F float-convert n
0xba f64.convert_i64_u I:F float-convert n
0xbb f64.promote_f32 f:F float-convert p
0xbc i32.reinterpret_f32 f:i alu
0xbd i64.reinterpret_f64 F:I alu
0xbe f32.reinterpret_i32 i:f alu
0xbf f64.reinterpret_i64 I:F alu
0xc0 i32.extend8_s i:i alu
0xc1 i32.extend16_s i:i alu
0xc2 i64.extend8_s I:I alu
0xc3 i64.extend16_s I:I alu
0xc4 i64.extend32_s I:I alu
0xd0 ref.null * move
0xd1 ref.is_null * alu
0xd2 ref.func * move
0xfc00 i32.trunc_sat_f32_s f:i float-truncate c32
0xfc01 i32.trunc_sat_f32_u f:i float-truncate c32
0xfc02 i32.trunc_sat_f64_s F:i float-truncate c64
0xfc03 i32.trunc_sat_f64_u F:i float-truncate c64
0xfc04 i64.trunc_sat_f32_s f:I float-truncate c32
0xfc05 i64.trunc_sat_f32_u f:I float-truncate c32
0xfc06 i64.trunc_sat_f64_s F:I float-truncate c64
0xfc07 i64.trunc_sat_f64_u F:I float-truncate c64
0xfc08 memory.init iii: bulk
0xfc09 data.drop : bulk
0xfc0a memory.copy iii: bulk
0xfc0b memory.fill iii: bulk
0xfc0c table.init iii: bulk
0xfc0d elem.drop : bulk
0xfc0e table.copy iii: bulk
0xfc0f table.grow * bulk
0xfc10 table.size :i global
0xfc11 table.fill * bulk
`;
