//! From Wasmtime's traps to the protocol's statuses.

use crate::status::Status;
use wasmtime::{Trap, WasmBacktrace};

/// Status of a trap of the program, or none where the trap is the host's.
///
/// `code` is the module that ran: Wasmtime calls a conversion out of range an integer overflow, and only the instruction
/// tells it from an overflowing division.
pub fn trap_status(error: &wasmtime::Error, trap: Trap, code: &[u8]) -> Option<Status> {
    Some(match trap {
        Trap::UnreachableCodeReached => Status::Unreachable,
        Trap::MemoryOutOfBounds => Status::MemoryOutOfBounds,
        Trap::TableOutOfBounds => Status::TableOutOfBounds,
        Trap::IndirectCallToNull | Trap::BadSignature => Status::IndirectCallMismatch,
        Trap::IntegerDivisionByZero => Status::DivisionByZero,
        Trap::BadConversionToInteger => Status::InvalidConversion,
        Trap::IntegerOverflow if is_division(error, code)? => Status::IntegerOverflow,
        Trap::IntegerOverflow => Status::InvalidConversion,
        _ => return None,
    })
}

const I32_DIV_S: u8 = 0x6d;
const I64_DIV_S: u8 = 0x7f;

/// Whether the instruction that trapped is a signed division; none where Wasmtime does not know which one it was.
fn is_division(error: &wasmtime::Error, code: &[u8]) -> Option<bool> {
    let frame = error.downcast_ref::<WasmBacktrace>()?.frames().first()?;
    let opcode = *code.get(frame.module_offset()?)?;
    Some(opcode == I32_DIV_S || opcode == I64_DIV_S)
}
