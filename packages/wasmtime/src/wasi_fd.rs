//! The fd_* functions of WASI, each as packages/wasm/src/wasi/descriptorFunctions.ts has it: the same order of checks, prices
//! and acts.

use crate::descriptors::{Descriptor, OpenFile, Stream};
use crate::errno::*;
use crate::file_tree::Inode;
use crate::guest::{Guest, Stop};
use crate::stat::*;
use crate::wasi::Answer;

const IOVEC_BYTES: u64 = 8;
const PRESTAT_BYTES: u64 = 8;
const DIRENT_BYTES: usize = 24;
pub const ALL_FDFLAGS: u32 = 31;
const FLAG_APPEND: u16 = 1;
const LAST_ADVICE: u32 = 5;
const MAX_POSITION: i128 = (1 << 53) - 1;

/// Parts of memory, all of them inside it.
struct Ranges {
    list: Vec<(u32, u32)>,
    total: u32,
}

/// Ranges of an array of (pointer, length) pairs. EINVAL: they are longer than uint32 together.
fn ranges(guest: &mut Guest, at: u32, count: u32) -> Result<Ranges, Stop> {
    let (at, count) = (u64::from(at), u64::from(count));
    guest.check(at, count * IOVEC_BYTES)?;
    guest.charge_bytes(count * IOVEC_BYTES * 4)?;
    let mut list = Vec::with_capacity(count as usize);
    let mut total = 0;
    for i in 0..count {
        let entry = at + i * IOVEC_BYTES;
        let (pointer, length) = (guest.u32(entry)?, guest.u32(entry + 4)?);
        guest.check(pointer.into(), length.into())?;
        total += u64::from(length);
        list.push((pointer, length));
    }
    let total = u32::try_from(total).map_err(|_| Stop::Failed(INVAL))?;
    Ok(Ranges { list, total })
}

pub fn fd_read(guest: &mut Guest, fd: u32, iovs: u32, count: u32, read_at: u32) -> Answer {
    let source = guest.host.descriptors.get(fd)?;
    match source {
        Descriptor::Directory(_) => return Ok(ISDIR),
        Descriptor::Stream(Stream::Stdin) | Descriptor::File(OpenFile { can_read: true, .. }) => (),
        _ => return Ok(BADF),
    }
    let targets = ranges(guest, iovs, count)?;
    guest.check(read_at.into(), 4)?;
    let read = if let Descriptor::File(file) = source {
        let read = read_file(guest, file.inode, file.position, &targets)?;
        let position = file.position + u64::from(read);
        guest.host.descriptors.set(fd, Descriptor::File(OpenFile { position, ..file }));
        read
    } else {
        guest.charge_bytes(u64::from(targets.total).min(guest.host.input_left()))?;
        let mut read = 0;
        for (pointer, length) in targets.list {
            let target = &mut guest.memory[pointer as usize..][..length as usize];
            read += guest.host.read(target) as u32;
        }
        read
    };
    guest.set_u32(read_at.into(), read)?;
    Ok(SUCCESS)
}

pub fn fd_pread(guest: &mut Guest, fd: u32, iovs: u32, count: u32, offset: u64, read_at: u32) -> Answer {
    let file = guest.host.descriptors.file(fd, SPIPE)?;
    if !file.can_read {
        return Ok(BADF);
    }
    let targets = ranges(guest, iovs, count)?;
    guest.check(read_at.into(), 4)?;
    let read = read_file(guest, file.inode, offset, &targets)?;
    guest.set_u32(read_at.into(), read)?;
    Ok(SUCCESS)
}

/// Fills the targets from a file, wholly unless it ends. Returns the bytes read.
fn read_file(guest: &mut Guest, inode: Inode, from: u64, targets: &Ranges) -> Result<u32, Stop> {
    let left = guest.host.tree.node(inode).size().saturating_sub(from);
    let readable = left.min(targets.total.into()) as usize;
    guest.charge_bytes(readable as u64)?;
    let Guest { memory, host, .. } = guest;
    let content = &host.tree.file(inode).content;
    let mut read = 0;
    for (pointer, length) in &targets.list {
        let length = (*length as usize).min(readable - read);
        let part = &content[content.len().min(from as usize) + read..][..length];
        memory[*pointer as usize..][..length].copy_from_slice(part);
        read += length;
    }
    Ok(readable as u32)
}

pub fn fd_write(guest: &mut Guest, fd: u32, iovs: u32, count: u32, written_at: u32) -> Answer {
    let target = guest.host.descriptors.get(fd)?;
    match target {
        Descriptor::Directory(_) => return Ok(ISDIR),
        Descriptor::Stream(Stream::Stdin) | Descriptor::File(OpenFile { can_write: false, .. }) => return Ok(BADF),
        _ => (),
    }
    let sources = ranges(guest, iovs, count)?;
    guest.check(written_at.into(), 4)?;
    guest.charge_bytes(sources.total.into())?;
    match target {
        Descriptor::File(file) => {
            let appends = file.flags & FLAG_APPEND != 0;
            let from = if appends { guest.host.tree.node(file.inode).size() } else { file.position };
            write_file(guest, file.inode, from, &sources)?;
            let position = from + u64::from(sources.total);
            guest.host.descriptors.set(fd, Descriptor::File(OpenFile { position, ..file }));
        }
        Descriptor::Stream(stream) => {
            for (pointer, length) in sources.list {
                guest.host.write(stream, &guest.memory[pointer as usize..][..length as usize])?;
            }
        }
        Descriptor::Directory(_) => (),
    }
    guest.set_u32(written_at.into(), sources.total)?;
    Ok(SUCCESS)
}

pub fn fd_pwrite(guest: &mut Guest, fd: u32, iovs: u32, count: u32, offset: u64, written_at: u32) -> Answer {
    let file = guest.host.descriptors.writable(fd, SPIPE)?;
    let sources = ranges(guest, iovs, count)?;
    guest.check(written_at.into(), 4)?;
    guest.charge_bytes(sources.total.into())?;
    write_file(guest, file.inode, offset, &sources)?;
    guest.set_u32(written_at.into(), sources.total)?;
    Ok(SUCCESS)
}

/// Writes all or nothing; what lies between the end and `from` becomes zero.
fn write_file(guest: &mut Guest, inode: Inode, from: u64, sources: &Ranges) -> Result<(), Stop> {
    if sources.total == 0 {
        return Ok(());
    }
    guest.grow_file(inode, from.saturating_add(sources.total.into()), from)?;
    let Guest { memory, host, .. } = guest;
    let mut rest = &mut host.tree.file_mut(inode).content[from as usize..];
    for (pointer, length) in &sources.list {
        let (part, after) = rest.split_at_mut(*length as usize);
        part.copy_from_slice(&memory[*pointer as usize..][..*length as usize]);
        rest = after;
    }
    Ok(())
}

/// The new position must be in 0 … 2^53 − 1.
pub fn fd_seek(guest: &mut Guest, fd: u32, offset: u64, whence: u32, at: u32) -> Answer {
    let file = guest.host.descriptors.file(fd, SPIPE)?;
    guest.check(at.into(), 8)?;
    let base = match whence {
        0 => 0,
        1 => file.position,
        2 => guest.host.tree.node(file.inode).size(),
        _ => return Ok(INVAL),
    };
    let position = i128::from(base) + i128::from(offset as i64);
    if !(0..=MAX_POSITION).contains(&position) {
        return Ok(INVAL);
    }
    let position = position as u64;
    guest.host.descriptors.set(fd, Descriptor::File(OpenFile { position, ..file }));
    guest.set_u64(at.into(), position)?;
    Ok(SUCCESS)
}

pub fn fd_tell(guest: &mut Guest, fd: u32, at: u32) -> Answer {
    let file = guest.host.descriptors.file(fd, SPIPE)?;
    guest.set_u64(at.into(), file.position)?;
    Ok(SUCCESS)
}

pub fn fd_advise(guest: &mut Guest, fd: u32, advice: u32) -> Answer {
    guest.host.descriptors.file(fd, SPIPE)?;
    Ok(if advice > LAST_ADVICE { INVAL } else { SUCCESS })
}

pub fn fd_allocate(guest: &mut Guest, fd: u32, offset: u64, length: u64) -> Answer {
    let OpenFile { inode, .. } = guest.host.descriptors.writable(fd, SPIPE)?;
    if length == 0 {
        return Ok(INVAL);
    }
    let size = offset.saturating_add(length);
    if size > guest.host.tree.node(inode).size() {
        guest.grow_file(inode, size, size)?;
    }
    Ok(SUCCESS)
}

pub fn fd_filestat_set_size(guest: &mut Guest, fd: u32, size: u64) -> Answer {
    let file = guest.host.descriptors.writable(fd, INVAL)?;
    guest.resize_file(file.inode, size)?;
    Ok(SUCCESS)
}

pub fn fd_close(guest: &mut Guest, fd: u32) -> Answer {
    let host = &mut *guest.host;
    host.descriptors.close(&mut host.tree, fd)?;
    Ok(SUCCESS)
}

pub fn fd_renumber(guest: &mut Guest, from: u32, to: u32) -> Answer {
    let host = &mut *guest.host;
    host.descriptors.renumber(&mut host.tree, from, to)?;
    Ok(SUCCESS)
}

pub fn fd_fdstat_get(guest: &mut Guest, fd: u32, at: u32) -> Answer {
    let descriptor = guest.host.descriptors.get(fd)?;
    write_fdstat(guest, at.into(), descriptor)?;
    Ok(SUCCESS)
}

pub fn fd_fdstat_set_flags(guest: &mut Guest, fd: u32, flags: u32) -> Answer {
    let descriptor = guest.host.descriptors.get(fd)?;
    if flags > ALL_FDFLAGS {
        return Ok(INVAL);
    }
    let flags = flags as u16;
    match descriptor {
        Descriptor::Stream(_) => (),
        Descriptor::File(file) => guest.host.descriptors.set(fd, Descriptor::File(OpenFile { flags, ..file })),
        Descriptor::Directory(mut directory) => {
            directory.flags = flags;
            guest.host.descriptors.set(fd, Descriptor::Directory(directory));
        }
    }
    Ok(SUCCESS)
}

pub fn fd_filestat_get(guest: &mut Guest, fd: u32, at: u32) -> Answer {
    let descriptor = guest.host.descriptors.get(fd)?;
    match descriptor.inode() {
        None => write_stream_stat(guest, at.into(), fd)?,
        Some(inode) => write_filestat(guest, at.into(), inode)?,
    }
    Ok(SUCCESS)
}

pub fn fd_filestat_set_times(guest: &mut Guest, fd: u32, accessed: u64, modified: u64, flags: u32) -> Answer {
    let inode = guest.host.descriptors.in_tree(fd, INVAL)?;
    set_times(guest, inode, accessed, modified, flags)?;
    Ok(SUCCESS)
}

/// What is written is in memory already.
pub fn fd_sync(guest: &mut Guest, fd: u32) -> Answer {
    guest.host.descriptors.in_tree(fd, INVAL)?;
    Ok(SUCCESS)
}

fn check_preopened(guest: &Guest, fd: u32) -> Result<(), Stop> {
    match guest.host.descriptors.get(fd)? {
        Descriptor::Directory(directory) if directory.is_preopened => Ok(()),
        _ => Err(Stop::Failed(BADF)),
    }
}

pub fn fd_prestat_get(guest: &mut Guest, fd: u32, at: u32) -> Answer {
    check_preopened(guest, fd)?;
    guest.bytes(at.into(), PRESTAT_BYTES)?.fill(0);
    guest.set_u32(u64::from(at) + 4, 1)?;
    Ok(SUCCESS)
}

pub fn fd_prestat_dir_name(guest: &mut Guest, fd: u32, at: u32, length: u32) -> Answer {
    check_preopened(guest, fd)?;
    guest.check(at.into(), length.into())?;
    if length < 1 {
        return Ok(NAMETOOLONG);
    }
    guest.set(at.into(), b"/")?;
    Ok(SUCCESS)
}

/// Lists what comes after `cookie`, the last of it cut short where the buffer ends.
pub fn fd_readdir(guest: &mut Guest, fd: u32, at: u32, length: u32, cookie: u64, used_at: u32) -> Answer {
    let inode = guest.host.descriptors.directory(fd)?;
    guest.check(at.into(), length.into())?;
    guest.check(used_at.into(), 4)?;
    guest.charge_directory(guest.host.tree.directory(inode).entries.len() as u64)?;
    guest.charge_bytes(length.into())?;
    let Guest { memory, host, .. } = guest;
    let tree = &host.tree;
    let directory = tree.directory(inode);
    let itself = [(1, &b"."[..], inode), (2, &b".."[..], directory.parent)];
    let others = directory.entries.iter().map(|(cookie, (name, inode))| (*cookie, &name[..], *inode));
    let buffer = &mut memory[at as usize..][..length as usize];
    let mut used = 0;
    for (own, name, inode) in itself.into_iter().chain(others).filter(|(own, ..)| *own > cookie) {
        let mut header = [0; DIRENT_BYTES];
        header[..8].copy_from_slice(&own.to_le_bytes());
        header[8..16].copy_from_slice(&inode.to_le_bytes());
        header[16..20].copy_from_slice(&(name.len() as u32).to_le_bytes());
        header[20] = if tree.node(inode).is_directory() { TYPE_DIRECTORY } else { TYPE_FILE };
        for part in [&header[..], name] {
            let part = &part[..part.len().min(buffer.len() - used)];
            buffer[used..][..part.len()].copy_from_slice(part);
            used += part.len();
        }
        if used == buffer.len() {
            break;
        }
    }
    guest.set_u32(used_at.into(), used as u32)?;
    Ok(SUCCESS)
}
