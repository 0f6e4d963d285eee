//! What programs are told of descriptors, files and directories: packages/wasm/src/wasi/stat.ts.

use crate::descriptors::{Descriptor, OpenFile, Stream};
use crate::errno::INVAL;
use crate::file_tree::Inode;
use crate::guest::{Guest, Stop};

pub const FDSTAT_BYTES: u64 = 24;
pub const FILESTAT_BYTES: u64 = 64;

pub const TYPE_DIRECTORY: u8 = 3;
pub const TYPE_FILE: u8 = 4;
/// Device of files; streams are on device 0.
const FILE_DEVICE: u64 = 1;

const fn rights<const N: usize>(bits: [u32; N]) -> u64 {
    let (mut mask, mut i) = (0, 0);
    while i < N {
        mask |= 1 << bits[i];
        i += 1;
    }
    mask
}
pub const RIGHT_READ: u64 = rights([1]);
pub const RIGHT_WRITE: u64 = rights([6]);
const RIGHT_POLL: u64 = rights([27]);
/// fd_datasync, _seek, _fdstat_set_flags, _sync, _tell, _advise, _filestat_get, _filestat_set_times, poll.
const FILE_RIGHTS: u64 = rights([0, 2, 3, 4, 5, 7, 21, 23, 27]);
/// fd_write, fd_allocate, fd_filestat_set_size.
const FILE_WRITE_RIGHTS: u64 = RIGHT_WRITE | rights([8, 22]);
/// fd_datasync, _fdstat_set_flags, _sync, _readdir, _filestat_get, _filestat_set_times; path_*, but for links.
const DIRECTORY_RIGHTS: u64 = rights([0, 3, 4, 9, 10, 13, 14, 16, 17, 18, 19, 20, 21, 23, 25, 26]);

pub fn write_fdstat(guest: &mut Guest, at: u64, descriptor: Descriptor) -> Result<(), Stop> {
    guest.bytes(at, FDSTAT_BYTES)?.fill(0);
    // The file type of a stream is 0: unknown.
    let (kind, flags, base, inheriting) = match descriptor {
        Descriptor::Stream(Stream::Stdin) => (0, 0, RIGHT_POLL | RIGHT_READ, 0),
        Descriptor::Stream(_) => (0, 0, RIGHT_POLL | RIGHT_WRITE, 0),
        Descriptor::Directory(directory) => {
            let inheriting = DIRECTORY_RIGHTS | FILE_RIGHTS | RIGHT_READ | FILE_WRITE_RIGHTS;
            (TYPE_DIRECTORY, directory.flags, DIRECTORY_RIGHTS, inheriting)
        }
        Descriptor::File(OpenFile { can_read, can_write, flags, .. }) => {
            let read = if can_read { RIGHT_READ } else { 0 };
            let write = if can_write { FILE_WRITE_RIGHTS } else { 0 };
            (TYPE_FILE, flags, FILE_RIGHTS | read | write, 0)
        }
    };
    guest.set(at, &[kind])?;
    guest.set(at + 2, &flags.to_le_bytes())?;
    guest.set_u64(at + 8, base)?;
    guest.set_u64(at + 16, inheriting)
}

pub fn write_filestat(guest: &mut Guest, at: u64, inode: Inode) -> Result<(), Stop> {
    let node = guest.host.tree.node(inode);
    let kind = if node.is_directory() { TYPE_DIRECTORY } else { TYPE_FILE };
    let (links, size) = (node.is_linked.into(), node.size());
    let (accessed_ns, modified_ns, changed_ns) = (node.accessed_ns, node.modified_ns, guest.host.clock_ns);
    guest.bytes(at, FILESTAT_BYTES)?.fill(0);
    guest.set(at + 16, &[kind])?;
    for (offset, value) in
        [(0, FILE_DEVICE), (8, inode), (24, links), (32, size), (40, accessed_ns), (48, modified_ns), (56, changed_ns)]
    {
        guest.set_u64(at + offset, value)?;
    }
    Ok(())
}

/// A stream has a number and nothing else.
pub fn write_stream_stat(guest: &mut Guest, at: u64, fd: u32) -> Result<(), Stop> {
    guest.bytes(at, FILESTAT_BYTES)?.fill(0);
    guest.set_u64(at + 8, fd.into())?;
    guest.set_u64(at + 24, 1)
}

const SET_ACCESSED: u32 = 1;
const SET_ACCESSED_NOW: u32 = 2;
const SET_MODIFIED: u32 = 4;
const SET_MODIFIED_NOW: u32 = 8;

/// `flags`: which times to set, and which of them to the clock's.
pub fn set_times(guest: &mut Guest, inode: Inode, accessed: u64, modified: u64, flags: u32) -> Result<(), Stop> {
    let has = |flag| flags & flag != 0;
    let contradicts = has(SET_ACCESSED) && has(SET_ACCESSED_NOW) || has(SET_MODIFIED) && has(SET_MODIFIED_NOW);
    if flags > 15 || contradicts {
        return Err(Stop::Failed(INVAL));
    }
    let now = guest.host.clock_ns;
    let node = guest.host.tree.node_mut(inode);
    if has(SET_ACCESSED | SET_ACCESSED_NOW) {
        node.accessed_ns = if has(SET_ACCESSED) { accessed } else { now };
    }
    if has(SET_MODIFIED | SET_MODIFIED_NOW) {
        node.modified_ns = if has(SET_MODIFIED) { modified } else { now };
    }
    Ok(())
}
