//! The program's memory and meter as a host function sees them: every access is checked and little-endian.

use crate::errno::{NAMETOOLONG, NOSPC};
use crate::file_tree::Inode;
use crate::host::{Host, Prices};
use crate::status::{Ended, Status};

/// Why a host function does not answer as it was asked to.
pub enum Stop {
    /// The call answers this error number.
    Failed(u32),
    /// A range outside memory: the call answers EFAULT.
    BadAddress,
    /// The program is over.
    Ended(Ended),
}

impl From<Ended> for Stop {
    fn from(ended: Ended) -> Self {
        Stop::Ended(ended)
    }
}

/// One host call at work.
pub struct Guest<'a> {
    pub memory: &'a mut [u8],
    pub host: &'a mut Host,
    /// Integer work left; what is charged goes to the program's counter when the call ends, however it ends.
    pub bit_ops: i64,
}

impl Guest<'_> {
    /// Takes host work off the meter.
    pub fn charge(&mut self, bit_ops: i64) -> Result<(), Stop> {
        self.bit_ops = self.bit_ops.wrapping_sub(bit_ops);
        if self.bit_ops < 0 { Err(Stop::Ended(Status::OutOfFuel.into())) } else { Ok(()) }
    }

    /// Price of bytes that the host copies.
    pub fn charge_bytes(&mut self, length: u64) -> Result<(), Stop> {
        let Prices { bytes_per_op, .. } = self.host.prices;
        self.charge(length.div_ceil(bytes_per_op) as i64)
    }

    pub fn charge_random(&mut self, length: u64) -> Result<(), Stop> {
        let Prices { random_byte, .. } = self.host.prices;
        self.charge((length * random_byte) as i64)
    }

    /// Price of finding what a path means.
    pub fn charge_path(&mut self, length: u32) -> Result<(), Stop> {
        if length > self.host.tree.limits.path_bytes {
            return Err(Stop::Failed(NAMETOOLONG));
        }
        let Prices { path_byte, .. } = self.host.prices;
        self.charge(i64::from(length) * path_byte)
    }

    /// Price of a walk along so many directory entries.
    pub fn charge_directory(&mut self, entries: u64) -> Result<(), Stop> {
        let Prices { directory_entry, .. } = self.host.prices;
        self.charge(entries as i64 * directory_entry)
    }

    /// Makes a file ready to be written to up to `end`, from `from` on; what must be copied or zeroed for that has its price.
    pub fn grow_file(&mut self, inode: Inode, end: u64, from: u64) -> Result<(), Stop> {
        let tree = &self.host.tree;
        let size = tree.node(inode).size();
        if end > size && !tree.has_room(inode, end) {
            return Err(Stop::Failed(NOSPC));
        }
        let copied = if tree.file(inode).is_shared { size } else { 0 };
        self.charge_bytes(copied + from.saturating_sub(size))?;
        self.host.tree.grow(inode, end);
        Ok(())
    }

    pub fn resize_file(&mut self, inode: Inode, size: u64) -> Result<(), Stop> {
        if size >= self.host.tree.node(inode).size() {
            return self.grow_file(inode, size, size);
        }
        self.charge_bytes(size)?;
        self.host.tree.shrink(inode, size);
        Ok(())
    }

    pub fn check(&self, at: u64, length: u64) -> Result<(), Stop> {
        if at + length > self.memory.len() as u64 { Err(Stop::BadAddress) } else { Ok(()) }
    }

    pub fn bytes(&mut self, at: u64, length: u64) -> Result<&mut [u8], Stop> {
        self.check(at, length)?;
        Ok(&mut self.memory[at as usize..(at + length) as usize])
    }

    fn array<const N: usize>(&mut self, at: u64) -> Result<[u8; N], Stop> {
        let mut value = [0; N];
        value.copy_from_slice(self.bytes(at, N as u64)?);
        Ok(value)
    }

    pub fn u8(&mut self, at: u64) -> Result<u8, Stop> {
        Ok(u8::from_le_bytes(self.array(at)?))
    }
    pub fn u32(&mut self, at: u64) -> Result<u32, Stop> {
        Ok(u32::from_le_bytes(self.array(at)?))
    }
    pub fn u64(&mut self, at: u64) -> Result<u64, Stop> {
        Ok(u64::from_le_bytes(self.array(at)?))
    }
    pub fn set(&mut self, at: u64, value: &[u8]) -> Result<(), Stop> {
        self.bytes(at, value.len() as u64)?.copy_from_slice(value);
        Ok(())
    }
    pub fn set_u32(&mut self, at: u64, value: u32) -> Result<(), Stop> {
        self.set(at, &value.to_le_bytes())
    }
    pub fn set_u64(&mut self, at: u64, value: u64) -> Result<(), Stop> {
        self.set(at, &value.to_le_bytes())
    }
}
