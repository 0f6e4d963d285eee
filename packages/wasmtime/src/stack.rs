//! Runs programs on a stack of their own. How deep a program may go is the meter's business (its stack budget), the same on
//! every engine; the native stack must never end first, whichever thread calls: a libuv worker, a Node worker, the main thread.

use std::cell::OnceCell;
use std::io;

/// Address space, of which only what is used is ever backed by memory.
pub const STACK_BYTES: usize = 64 << 20;
/// What Wasmtime may use of it; the rest is for the host functions that a program calls at its deepest.
pub const WASM_STACK_BYTES: usize = STACK_BYTES - (1 << 20);

struct OwnStack {
    base: *mut u8,
}

impl OwnStack {
    fn new() -> io::Result<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a fresh anonymous mapping; its lowest page becomes the guard.
        unsafe {
            let base = libc::mmap(std::ptr::null_mut(), STACK_BYTES, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
            if base == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            let stack = Self { base: base.cast() };
            if libc::mprotect(base, 4096, libc::PROT_NONE) != 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(stack)
        }
    }
}

impl Drop for OwnStack {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and nothing runs on it: its thread is ending.
        unsafe { libc::munmap(self.base.cast(), STACK_BYTES) };
    }
}

thread_local! {
    static STACK: OnceCell<OwnStack> = const { OnceCell::new() };
}

/// Runs `body` on this thread's own stack. `body` must not call back into `on_own_stack`.
pub fn on_own_stack<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    STACK.with(|cell| {
        if cell.get().is_none() {
            let stack = OwnStack::new().map_err(|error| format!("there is no stack to run on: {error}"))?;
            let _ = cell.set(stack);
        }
        let base = cell.get().expect("set above").base;
        // SAFETY: the mapping lives as long as the thread and nothing else uses it. A panic must not cross the switch.
        let result = unsafe {
            psm::on_stack(base, STACK_BYTES, || std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)))
        };
        result.map_err(|_| "the engine panicked".to_owned())
    })
}
