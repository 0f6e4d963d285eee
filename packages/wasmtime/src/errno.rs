//! Error numbers of WASI preview 1 that the layer answers with.

pub const SUCCESS: u32 = 0;
pub const BADF: u32 = 8;
pub const EXIST: u32 = 20;
pub const FAULT: u32 = 21;
pub const INVAL: u32 = 28;
pub const ISDIR: u32 = 31;
pub const MFILE: u32 = 33;
pub const NAMETOOLONG: u32 = 37;
pub const NOENT: u32 = 44;
pub const NOSPC: u32 = 51;
pub const NOSYS: u32 = 52;
pub const NOTDIR: u32 = 54;
pub const NOTEMPTY: u32 = 55;
pub const NOTSOCK: u32 = 57;
pub const NOTSUP: u32 = 58;
pub const SPIPE: u32 = 70;
pub const NOTCAPABLE: u32 = 76;
