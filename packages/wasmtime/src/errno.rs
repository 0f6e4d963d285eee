//! Error numbers of WASI preview 1 that the layer answers with.

pub const SUCCESS: u32 = 0;
pub const BADF: u32 = 8;
pub const FAULT: u32 = 21;
pub const INVAL: u32 = 28;
pub const NOSYS: u32 = 52;
pub const NOTDIR: u32 = 54;
pub const NOTSOCK: u32 = 57;
pub const SPIPE: u32 = 70;
