//! The functions of WASI preview 1, each as packages/wasm/src/wasi/functions.ts has it: the same order of checks, prices
//! and acts.

use crate::errno::*;
use crate::guest::{Guest, Stop};
use crate::host::Stream;
use crate::status::{Ended, Status};

/// An error number of WASI.
pub type Answer = Result<u32, Stop>;

const RIGHT_READ: u64 = 1 << 1;
const RIGHT_WRITE: u64 = 1 << 6;
const RIGHT_POLL: u64 = 1 << 27;
const CLOCKS: u32 = 4;
const IOVEC_BYTES: u64 = 8;
const FDSTAT_BYTES: u64 = 24;
const FILESTAT_BYTES: u64 = 64;

/// Ranges of an array of (pointer, length) pairs, all of them inside memory, with their total length; none: longer than
/// uint32 together.
fn ranges(guest: &mut Guest, at: u32, count: u32) -> Result<Option<(Vec<(u32, u32)>, u32)>, Stop> {
    let (at, count) = (u64::from(at), u64::from(count));
    guest.check(at, count * IOVEC_BYTES)?;
    guest.charge_bytes(count * IOVEC_BYTES * 4)?;
    let mut found = Vec::with_capacity(count as usize);
    let mut total = 0;
    for i in 0..count {
        let entry = at + i * IOVEC_BYTES;
        let (pointer, length) = (guest.u32(entry)?, guest.u32(entry + 4)?);
        guest.check(pointer.into(), length.into())?;
        total += u64::from(length);
        found.push((pointer, length));
    }
    Ok(u32::try_from(total).ok().map(|total| (found, total)))
}

pub fn fd_read(guest: &mut Guest, fd: u32, iovs: u32, count: u32, read_at: u32) -> Answer {
    if guest.host.stream(fd) != Some(Stream::Stdin) {
        return Ok(BADF);
    }
    let Some((targets, wanted)) = ranges(guest, iovs, count)? else { return Ok(INVAL) };
    guest.check(read_at.into(), 4)?;
    guest.charge_bytes(u64::from(wanted).min(guest.host.input_left()))?;
    let mut read = 0;
    for (pointer, length) in targets {
        let target = &mut guest.memory[pointer as usize..][..length as usize];
        read += guest.host.read(target);
    }
    guest.set_u32(read_at.into(), read as u32)?;
    Ok(SUCCESS)
}

pub fn fd_write(guest: &mut Guest, fd: u32, iovs: u32, count: u32, written_at: u32) -> Answer {
    let stream = match guest.host.stream(fd) {
        Some(stream) if stream != Stream::Stdin => stream,
        _ => return Ok(BADF),
    };
    let Some((sources, total)) = ranges(guest, iovs, count)? else { return Ok(INVAL) };
    guest.check(written_at.into(), 4)?;
    guest.charge_bytes(total.into())?;
    for (pointer, length) in sources {
        guest.host.write(stream, &guest.memory[pointer as usize..][..length as usize])?;
    }
    guest.set_u32(written_at.into(), total)?;
    Ok(SUCCESS)
}

/// The lists of strings that a program is given.
#[derive(Clone, Copy)]
pub enum Strings {
    Args,
    Env,
}

fn strings<'a>(guest: &'a Guest, which: Strings) -> &'a [Vec<u8>] {
    match which {
        Strings::Args => &guest.host.args,
        Strings::Env => &guest.host.env,
    }
}

fn total_length(strings: &[Vec<u8>]) -> u64 {
    strings.iter().map(|string| string.len() as u64).sum()
}

pub fn strings_sizes(guest: &mut Guest, which: Strings, count_at: u32, size_at: u32) -> Answer {
    guest.check(count_at.into(), 4)?;
    guest.check(size_at.into(), 4)?;
    let list = strings(guest, which);
    let (count, total) = (list.len() as u32, total_length(list) as u32);
    guest.set_u32(count_at.into(), count)?;
    guest.set_u32(size_at.into(), total)?;
    Ok(SUCCESS)
}

pub fn strings_get(guest: &mut Guest, which: Strings, pointers_at: u32, buffer_at: u32) -> Answer {
    let list = strings(guest, which).to_vec();
    let total = total_length(&list);
    let pointers = list.len() as u64 * 4;
    guest.check(pointers_at.into(), pointers)?;
    guest.check(buffer_at.into(), total)?;
    guest.charge_bytes(total + pointers)?;
    let (mut pointer, mut at) = (u64::from(pointers_at), u64::from(buffer_at));
    for string in list {
        guest.set_u32(pointer, at as u32)?;
        guest.set(at, &string)?;
        pointer += 4;
        at += string.len() as u64;
    }
    Ok(SUCCESS)
}

pub fn clock(guest: &mut Guest, id: u32, at: u32, value: u64) -> Answer {
    if id >= CLOCKS {
        return Ok(INVAL);
    }
    guest.set_u64(at.into(), value)?;
    Ok(SUCCESS)
}

pub fn random_get(guest: &mut Guest, at: u32, length: u32) -> Answer {
    guest.check(at.into(), length.into())?;
    guest.charge_random(length.into())?;
    let target = &mut guest.memory[at as usize..][..length as usize];
    guest.host.random.fill(target);
    Ok(SUCCESS)
}

pub fn fd_close(guest: &mut Guest, fd: u32) -> Answer {
    let slot = guest.host.descriptors.get_mut(fd as usize);
    Ok(if slot.and_then(Option::take).is_some() { SUCCESS } else { BADF })
}

pub fn fd_renumber(guest: &mut Guest, from: u32, to: u32) -> Answer {
    let (Some(stream), Some(_)) = (guest.host.stream(from), guest.host.stream(to)) else { return Ok(BADF) };
    guest.host.descriptors[from as usize] = None;
    guest.host.descriptors[to as usize] = Some(stream);
    Ok(SUCCESS)
}

pub fn fd_fdstat_get(guest: &mut Guest, fd: u32, at: u32) -> Answer {
    let Some(stream) = guest.host.stream(fd) else { return Ok(BADF) };
    // The file type is 0: unknown.
    guest.bytes(at.into(), FDSTAT_BYTES)?.fill(0);
    let right = if stream == Stream::Stdin { RIGHT_READ } else { RIGHT_WRITE };
    guest.set_u64(u64::from(at) + 8, RIGHT_POLL | right)?;
    Ok(SUCCESS)
}

pub fn fd_filestat_get(guest: &mut Guest, fd: u32, at: u32) -> Answer {
    if guest.host.stream(fd).is_none() {
        return Ok(BADF);
    }
    guest.bytes(at.into(), FILESTAT_BYTES)?.fill(0);
    guest.set_u64(u64::from(at) + 8, fd.into())?;
    guest.set_u64(u64::from(at) + 24, 1)?;
    Ok(SUCCESS)
}

const SUBSCRIPTION_BYTES: u64 = 48;
const EVENT_BYTES: u64 = 32;
const EVENT_CLOCK: u8 = 0;
const EVENT_READ: u8 = 1;
const EVENT_WRITE: u8 = 2;

/// Everything polled for is ready at once: time stands still, so a timeout would never come.
pub fn poll_oneoff(guest: &mut Guest, subscriptions_at: u32, events_at: u32, count: u32, count_at: u32) -> Answer {
    if count == 0 {
        return Ok(INVAL);
    }
    let (from, to, number) = (u64::from(subscriptions_at), u64::from(events_at), u64::from(count));
    guest.check(from, number * SUBSCRIPTION_BYTES)?;
    guest.check(to, number * EVENT_BYTES)?;
    guest.check(count_at.into(), 4)?;
    guest.charge_bytes(number * (SUBSCRIPTION_BYTES + EVENT_BYTES) * 4)?;
    for i in 0..number {
        if guest.u8(from + i * SUBSCRIPTION_BYTES + 8)? > EVENT_WRITE {
            return Ok(INVAL);
        }
    }
    for i in 0..number {
        poll_one(guest, from + i * SUBSCRIPTION_BYTES, to + i * EVENT_BYTES)?;
    }
    guest.set_u32(count_at.into(), count)?;
    Ok(SUCCESS)
}

/// Reads anew what it needs: events may overwrite subscriptions that come later.
fn poll_one(guest: &mut Guest, from: u64, to: u64) -> Result<(), Stop> {
    let user_data = guest.u64(from)?;
    let kind = guest.u8(from + 8)?;
    let fd = guest.u32(from + 16)?;
    let stream = if kind == EVENT_CLOCK { None } else { guest.host.stream(fd) };
    let is_stdin = stream == Some(Stream::Stdin);
    let is_ready = kind == EVENT_CLOCK || (stream.is_some() && (kind == EVENT_READ) == is_stdin);
    guest.bytes(to, EVENT_BYTES)?.fill(0);
    guest.set_u64(to, user_data)?;
    let errno = if is_ready { SUCCESS } else { BADF };
    guest.set(to + 8, &(errno as u16).to_le_bytes())?;
    guest.set(to + 10, &[kind])?;
    if kind == EVENT_READ && is_stdin {
        let left = guest.host.input_left();
        guest.set_u64(to + 16, left)?;
    }
    Ok(())
}

pub fn proc_exit(code: u32) -> Answer {
    let status = if code == 0 { Status::Ok } else { Status::ExitCode };
    Err(Ended { status, exit_code: code }.into())
}

/// A function that exists for descriptors of another kind than a program has.
pub fn wrong_kind(guest: &Guest, fd: u32, errno: u32) -> Answer {
    Ok(if guest.host.stream(fd).is_some() { errno } else { BADF })
}
