//! The form in which calls and outcomes cross from and to JavaScript: one fixed header, little-endian, reused for every
//! call, beside the bytes that vary. src/frame.ts is the other end.

use crate::epoch::TICK_MS;
use crate::file_tree::RequestFiles;
use crate::invocation::{Call, Outcome};
use crate::module::Shape;
use crate::status::Fault;

pub const HEADER_BYTES: usize = 80;
/// In place of a status: ends that are no outcome.
const FAULT_HOST: u32 = 0xffff_ffff;
const FAULT_DEADLINE: u32 = 0xffff_fffe;

/// Reads a call's header and its strings: arguments, then `name=value` pairs, each with its length before it (uint32) and a
/// zero byte at its end; its files: path and content, each with its length before it. None for a header that makes no sense.
pub fn read_call(header: &[u8], strings: &[u8], files: &[u8], shape: Shape) -> Option<Call> {
    let u32_at = |at: usize| Some(u32::from_le_bytes(*header.get(at..)?.first_chunk()?));
    let u64_at = |at: usize| Some(u64::from_le_bytes(*header.get(at..)?.first_chunk()?));
    let mut rest = strings;
    let mut list = |count: u32| -> Option<Vec<Vec<u8>>> { (0..count).map(|_| vector(&mut rest)).collect() };
    let (mut args, mut env) = (vec![b"main\0".to_vec()], Vec::new());
    // A reactor has neither.
    if shape == Shape::Command {
        args.extend(list(u32_at(8)?)?);
        env = list(u32_at(12)?)?;
    }
    let files = read_files(files, u32_at(44)?)?;
    let deadline_ms = u64::from(u32_at(40)?);
    Some(Call {
        args,
        env,
        files,
        memory_pages: u32_at(0)?,
        output_bytes: u32_at(4)?,
        clock_ns: u64_at(16)?,
        bit_limit: counter(u64_at(24)?),
        float_limit: counter(u64_at(32)?),
        ticks: (deadline_ms > 0).then(|| deadline_ms.div_ceil(TICK_MS) + 1),
        seed: *header.get(48..)?.first_chunk()?,
    })
}

/// Takes bytes with their length before them (uint32).
fn vector(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (bytes, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = after;
    Some(bytes.to_vec())
}

fn read_files(mut rest: &[u8], count: u32) -> Option<RequestFiles> {
    (0..count).map(|_| Some((vector(&mut rest)?, vector(&mut rest)?))).collect()
}

/// Counters are signed: a larger limit than this cannot be reached anyway.
fn counter(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Writes what became of a call over its header; returns output and stderr, or what a fault was, one behind the other.
pub fn write_outcome(header: &mut [u8], outcome: Result<Outcome, Fault>) -> Vec<u8> {
    let (status, exit_code, bit_ops, float_ops, mut bytes, more) = match outcome {
        Ok(Outcome { ended, output, stderr, bit_ops, float_ops }) => {
            (ended.status as u32, ended.exit_code, bit_ops, float_ops, output, stderr)
        }
        Err(Fault::Deadline) => (FAULT_DEADLINE, 0, 0, 0, Vec::new(), Vec::new()),
        Err(Fault::Host(what)) => (FAULT_HOST, 0, 0, 0, what.into_bytes(), Vec::new()),
    };
    let mut put = |at: usize, value: &[u8]| header[at..at + value.len()].copy_from_slice(value);
    put(0, &status.to_le_bytes());
    put(4, &exit_code.to_le_bytes());
    put(8, &(bytes.len() as u32).to_le_bytes());
    put(12, &(more.len() as u32).to_le_bytes());
    put(16, &bit_ops.to_le_bytes());
    put(24, &float_ops.to_le_bytes());
    bytes.extend_from_slice(&more);
    bytes
}
