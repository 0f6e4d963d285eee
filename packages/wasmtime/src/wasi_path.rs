//! The path_* functions of WASI, each as packages/wasm/src/wasi/pathFunctions.ts has it.

use crate::descriptors::{Descriptor, OpenDirectory, OpenFile};
use crate::errno::*;
use crate::file_tree::Inode;
use crate::guest::{Guest, Stop};
use crate::place::{Place, resolve};
use crate::stat::*;
use crate::wasi::Answer;
use crate::wasi_fd::ALL_FDFLAGS;

/// Whether symbolic links are followed: there are none.
const ALL_LOOKUPFLAGS: u32 = 1;
const CREATE: u32 = 1;
const DIRECTORY: u32 = 2;
const EXCLUSIVE: u32 = 4;
const TRUNCATE: u32 = 8;
const ALL_OFLAGS: u32 = 15;

/// Where a path stands in memory.
#[derive(Clone, Copy)]
pub struct Path {
    pub at: u32,
    pub length: u32,
}

impl Path {
    fn check(self, guest: &Guest) -> Result<(), Stop> {
        guest.check(self.at.into(), self.length.into())
    }
}

/// A path in memory, seen from a descriptor.
fn place_at(guest: &mut Guest, fd: u32, path: Path) -> Result<Place, Stop> {
    let directory = guest.host.descriptors.directory(fd)?;
    path.check(guest)?;
    guest.charge_path(path.length)?;
    let bytes = &guest.memory[path.at as usize..][..path.length as usize];
    resolve(&guest.host.tree, directory, bytes)
}

/// What a path means, if it is there.
fn node_at(guest: &mut Guest, fd: u32, flags: u32, path: Path) -> Result<Inode, Stop> {
    let place = place_at(guest, fd, path)?;
    if flags > ALL_LOOKUPFLAGS {
        return Err(Stop::Failed(INVAL));
    }
    place.node.ok_or(Stop::Failed(NOENT))
}

/// How to open what a path means.
pub struct Opening {
    pub lookup_flags: u32,
    pub open_flags: u32,
    pub rights: u64,
    pub fd_flags: u32,
}

pub fn path_open(guest: &mut Guest, fd: u32, path: Path, opening: Opening, opened_at: u32) -> Answer {
    let Opening { lookup_flags, open_flags, rights, fd_flags } = opening;
    guest.host.descriptors.directory(fd)?;
    guest.check(opened_at.into(), 4)?;
    let place = place_at(guest, fd, path)?;
    let has = |flag| open_flags & flag != 0;
    if lookup_flags > ALL_LOOKUPFLAGS || open_flags > ALL_OFLAGS || fd_flags > ALL_FDFLAGS {
        return Ok(INVAL);
    }
    if has(DIRECTORY) && has(CREATE | TRUNCATE) {
        return Ok(INVAL);
    }
    guest.host.descriptors.check_room()?;
    let (can_read, can_write) = (rights & RIGHT_READ != 0, rights & RIGHT_WRITE != 0);
    let flags = fd_flags as u16;
    let inode = match place.node {
        None if !has(CREATE) => return Ok(NOENT),
        None if place.must_be_directory => return Ok(ISDIR),
        None => guest.host.tree.create_file(place)?,
        Some(_) if has(CREATE) && has(EXCLUSIVE) => return Ok(EXIST),
        Some(inode) => inode,
    };
    let descriptor = if guest.host.tree.node(inode).is_directory() {
        if !has(DIRECTORY) && (can_write || has(CREATE | TRUNCATE)) {
            return Ok(ISDIR);
        }
        Descriptor::Directory(OpenDirectory { inode, flags, is_preopened: false })
    } else {
        if has(DIRECTORY) {
            return Ok(NOTDIR);
        }
        if has(TRUNCATE) {
            guest.resize_file(inode, 0)?;
        }
        Descriptor::File(OpenFile { inode, can_read, can_write, flags, position: 0 })
    };
    let host = &mut *guest.host;
    let opened = host.descriptors.open(&mut host.tree, descriptor);
    guest.set_u32(opened_at.into(), opened)?;
    Ok(SUCCESS)
}

pub fn path_create_directory(guest: &mut Guest, fd: u32, path: Path) -> Answer {
    let place = place_at(guest, fd, path)?;
    guest.host.tree.create_directory(place)?;
    Ok(SUCCESS)
}

pub fn path_remove_directory(guest: &mut Guest, fd: u32, path: Path) -> Answer {
    let place = place_at(guest, fd, path)?;
    guest.host.tree.remove_directory(place)?;
    Ok(SUCCESS)
}

pub fn path_unlink_file(guest: &mut Guest, fd: u32, path: Path) -> Answer {
    let place = place_at(guest, fd, path)?;
    guest.host.tree.remove_file(place)?;
    Ok(SUCCESS)
}

pub fn path_rename(guest: &mut Guest, fd: u32, path: Path, to_fd: u32, to_path: Path) -> Answer {
    guest.host.descriptors.directory(fd)?;
    guest.host.descriptors.directory(to_fd)?;
    path.check(guest)?;
    to_path.check(guest)?;
    let from = place_at(guest, fd, path)?;
    let to = place_at(guest, to_fd, to_path)?;
    guest.charge_directory(guest.host.tree.depth_of(to.parent))?;
    guest.host.tree.rename(from, to)?;
    Ok(SUCCESS)
}

pub fn path_filestat_get(guest: &mut Guest, fd: u32, flags: u32, path: Path, stat_at: u32) -> Answer {
    guest.host.descriptors.directory(fd)?;
    guest.check(stat_at.into(), FILESTAT_BYTES)?;
    let inode = node_at(guest, fd, flags, path)?;
    write_filestat(guest, stat_at.into(), inode)?;
    Ok(SUCCESS)
}

pub fn path_filestat_set_times(
    guest: &mut Guest,
    fd: u32,
    flags: u32,
    path: Path,
    (accessed, modified): (u64, u64),
    time_flags: u32,
) -> Answer {
    let inode = node_at(guest, fd, flags, path)?;
    set_times(guest, inode, accessed, modified, time_flags)?;
    Ok(SUCCESS)
}

/// Nothing is a link: EINVAL for what is there.
pub fn path_readlink(guest: &mut Guest, fd: u32, path: Path, buffer: Path, used_at: u32) -> Answer {
    guest.host.descriptors.directory(fd)?;
    buffer.check(guest)?;
    guest.check(used_at.into(), 4)?;
    node_at(guest, fd, 0, path)?;
    Ok(INVAL)
}

/// There are no links of either kind.
pub fn path_link(guest: &mut Guest, fd: u32, path: Path, to_fd: u32, to_path: Path) -> Answer {
    guest.host.descriptors.directory(fd)?;
    path_symlink(guest, path, to_fd, to_path)
}

pub fn path_symlink(guest: &mut Guest, path: Path, fd: u32, to_path: Path) -> Answer {
    guest.host.descriptors.directory(fd)?;
    path.check(guest)?;
    to_path.check(guest)?;
    Ok(NOTSUP)
}
