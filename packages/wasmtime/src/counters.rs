//! Where a program keeps what is left of its work (`COUNTERS` in packages/wasm/src/meter/limits.ts).

use wasmtime::{AsContextMut, Global, Result, Val};

#[derive(Clone, Copy)]
pub struct Counters {
    /// Both kinds of work in one.
    pub work: Global,
    pub bit_ops: Global,
    pub float_ops: Global,
}

/// Work that is left of the limits; below zero: overdrawn.
#[derive(Clone, Copy)]
pub struct WorkLeft {
    pub bit_ops: i64,
    pub float_ops: i64,
}

impl Counters {
    pub fn start(&self, mut store: impl AsContextMut, left: WorkLeft) -> Result<()> {
        self.bit_ops.set(&mut store, Val::I64(left.bit_ops))?;
        self.float_ops.set(&mut store, Val::I64(left.float_ops))
    }

    pub fn left(&self, mut store: impl AsContextMut) -> WorkLeft {
        let mut read = |global: Global| global.get(&mut store).unwrap_i64();
        let packed = read(self.work);
        let bit_ops = i64::from(packed as i32);
        // A negative low half has borrowed one of the high half.
        let float_ops = i64::from((packed.wrapping_sub(bit_ops) >> 32) as i32);
        WorkLeft {
            bit_ops: read(self.bit_ops).wrapping_add(bit_ops),
            float_ops: read(self.float_ops).wrapping_add(float_ops),
        }
    }

    /// Takes host work off.
    pub fn charge(&self, mut store: impl AsContextMut, bit_ops: i64) -> Result<()> {
        let left = self.bit_ops.get(&mut store).unwrap_i64();
        self.bit_ops.set(&mut store, Val::I64(left.wrapping_sub(bit_ops)))
    }
}
