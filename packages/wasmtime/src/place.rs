//! What paths mean: packages/wasm/src/wasi/place.ts.

use crate::errno::*;
use crate::file_tree::{FileTree, Inode, Kind};
use crate::guest::Stop;
use std::rc::Rc;

/// Any bytes but `/` and zero.
pub type Name = Rc<[u8]>;

/// A place in a directory, and what is there.
pub struct Place {
    pub parent: Inode,
    /// None: the path ends in `.` or `..`: what it means is there, but can't be made, removed or renamed by it.
    pub name: Option<Name>,
    pub node: Option<Inode>,
    /// The path ends in a slash: no file may be there.
    pub must_be_directory: bool,
}

/// What a path means, seen from a directory that it does not lead out of.
pub fn resolve(tree: &FileTree, base: Inode, path: &[u8]) -> Result<Place, Stop> {
    let fail = |errno| Err(Stop::Failed(errno));
    if path.is_empty() {
        return fail(NOENT);
    }
    if path.contains(&0) {
        return fail(INVAL);
    }
    if path[0] == b'/' {
        return fail(NOTCAPABLE);
    }
    let mut place = Place { parent: base, name: None, node: Some(base), must_be_directory: false };
    let mut depth = 0;
    for name in path.split(|byte| *byte == b'/') {
        // Whatever more there is, what came before is a directory.
        let directory = match place.node.map(|inode| (inode, &tree.node(inode).kind)) {
            Some((_, Kind::File(_))) => return fail(NOTDIR),
            Some((inode, Kind::Directory(directory))) => Some((inode, directory)),
            None => None,
        };
        place.must_be_directory = true;
        if name.is_empty() {
            continue;
        }
        let Some((inode, directory)) = directory else { return fail(NOENT) };
        match name {
            b"." => place.name = None,
            b".." if depth == 0 => return fail(NOTCAPABLE),
            b".." => {
                depth -= 1;
                place.node = Some(directory.parent);
                place.name = None;
            }
            _ if name.len() > tree.limits.name_bytes => return fail(NAMETOOLONG),
            _ => {
                depth += 1;
                let node = directory.get(name);
                place = Place { parent: inode, name: Some(name.into()), node, must_be_directory: false };
            }
        }
    }
    Ok(place)
}
