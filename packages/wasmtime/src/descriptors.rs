//! The descriptors of one invocation: packages/wasm/src/wasi/descriptors.ts.

use crate::errno::*;
use crate::file_tree::{FileTree, Inode, ROOT};
use crate::guest::Stop;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Stdin,
    Stdout,
    Stderr,
}

#[derive(Clone, Copy)]
pub struct OpenFile {
    pub inode: Inode,
    pub can_read: bool,
    pub can_write: bool,
    /// fdflags as they were set.
    pub flags: u16,
    /// 0 … 2^53 − 1.
    pub position: u64,
}

#[derive(Clone, Copy)]
pub struct OpenDirectory {
    pub inode: Inode,
    pub flags: u16,
    /// Shown to the program as the root directory.
    pub is_preopened: bool,
}

#[derive(Clone, Copy)]
pub enum Descriptor {
    Stream(Stream),
    File(OpenFile),
    Directory(OpenDirectory),
}

impl Descriptor {
    /// The file or directory it is open on.
    pub fn inode(&self) -> Option<Inode> {
        match self {
            Descriptor::Stream(_) => None,
            Descriptor::File(file) => Some(file.inode),
            Descriptor::Directory(directory) => Some(directory.inode),
        }
    }
}

/// 0 to 2 are streams, 3 is the root directory, others get the lowest free number.
pub struct Descriptors {
    slots: Vec<Option<Descriptor>>,
    limit: usize,
}

fn fail<T>(errno: u32) -> Result<T, Stop> {
    Err(Stop::Failed(errno))
}

impl Descriptors {
    /// None are open.
    pub fn new(limit: usize) -> Self {
        Self { slots: Vec::new(), limit }
    }

    /// Opens those that every program finds open.
    pub fn open_first(&mut self, tree: &mut FileTree) {
        for stream in [Stream::Stdin, Stream::Stdout, Stream::Stderr] {
            self.open(tree, Descriptor::Stream(stream));
        }
        let root = OpenDirectory { inode: ROOT, flags: 0, is_preopened: true };
        self.open(tree, Descriptor::Directory(root));
    }

    pub fn find(&self, fd: u32) -> Option<Descriptor> {
        self.slots.get(fd as usize).copied().flatten()
    }

    pub fn get(&self, fd: u32) -> Result<Descriptor, Stop> {
        self.find(fd).ok_or(Stop::Failed(BADF))
    }

    /// Takes the place of what is open at `fd`.
    pub fn set(&mut self, fd: u32, descriptor: Descriptor) {
        self.slots[fd as usize] = Some(descriptor);
    }

    /// ENOTDIR for another kind of descriptor.
    pub fn directory(&self, fd: u32) -> Result<Inode, Stop> {
        match self.get(fd)? {
            Descriptor::Directory(directory) => Ok(directory.inode),
            _ => fail(NOTDIR),
        }
    }

    /// `of_stream`: what a stream fails with. A directory fails with EISDIR.
    pub fn file(&self, fd: u32, of_stream: u32) -> Result<OpenFile, Stop> {
        match self.get(fd)? {
            Descriptor::Stream(_) => fail(of_stream),
            Descriptor::Directory(_) => fail(ISDIR),
            Descriptor::File(file) => Ok(file),
        }
    }

    /// What a file or a directory is. `of_stream`: what a stream fails with.
    pub fn in_tree(&self, fd: u32, of_stream: u32) -> Result<Inode, Stop> {
        self.get(fd)?.inode().ok_or(Stop::Failed(of_stream))
    }

    /// A file that is open for writing.
    pub fn writable(&self, fd: u32, of_stream: u32) -> Result<OpenFile, Stop> {
        let file = self.file(fd, of_stream)?;
        if file.can_write { Ok(file) } else { fail(BADF) }
    }

    /// EMFILE when as many are open as may be.
    pub fn check_room(&self) -> Result<(), Stop> {
        if self.lowest_free() >= self.limit { fail(MFILE) } else { Ok(()) }
    }

    /// There must be room. Returns its number.
    pub fn open(&mut self, tree: &mut FileTree, descriptor: Descriptor) -> u32 {
        let fd = self.lowest_free();
        if fd == self.slots.len() {
            self.slots.push(None);
        }
        self.slots[fd] = Some(descriptor);
        if let Some(inode) = descriptor.inode() {
            tree.open(inode);
        }
        fd as u32
    }

    pub fn close(&mut self, tree: &mut FileTree, fd: u32) -> Result<(), Stop> {
        let descriptor = self.get(fd)?;
        self.slots[fd as usize] = None;
        if let Some(inode) = descriptor.inode() {
            tree.close(inode);
        }
        Ok(())
    }

    /// Moves a descriptor to the number of another, which is closed.
    pub fn renumber(&mut self, tree: &mut FileTree, from: u32, to: u32) -> Result<(), Stop> {
        let descriptor = self.get(from)?;
        self.get(to)?;
        if from != to {
            self.close(tree, to)?;
            self.slots[from as usize] = None;
            self.slots[to as usize] = Some(descriptor);
        }
        Ok(())
    }

    fn lowest_free(&self) -> usize {
        self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len())
    }
}
