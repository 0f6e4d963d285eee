//! The functions of WASI preview 1 that are about neither descriptors nor paths, each as packages/wasm/src/wasi/functions.ts has it:
//! the same order of checks, prices and acts.

use crate::descriptors::{Descriptor, Stream};
use crate::errno::*;
use crate::guest::{Guest, Stop};
use crate::status::{Ended, Status};

/// An error number of WASI.
pub type Answer = Result<u32, Stop>;

const CLOCKS: u32 = 4;

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
    let ready = if kind == EVENT_CLOCK { Some(0) } else { bytes_ready(guest, fd, kind == EVENT_READ) };
    guest.bytes(to, EVENT_BYTES)?.fill(0);
    guest.set_u64(to, user_data)?;
    let errno = if ready.is_some() { SUCCESS } else { BADF };
    guest.set(to + 8, &(errno as u16).to_le_bytes())?;
    guest.set(to + 10, &[kind])?;
    guest.set_u64(to + 16, ready.unwrap_or(0))
}

/// Bytes that can be read, 0 where something can be written, none for what a descriptor is not open for.
fn bytes_ready(guest: &Guest, fd: u32, is_read: bool) -> Option<u64> {
    let host = &guest.host;
    match host.descriptors.find(fd)? {
        Descriptor::Stream(Stream::Stdin) if is_read => Some(host.input_left()),
        Descriptor::Stream(Stream::Stdout | Stream::Stderr) if !is_read => Some(0),
        Descriptor::File(file) if is_read && file.can_read => {
            Some(host.tree.node(file.inode).size().saturating_sub(file.position))
        }
        Descriptor::File(file) if !is_read && file.can_write => Some(0),
        _ => None,
    }
}

pub fn proc_exit(code: u32) -> Answer {
    let status = if code == 0 { Status::Ok } else { Status::ExitCode };
    Err(Ended { status, exit_code: code }.into())
}

/// Answers for any descriptor that is open.
pub fn for_open(guest: &Guest, fd: u32, errno: u32) -> Answer {
    guest.host.descriptors.get(fd)?;
    Ok(errno)
}
