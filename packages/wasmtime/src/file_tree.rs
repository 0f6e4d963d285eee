//! The files of one invocation, in memory: what the request brought, and what the program makes of it. To the byte the same as
//! packages/wasm/src/wasi/fileTree.ts.

use crate::errno::*;
use crate::guest::Stop;
use crate::place::{Name, Place};
use std::collections::{BTreeMap, HashMap};

/// Number in the order of creation, from 1, the root.
pub type Inode = u64;

/// Path and content, in the order of their paths.
pub type RequestFiles = Vec<(Vec<u8>, Vec<u8>)>;

pub const ROOT: Inode = 1;
/// Cookies 1 and 2 are of `.` and `..`.
const FIRST_COOKIE: u64 = 3;

/// Bounds on the files of one invocation (`FILE_LIMITS` in packages/protocol/src/files.ts).
#[derive(Clone, Copy)]
pub struct FileLimits {
    pub nodes: usize,
    pub bytes: u64,
    pub path_bytes: u32,
    pub name_bytes: usize,
    pub descriptors: usize,
}

/// A file or a directory.
pub struct Node {
    pub inode: Inode,
    pub accessed_ns: u64,
    pub modified_ns: u64,
    /// Descriptors that hold it.
    opens: u32,
    /// Whether a directory has it: what was removed lives on until its last descriptor is closed.
    pub is_linked: bool,
    pub kind: Kind,
}

pub enum Kind {
    File(File),
    Directory(Directory),
}

#[derive(Default)]
pub struct File {
    pub content: Vec<u8>,
    /// The content is as the request had it: the first act that changes it pays for the copy that V8 makes.
    pub is_shared: bool,
}

pub struct Directory {
    /// Of the root: itself.
    pub parent: Inode,
    /// By cookie, which is the order they came in.
    pub entries: BTreeMap<u64, (Name, Inode)>,
    cookies: HashMap<Name, u64>,
    next_cookie: u64,
}

impl Directory {
    pub fn get(&self, name: &[u8]) -> Option<Inode> {
        self.cookies.get(name).map(|cookie| self.entries[cookie].1)
    }

    fn link(&mut self, name: Name, node: Inode) {
        self.cookies.insert(name.clone(), self.next_cookie);
        self.entries.insert(self.next_cookie, (name, node));
        self.next_cookie += 1;
    }

    fn unlink(&mut self, name: &[u8]) {
        if let Some(cookie) = self.cookies.remove(name) {
            self.entries.remove(&cookie);
        }
    }
}

impl Node {
    pub fn is_directory(&self) -> bool {
        matches!(self.kind, Kind::Directory(_))
    }
    pub fn size(&self) -> u64 {
        match &self.kind {
            Kind::File(file) => file.content.len() as u64,
            Kind::Directory(_) => 0,
        }
    }
}

fn fail<T>(errno: u32) -> Result<T, Stop> {
    Err(Stop::Failed(errno))
}

pub struct FileTree {
    pub limits: FileLimits,
    clock_ns: u64,
    /// What a directory or a descriptor holds.
    nodes: HashMap<Inode, Node>,
    next_inode: Inode,
    /// Of all files.
    bytes: u64,
}

impl FileTree {
    /// Without even a root, which takes no allocation.
    pub fn new(limits: FileLimits, clock_ns: u64) -> Self {
        Self { limits, clock_ns, nodes: HashMap::new(), next_inode: ROOT, bytes: 0 }
    }

    /// Makes the root, with a request's files in it.
    pub fn plant_all(&mut self, files: RequestFiles) {
        self.add_directory(ROOT);
        for (path, content) in files {
            self.plant(&path, content);
        }
    }

    /// Puts a file of the request where it belongs, with the directories it needs.
    fn plant(&mut self, path: &[u8], content: Vec<u8>) {
        let mut parent = ROOT;
        let mut names = path.split(|byte| *byte == b'/').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                self.bytes += content.len() as u64;
                let file = self.add(Kind::File(File { content, is_shared: true }));
                self.directory_mut(parent).link(name.into(), file);
                return;
            }
            parent = self.directory(parent).get(name).unwrap_or_else(|| {
                let made = self.add_directory(parent);
                self.directory_mut(parent).link(name.into(), made);
                made
            });
        }
    }

    pub fn node(&self, inode: Inode) -> &Node {
        &self.nodes[&inode]
    }
    pub fn node_mut(&mut self, inode: Inode) -> &mut Node {
        self.nodes.get_mut(&inode).expect("a node that is held is there")
    }
    /// Of an inode that is known to be a directory.
    pub fn directory(&self, inode: Inode) -> &Directory {
        match &self.node(inode).kind {
            Kind::Directory(directory) => directory,
            Kind::File(_) => unreachable!("asked for as a directory"),
        }
    }
    fn directory_mut(&mut self, inode: Inode) -> &mut Directory {
        match &mut self.node_mut(inode).kind {
            Kind::Directory(directory) => directory,
            Kind::File(_) => unreachable!("asked for as a directory"),
        }
    }
    /// Of an inode that is known to be a file.
    pub fn file(&self, inode: Inode) -> &File {
        match &self.node(inode).kind {
            Kind::File(file) => file,
            Kind::Directory(_) => unreachable!("asked for as a file"),
        }
    }
    pub fn file_mut(&mut self, inode: Inode) -> &mut File {
        match &mut self.node_mut(inode).kind {
            Kind::File(file) => file,
            Kind::Directory(_) => unreachable!("asked for as a file"),
        }
    }

    /// Makes an empty file where there is nothing.
    pub fn create_file(&mut self, place: Place) -> Result<Inode, Stop> {
        let (parent, name) = self.place_of_new(place)?;
        let file = self.add(Kind::File(File::default()));
        self.directory_mut(parent).link(name, file);
        Ok(file)
    }

    pub fn create_directory(&mut self, place: Place) -> Result<(), Stop> {
        if place.node.is_some() {
            return fail(EXIST);
        }
        let (parent, name) = self.place_of_new(place)?;
        let made = self.add_directory(parent);
        self.directory_mut(parent).link(name, made);
        Ok(())
    }

    pub fn remove_directory(&mut self, place: Place) -> Result<(), Stop> {
        let Some(name) = place.name else { return fail(INVAL) };
        let Some(inode) = place.node else { return fail(NOENT) };
        if !self.node(inode).is_directory() {
            return fail(NOTDIR);
        }
        if !self.directory(inode).entries.is_empty() {
            return fail(NOTEMPTY);
        }
        self.unlink(place.parent, &name, inode);
        Ok(())
    }

    pub fn remove_file(&mut self, place: Place) -> Result<(), Stop> {
        let Some(inode) = place.node else { return fail(NOENT) };
        match place.name {
            Some(name) if !self.node(inode).is_directory() => self.unlink(place.parent, &name, inode),
            _ => return fail(ISDIR),
        }
        Ok(())
    }

    /// Directories between one and the root.
    pub fn depth_of(&self, directory: Inode) -> u64 {
        let (mut depth, mut at) = (0, directory);
        while at != self.directory(at).parent {
            depth += 1;
            at = self.directory(at).parent;
        }
        depth
    }

    pub fn rename(&mut self, from: Place, to: Place) -> Result<(), Stop> {
        let Some(inode) = from.node else { return fail(NOENT) };
        let (Some(from_name), Some(to_name)) = (from.name, to.name) else { return fail(INVAL) };
        if to.node == Some(inode) {
            return Ok(());
        }
        let is_directory = self.node(inode).is_directory();
        if !is_directory && to.must_be_directory {
            return fail(NOTDIR);
        }
        if is_directory && self.is_inside(to.parent, inode) {
            return fail(INVAL);
        }
        if let Some(replaced) = to.node {
            if self.node(replaced).is_directory() != is_directory {
                return fail(if is_directory { NOTDIR } else { ISDIR });
            }
            if is_directory && !self.directory(replaced).entries.is_empty() {
                return fail(NOTEMPTY);
            }
            self.unlink(to.parent, &to_name, replaced);
        } else if !self.node(to.parent).is_linked {
            return fail(NOENT);
        }
        self.directory_mut(from.parent).unlink(&from_name);
        self.directory_mut(to.parent).link(to_name, inode);
        if is_directory {
            self.directory_mut(inode).parent = to.parent;
        }
        Ok(())
    }

    /// Whether a file may grow to `size` bytes.
    pub fn has_room(&self, inode: Inode, size: u64) -> bool {
        size.saturating_add(self.bytes - self.node(inode).size()) <= self.limits.bytes
    }

    /// Makes a file at least `size` bytes long, the new ones zero, and its own to write to. There must be room.
    pub fn grow(&mut self, inode: Inode, size: u64) {
        let now = self.clock_ns;
        let before = self.node(inode).size();
        let file = self.file_mut(inode);
        file.is_shared = false;
        file.content.resize(size.max(before) as usize, 0);
        self.node_mut(inode).modified_ns = now;
        self.bytes += size.max(before) - before;
    }

    /// Cuts a file, and gives back the memory of the rest.
    pub fn shrink(&mut self, inode: Inode, size: u64) {
        let now = self.clock_ns;
        self.bytes -= self.node(inode).size() - size;
        let file = self.file_mut(inode);
        file.is_shared = false;
        file.content.truncate(size as usize);
        file.content.shrink_to_fit();
        self.node_mut(inode).modified_ns = now;
    }

    /// One descriptor more holds a node.
    pub fn open(&mut self, inode: Inode) {
        self.node_mut(inode).opens += 1;
    }

    /// One descriptor less holds a node.
    pub fn close(&mut self, inode: Inode) {
        self.node_mut(inode).opens -= 1;
        self.forget_unheld(inode);
    }

    fn place_of_new(&self, place: Place) -> Result<(Inode, Name), Stop> {
        match place.name {
            Some(_) if self.node(place.parent).is_linked && self.nodes.len() >= self.limits.nodes => fail(NOSPC),
            Some(name) if self.node(place.parent).is_linked => Ok((place.parent, name)),
            _ => fail(NOENT),
        }
    }

    fn unlink(&mut self, parent: Inode, name: &[u8], inode: Inode) {
        self.directory_mut(parent).unlink(name);
        self.node_mut(inode).is_linked = false;
        self.forget_unheld(inode);
    }

    fn forget_unheld(&mut self, inode: Inode) {
        let node = self.node(inode);
        if node.is_linked || node.opens > 0 {
            return;
        }
        self.bytes -= node.size();
        self.nodes.remove(&inode);
    }

    fn is_inside(&self, directory: Inode, ancestor: Inode) -> bool {
        let mut at = directory;
        while at != ancestor {
            let parent = self.directory(at).parent;
            if parent == at {
                return false;
            }
            at = parent;
        }
        true
    }

    fn add_directory(&mut self, parent: Inode) -> Inode {
        let directory =
            Directory { parent, entries: BTreeMap::new(), cookies: HashMap::new(), next_cookie: FIRST_COOKIE };
        self.add(Kind::Directory(directory))
    }

    fn add(&mut self, kind: Kind) -> Inode {
        let (inode, now) = (self.next_inode, self.clock_ns);
        self.next_inode += 1;
        let node = Node { inode, accessed_ns: now, modified_ns: now, opens: 0, is_linked: true, kind };
        self.nodes.insert(inode, node);
        inode
    }
}
