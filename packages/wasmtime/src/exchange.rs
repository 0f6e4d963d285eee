//! Memory that JavaScript and this add-on share: calls and outcomes cross in it, since handing over four arrays for each call
//! costs as much as a short call.

use crate::call::HEADER_BYTES;
use napi::bindgen_prelude::{Error, Result, Uint8Array};

pub struct Exchange {
    start: *mut u8,
    length: usize,
    /// Keeps the memory where it is.
    _array: Uint8Array,
}

// SAFETY: the engine is shared with threads that compile and run aside, but `bytes` is called on JavaScript's thread alone.
unsafe impl Send for Exchange {}
// SAFETY: as above.
unsafe impl Sync for Exchange {}

impl Exchange {
    pub fn new(mut array: Uint8Array) -> Result<Self> {
        // SAFETY: nobody reads or writes before the first call.
        let bytes = unsafe { array.as_mut() };
        if bytes.len() < HEADER_BYTES {
            return Err(Error::from_reason("the exchange holds no header"));
        }
        Ok(Self { start: bytes.as_mut_ptr(), length: bytes.len(), _array: array })
    }

    /// # Safety
    /// To be called on JavaScript's thread, by a function that it waits for, once at a time.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn bytes(&self) -> &mut [u8] {
        // SAFETY: the memory lives as long as the array, which can be neither moved nor resized; who calls is alone with it.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}
