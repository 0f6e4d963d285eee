/**
 * Every instruction of fixed-width SIMD, one a line, in the form of `instructions.ts`. A vector that was made from
 * integers (n32, n64) is no NaN in its own lanes but may look like one in the other's.
 */
export const VECTOR_INSTRUCTIONS = `
0xfd00 v128.load i:v vector-load
0xfd01 v128.load8x8_s i:v vector-load
0xfd02 v128.load8x8_u i:v vector-load
0xfd03 v128.load16x4_s i:v vector-load
0xfd04 v128.load16x4_u i:v vector-load
0xfd05 v128.load32x2_s i:v vector-load
0xfd06 v128.load32x2_u i:v vector-load
0xfd07 v128.load8_splat i:v vector-load
0xfd08 v128.load16_splat i:v vector-load
0xfd09 v128.load32_splat i:v vector-load
0xfd0a v128.load64_splat i:v vector-load
0xfd0b v128.store iv: vector-store
0xfd0c v128.const * move
0xfd0d i8x16.shuffle vv:v vector-shuffle
0xfd0e i8x16.swizzle vv:v vector-swizzle
0xfd0f i8x16.splat i:v vector-alu
0xfd10 i16x8.splat i:v vector-alu
0xfd11 i32x4.splat i:v vector-alu
0xfd12 i64x2.splat I:v vector-alu
0xfd13 f32x4.splat f:v vector-alu s32
0xfd14 f64x2.splat F:v vector-alu s64
0xfd15 i8x16.extract_lane_s v:i vector-alu
0xfd16 i8x16.extract_lane_u v:i vector-alu
0xfd17 i8x16.replace_lane vi:v vector-alu
0xfd18 i16x8.extract_lane_s v:i vector-alu
0xfd19 i16x8.extract_lane_u v:i vector-alu
0xfd1a i16x8.replace_lane vi:v vector-alu
0xfd1b i32x4.extract_lane v:i vector-alu
0xfd1c i32x4.replace_lane vi:v vector-alu
0xfd1d i64x2.extract_lane v:I vector-alu
0xfd1e i64x2.replace_lane vI:v vector-alu
0xfd1f f32x4.extract_lane v:f vector-alu s32
0xfd20 f32x4.replace_lane vf:v vector-alu s32
0xfd21 f64x2.extract_lane v:F vector-alu s64
0xfd22 f64x2.replace_lane vF:v vector-alu s64
0xfd23 i8x16.eq vv:v vector-alu
0xfd24 i8x16.ne vv:v vector-alu
0xfd25 i8x16.lt_s vv:v vector-alu
0xfd26 i8x16.lt_u vv:v vector-alu
0xfd27 i8x16.gt_s vv:v vector-alu
0xfd28 i8x16.gt_u vv:v vector-alu
0xfd29 i8x16.le_s vv:v vector-alu
0xfd2a i8x16.le_u vv:v vector-alu
0xfd2b i8x16.ge_s vv:v vector-alu
0xfd2c i8x16.ge_u vv:v vector-alu
0xfd2d i16x8.eq vv:v vector-alu
0xfd2e i16x8.ne vv:v vector-alu
0xfd2f i16x8.lt_s vv:v vector-alu
0xfd30 i16x8.lt_u vv:v vector-alu
0xfd31 i16x8.gt_s vv:v vector-alu
0xfd32 i16x8.gt_u vv:v vector-alu
0xfd33 i16x8.le_s vv:v vector-alu
0xfd34 i16x8.le_u vv:v vector-alu
0xfd35 i16x8.ge_s vv:v vector-alu
0xfd36 i16x8.ge_u vv:v vector-alu
0xfd37 i32x4.eq vv:v vector-alu
0xfd38 i32x4.ne vv:v vector-alu
0xfd39 i32x4.lt_s vv:v vector-alu
0xfd3a i32x4.lt_u vv:v vector-alu
0xfd3b i32x4.gt_s vv:v vector-alu
0xfd3c i32x4.gt_u vv:v vector-alu
0xfd3d i32x4.le_s vv:v vector-alu
0xfd3e i32x4.le_u vv:v vector-alu
0xfd3f i32x4.ge_s vv:v vector-alu
0xfd40 i32x4.ge_u vv:v vector-alu
0xfd41 f32x4.eq vv:v vector-float-compare c32
0xfd42 f32x4.ne vv:v vector-float-compare c32
0xfd43 f32x4.lt vv:v vector-float-compare c32
0xfd44 f32x4.gt vv:v vector-float-compare c32
0xfd45 f32x4.le vv:v vector-float-compare c32
0xfd46 f32x4.ge vv:v vector-float-compare c32
0xfd47 f64x2.eq vv:v vector-float-compare c64
0xfd48 f64x2.ne vv:v vector-float-compare c64
0xfd49 f64x2.lt vv:v vector-float-compare c64
0xfd4a f64x2.gt vv:v vector-float-compare c64
0xfd4b f64x2.le vv:v vector-float-compare c64
0xfd4c f64x2.ge vv:v vector-float-compare c64
0xfd4d v128.not v:v vector-alu
0xfd4e v128.and vv:v vector-alu
0xfd4f v128.andnot vv:v vector-alu
0xfd50 v128.or vv:v vector-alu
0xfd51 v128.xor vv:v vector-alu
0xfd52 v128.bitselect vvv:v vector-alu
0xfd53 v128.any_true v:i vector-alu
0xfd54 v128.load8_lane iv:v vector-load
0xfd55 v128.load16_lane iv:v vector-load
0xfd56 v128.load32_lane iv:v vector-load
0xfd57 v128.load64_lane iv:v vector-load
0xfd58 v128.store8_lane iv: vector-store
0xfd59 v128.store16_lane iv: vector-store
0xfd5a v128.store32_lane iv: vector-store
0xfd5b v128.store64_lane iv: vector-store
0xfd5c v128.load32_zero i:v vector-load
0xfd5d v128.load64_zero i:v vector-load
0xfd5e f32x4.demote_f64x2_zero v:v vector-float-convert d
0xfd5f f64x2.promote_low_f32x4 v:v vector-float-convert p
0xfd60 i8x16.abs v:v vector-alu
0xfd61 i8x16.neg v:v vector-alu
0xfd62 i8x16.popcnt v:v vector-alu
0xfd63 i8x16.all_true v:i vector-alu
0xfd64 i8x16.bitmask v:i vector-alu
0xfd65 i8x16.narrow_i16x8_s vv:v vector-alu
0xfd66 i8x16.narrow_i16x8_u vv:v vector-alu
0xfd67 f32x4.ceil v:v vector-float-round a32
0xfd68 f32x4.floor v:v vector-float-round a32
0xfd69 f32x4.trunc v:v vector-float-round a32
0xfd6a f32x4.nearest v:v vector-float-round a32
0xfd6b i8x16.shl vi:v vector-alu
0xfd6c i8x16.shr_s vi:v vector-alu
0xfd6d i8x16.shr_u vi:v vector-alu
0xfd6e i8x16.add vv:v vector-alu
0xfd6f i8x16.add_sat_s vv:v vector-alu
0xfd70 i8x16.add_sat_u vv:v vector-alu
0xfd71 i8x16.sub vv:v vector-alu
0xfd72 i8x16.sub_sat_s vv:v vector-alu
0xfd73 i8x16.sub_sat_u vv:v vector-alu
0xfd74 f64x2.ceil v:v vector-float-round a64
0xfd75 f64x2.floor v:v vector-float-round a64
0xfd76 i8x16.min_s vv:v vector-alu
0xfd77 i8x16.min_u vv:v vector-alu
0xfd78 i8x16.max_s vv:v vector-alu
0xfd79 i8x16.max_u vv:v vector-alu
0xfd7a f64x2.trunc v:v vector-float-round a64
0xfd7b i8x16.avgr_u vv:v vector-alu
0xfd7c i16x8.extadd_pairwise_i8x16_s v:v vector-multiply
0xfd7d i16x8.extadd_pairwise_i8x16_u v:v vector-multiply
0xfd7e i32x4.extadd_pairwise_i16x8_s v:v vector-multiply
0xfd7f i32x4.extadd_pairwise_i16x8_u v:v vector-multiply
0xfd80 i16x8.abs v:v vector-alu
0xfd81 i16x8.neg v:v vector-alu
0xfd82 i16x8.q15mulr_sat_s vv:v vector-multiply
0xfd83 i16x8.all_true v:i vector-alu
0xfd84 i16x8.bitmask v:i vector-alu
0xfd85 i16x8.narrow_i32x4_s vv:v vector-alu
0xfd86 i16x8.narrow_i32x4_u vv:v vector-alu
0xfd87 i16x8.extend_low_i8x16_s v:v vector-alu
0xfd88 i16x8.extend_high_i8x16_s v:v vector-alu
0xfd89 i16x8.extend_low_i8x16_u v:v vector-alu
0xfd8a i16x8.extend_high_i8x16_u v:v vector-alu
0xfd8b i16x8.shl vi:v vector-alu
0xfd8c i16x8.shr_s vi:v vector-alu
0xfd8d i16x8.shr_u vi:v vector-alu
0xfd8e i16x8.add vv:v vector-alu
0xfd8f i16x8.add_sat_s vv:v vector-alu
0xfd90 i16x8.add_sat_u vv:v vector-alu
0xfd91 i16x8.sub vv:v vector-alu
0xfd92 i16x8.sub_sat_s vv:v vector-alu
0xfd93 i16x8.sub_sat_u vv:v vector-alu
0xfd94 f64x2.nearest v:v vector-float-round a64
0xfd95 i16x8.mul vv:v vector-multiply
0xfd96 i16x8.min_s vv:v vector-alu
0xfd97 i16x8.min_u vv:v vector-alu
0xfd98 i16x8.max_s vv:v vector-alu
0xfd99 i16x8.max_u vv:v vector-alu
0xfd9b i16x8.avgr_u vv:v vector-alu
0xfd9c i16x8.extmul_low_i8x16_s vv:v vector-multiply
0xfd9d i16x8.extmul_high_i8x16_s vv:v vector-multiply
0xfd9e i16x8.extmul_low_i8x16_u vv:v vector-multiply
0xfd9f i16x8.extmul_high_i8x16_u vv:v vector-multiply
0xfda0 i32x4.abs v:v vector-alu
0xfda1 i32x4.neg v:v vector-alu
0xfda3 i32x4.all_true v:i vector-alu
0xfda4 i32x4.bitmask v:i vector-alu
0xfda7 i32x4.extend_low_i16x8_s v:v vector-alu
0xfda8 i32x4.extend_high_i16x8_s v:v vector-alu
0xfda9 i32x4.extend_low_i16x8_u v:v vector-alu
0xfdaa i32x4.extend_high_i16x8_u v:v vector-alu
0xfdab i32x4.shl vi:v vector-alu
0xfdac i32x4.shr_s vi:v vector-alu
0xfdad i32x4.shr_u vi:v vector-alu
0xfdae i32x4.add vv:v vector-alu
0xfdb1 i32x4.sub vv:v vector-alu
0xfdb5 i32x4.mul vv:v vector-multiply-wide
0xfdb6 i32x4.min_s vv:v vector-alu
0xfdb7 i32x4.min_u vv:v vector-alu
0xfdb8 i32x4.max_s vv:v vector-alu
0xfdb9 i32x4.max_u vv:v vector-alu
0xfdba i32x4.dot_i16x8_s vv:v vector-multiply
0xfdbc i32x4.extmul_low_i16x8_s vv:v vector-multiply
0xfdbd i32x4.extmul_high_i16x8_s vv:v vector-multiply
0xfdbe i32x4.extmul_low_i16x8_u vv:v vector-multiply
0xfdbf i32x4.extmul_high_i16x8_u vv:v vector-multiply
0xfdc0 i64x2.abs v:v vector-alu
0xfdc1 i64x2.neg v:v vector-alu
0xfdc3 i64x2.all_true v:i vector-alu
0xfdc4 i64x2.bitmask v:i vector-alu
0xfdc7 i64x2.extend_low_i32x4_s v:v vector-alu
0xfdc8 i64x2.extend_high_i32x4_s v:v vector-alu
0xfdc9 i64x2.extend_low_i32x4_u v:v vector-alu
0xfdca i64x2.extend_high_i32x4_u v:v vector-alu
0xfdcb i64x2.shl vi:v vector-alu
0xfdcc i64x2.shr_s vi:v vector-alu
0xfdcd i64x2.shr_u vi:v vector-alu
0xfdce i64x2.add vv:v vector-alu
0xfdd1 i64x2.sub vv:v vector-alu
0xfdd5 i64x2.mul vv:v vector-multiply-wide
0xfdd6 i64x2.eq vv:v vector-alu
0xfdd7 i64x2.ne vv:v vector-alu
0xfdd8 i64x2.lt_s vv:v vector-alu
0xfdd9 i64x2.gt_s vv:v vector-alu
0xfdda i64x2.le_s vv:v vector-alu
0xfddb i64x2.ge_s vv:v vector-alu
0xfddc i64x2.extmul_low_i32x4_s vv:v vector-multiply
0xfddd i64x2.extmul_high_i32x4_s vv:v vector-multiply
0xfdde i64x2.extmul_low_i32x4_u vv:v vector-multiply
0xfddf i64x2.extmul_high_i32x4_u vv:v vector-multiply
0xfde0 f32x4.abs v:v vector-float-sign s32
0xfde1 f32x4.neg v:v vector-float-sign s32
0xfde3 f32x4.sqrt v:v vector-float-divide a32
0xfde4 f32x4.add vv:v vector-float-add a32
0xfde5 f32x4.sub vv:v vector-float-add a32
0xfde6 f32x4.mul vv:v vector-float-add a32
0xfde7 f32x4.div vv:v vector-float-divide a32
0xfde8 f32x4.min vv:v vector-float-minmax a32
0xfde9 f32x4.max vv:v vector-float-minmax a32
0xfdea f32x4.pmin vv:v vector-float-compare s32
0xfdeb f32x4.pmax vv:v vector-float-compare s32
0xfdec f64x2.abs v:v vector-float-sign s64
0xfded f64x2.neg v:v vector-float-sign s64
0xfdef f64x2.sqrt v:v vector-float-divide a64
0xfdf0 f64x2.add vv:v vector-float-add a64
0xfdf1 f64x2.sub vv:v vector-float-add a64
0xfdf2 f64x2.mul vv:v vector-float-add a64
0xfdf3 f64x2.div vv:v vector-float-divide a64
0xfdf4 f64x2.min vv:v vector-float-minmax a64
0xfdf5 f64x2.max vv:v vector-float-minmax a64
0xfdf6 f64x2.pmin vv:v vector-float-compare s64
0xfdf7 f64x2.pmax vv:v vector-float-compare s64
0xfdf8 i32x4.trunc_sat_f32x4_s v:v vector-float-convert c32
0xfdf9 i32x4.trunc_sat_f32x4_u v:v vector-float-convert c32
0xfdfa f32x4.convert_i32x4_s v:v vector-float-convert n32
0xfdfb f32x4.convert_i32x4_u v:v vector-float-convert n32
0xfdfc i32x4.trunc_sat_f64x2_s_zero v:v vector-float-convert c64
0xfdfd i32x4.trunc_sat_f64x2_u_zero v:v vector-float-convert c64
0xfdfe f64x2.convert_low_i32x4_s v:v vector-float-convert n64
0xfdff f64x2.convert_low_i32x4_u v:v vector-float-convert n64
`;
