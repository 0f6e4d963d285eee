/** Sources of the modules in `calibration/kernels.ts`; their test assembles these and compares. */
import { wat } from "./wat.ts";

const kernel = (pages: number, locals: string, body: string, result: string) =>
  wat(`(module
    (memory (export "memory") ${pages})
    (func (export "alloc") (param i32) (result i32) (i32.const 16))
    (func (export "handle") (param $at i32) (param $length i32) (result i64)
      (local $turns i32) ${locals}
      (local.set $turns (i32.load (local.get $at)))
      (loop $next
        ${body}
        (br_if $next (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
      (i64.store (i32.const 0) ${result})
      (i64.const 8)))`);

export const SOURCES = {
  integer: () =>
    kernel(
      1,
      "(local $x i64) (local $y i64)",
      `(local.set $x (i64.add (i64.mul (local.get $x) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
       (local.set $y (i64.xor (i64.rotl (local.get $y) (i64.const 17)) (i64.shr_u (local.get $x) (i64.const 29))))
       (if (i64.eqz (i64.and (local.get $x) (i64.const 0xf00000000)))
         (then (local.set $y (i64.sub (local.get $y) (i64.const 12345)))))`,
      "(local.get $y)",
    ),
  memory: () =>
    kernel(
      129,
      "(local $place i32) (local $sum i32)",
      `(local.set $place (i32.add (i32.mul (local.get $place) (i32.const 1664525)) (i32.const 1013904223)))
       (local.set $sum (i32.add (local.get $sum)
         (i32.load offset=64 (i32.and (i32.shr_u (local.get $place) (i32.const 7)) (i32.const 0x7ffffc)))))
       (i32.store offset=64 (i32.and (i32.shr_u (local.get $place) (i32.const 9)) (i32.const 0x7ffffc))
         (i32.xor (local.get $sum) (local.get $place)))`,
      "(i64.extend_i32_u (i32.xor (local.get $sum) (local.get $place)))",
    ),
  float: () =>
    kernel(
      1,
      "(local $a f64) (local $b f64) (local $c f64)",
      `(local.set $a (f64.add (f64.mul (local.get $a) (f64.const 0.984375)) (f64.const 0.125)))
       (local.set $b (f64.sub (f64.mul (local.get $b) (local.get $a)) (f64.mul (local.get $b) (f64.const 7.5))))
       (local.set $b (f64.add (f64.min (f64.max (local.get $b) (f64.const -4)) (f64.const 4)) (f64.const 0.25)))
       (local.set $c (f64.sqrt (f64.add (f64.mul (local.get $c) (f64.const 0.5)) (f64.mul (local.get $b) (local.get $b)))))
       (local.set $c (f64.div (local.get $c) (f64.add (local.get $a) (f64.const 1))))`,
      "(i64.reinterpret_f64 (local.get $c))",
    ),
  echo: () =>
    wat(`(module
      (memory (export "memory") 32)
      (func (export "alloc") (param i32) (result i32) (i32.const 16))
      (func (export "handle") (param i32 i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))`),
};
