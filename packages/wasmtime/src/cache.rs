//! Compiled modules on disk. What is read back is machine code: the folder must be the executor's own, and who can write to
//! it can run what he likes as the executor. So it is refused unless it belongs to this user and nobody else may enter.

use sha2::{Digest, Sha256};
use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;
use wasmtime::{Engine, Module};

pub struct Cache {
    folder: PathBuf,
    max_bytes: u64,
    /// Engine version, settings and processor features: what was compiled under others is another file.
    engine_key: u64,
}

impl Cache {
    /// Opens the folder, which is made if need be.
    pub fn open(folder: &Path, max_bytes: u64, engine: &Engine) -> io::Result<Self> {
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let meta = fs::symlink_metadata(folder)?;
        // SAFETY: geteuid cannot fail.
        let is_own = meta.is_dir() && meta.uid() == unsafe { libc::geteuid() } && meta.mode() & 0o077 == 0;
        if !is_own {
            let what = format!("{} is no folder that only this user can enter", folder.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
        }
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self { folder: folder.to_owned(), max_bytes, engine_key: hasher.finish() })
    }

    fn path(&self, code: &[u8]) -> PathBuf {
        let hash: String = Sha256::digest(code).iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(format!("{hash}-{:016x}", self.engine_key))
    }

    /// The compiled form of a rewritten module; none where there is none of use.
    pub fn get(&self, engine: &Engine, code: &[u8]) -> Option<Module> {
        let path = self.path(code);
        let mut file = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(&path).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        let (tag, artefact) = bytes.split_last_chunk::<32>().map(|(artefact, tag)| (tag, artefact))?;
        // Not against forgers, whom the folder keeps out, but against a disk that filled up or failed.
        if Sha256::digest(artefact).as_slice() != tag {
            let _ = fs::remove_file(&path);
            return None;
        }
        let _ = file.set_modified(SystemTime::now());
        // SAFETY: `put` wrote these bytes, into a folder that nobody else can enter.
        unsafe { Module::deserialize(engine, artefact) }.ok()
    }

    /// Keeps a module's compiled form. A full disk is no reason to fail a call: errors are dropped.
    pub fn put(&self, code: &[u8], module: &Module) {
        let _ = self.try_put(code, module);
    }

    fn try_put(&self, code: &[u8], module: &Module) -> io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let artefact = module.serialize().map_err(io::Error::other)?;
        let size = artefact.len() as u64 + 32;
        if size > self.max_bytes {
            return Ok(());
        }
        self.make_room(size)?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let temporary = self.folder.join(format!("new-{}-{number}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        let written = write_all(&mut file, &artefact).and_then(|()| fs::rename(&temporary, self.path(code)));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Removes what was not used for longest until `needed` bytes fit.
    fn make_room(&self, needed: u64) -> io::Result<()> {
        let mut files = Vec::new();
        let mut total = needed;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let meta = entry.metadata()?;
            total += meta.len();
            files.push((meta.modified()?, meta.len(), entry.path()));
        }
        files.sort();
        for (_, length, path) in files {
            if total <= self.max_bytes {
                break;
            }
            fs::remove_file(path)?;
            total -= length;
        }
        Ok(())
    }
}

fn write_all(file: &mut File, artefact: &[u8]) -> io::Result<()> {
    file.write_all(artefact)?;
    file.write_all(Sha256::digest(artefact).as_slice())
}
