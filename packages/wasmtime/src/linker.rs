//! Offers the WASI functions to programs.

use crate::errno::*;
use crate::guest::{Guest, Stop};
use crate::host::Host;
use crate::wasi::{self, Answer, Strings};
use wasmtime::{Caller, Engine, Linker, Result};

const MODULE: &str = "wasi_snapshot_preview1";

/// Runs one host function: its price, its errors.
fn answer(mut caller: Caller<'_, Host>, body: impl FnOnce(&mut Guest) -> Answer) -> Result<u32> {
    let (Some(memory), Some(counters)) = (caller.data().memory, caller.data().counters) else {
        return Err(wasmtime::Error::msg("a host function was called before the instance was ready"));
    };
    let before = counters.left(&mut caller).bit_ops;
    let (memory, host) = memory.data_and_store_mut(&mut caller);
    let mut guest = Guest { memory, host, bit_ops: before };
    let price = guest.host.prices.host_call;
    let answer = guest.charge(price).and_then(|()| body(&mut guest));
    let charged = before.wrapping_sub(guest.bit_ops);
    counters.charge(&mut caller, charged)?;
    match answer {
        Ok(errno) => Ok(errno),
        Err(Stop::BadAddress) => Ok(FAULT),
        Err(Stop::Ended(ended)) => Err(wasmtime::Error::new(ended)),
    }
}

/// `offer!(linker, "name", (fd: u32, at: u32), |guest| answer)`
macro_rules! offer {
    ($linker:ident, $name:literal, ($($arg:ident : $type:ty),*), |$guest:ident| $body:expr) => {
        $linker.func_wrap(MODULE, $name, |caller: Caller<'_, Host>, $($arg: $type),*| -> Result<u32> {
            answer(caller, |$guest| { $(let _ = $arg;)* $body })
        })?;
    };
}

/// A linker with every function of WASI preview 1 and nothing else.
pub fn wasi_linker(engine: &Engine) -> Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    let l = &mut linker;
    offer!(l, "args_get", (pointers: u32, buffer: u32), |g| wasi::strings_get(g, Strings::Args, pointers, buffer));
    offer!(l, "args_sizes_get", (count: u32, size: u32), |g| wasi::strings_sizes(g, Strings::Args, count, size));
    offer!(l, "environ_get", (pointers: u32, buffer: u32), |g| wasi::strings_get(g, Strings::Env, pointers, buffer));
    offer!(l, "environ_sizes_get", (count: u32, size: u32), |g| wasi::strings_sizes(g, Strings::Env, count, size));
    offer!(l, "clock_res_get", (id: u32, at: u32), |g| wasi::clock(g, id, at, 1));
    offer!(l, "clock_time_get", (id: u32, precision: u64, at: u32), |g| {
        let now = g.host.clock_ns;
        wasi::clock(g, id, at, now)
    });
    offer!(l, "fd_advise", (fd: u32, a: u64, b: u64, c: u32), |g| wasi::wrong_kind(g, fd, SPIPE));
    offer!(l, "fd_allocate", (fd: u32, a: u64, b: u64), |g| wasi::wrong_kind(g, fd, SPIPE));
    offer!(l, "fd_close", (fd: u32), |g| wasi::fd_close(g, fd));
    offer!(l, "fd_datasync", (fd: u32), |g| wasi::wrong_kind(g, fd, INVAL));
    offer!(l, "fd_fdstat_get", (fd: u32, at: u32), |g| wasi::fd_fdstat_get(g, fd, at));
    offer!(l, "fd_fdstat_set_flags", (fd: u32, a: u32), |g| wasi::wrong_kind(g, fd, SUCCESS));
    offer!(l, "fd_fdstat_set_rights", (fd: u32, a: u64, b: u64), |g| wasi::wrong_kind(g, fd, SUCCESS));
    offer!(l, "fd_filestat_get", (fd: u32, at: u32), |g| wasi::fd_filestat_get(g, fd, at));
    offer!(l, "fd_filestat_set_size", (fd: u32, a: u64), |g| wasi::wrong_kind(g, fd, INVAL));
    offer!(l, "fd_filestat_set_times", (fd: u32, a: u64, b: u64, c: u32), |g| wasi::wrong_kind(g, fd, INVAL));
    offer!(l, "fd_pread", (fd: u32, a: u32, b: u32, c: u64, d: u32), |g| wasi::wrong_kind(g, fd, SPIPE));
    offer!(l, "fd_prestat_get", (fd: u32, at: u32), |_g| Ok(BADF));
    offer!(l, "fd_prestat_dir_name", (fd: u32, at: u32, length: u32), |_g| Ok(BADF));
    offer!(l, "fd_pwrite", (fd: u32, a: u32, b: u32, c: u64, d: u32), |g| wasi::wrong_kind(g, fd, SPIPE));
    offer!(l, "fd_read", (fd: u32, iovs: u32, count: u32, read: u32), |g| wasi::fd_read(g, fd, iovs, count, read));
    offer!(l, "fd_readdir", (fd: u32, a: u32, b: u32, c: u64, d: u32), |g| wasi::wrong_kind(g, fd, NOTDIR));
    offer!(l, "fd_renumber", (from: u32, to: u32), |g| wasi::fd_renumber(g, from, to));
    offer!(l, "fd_seek", (fd: u32, a: u64, b: u32, c: u32), |g| wasi::wrong_kind(g, fd, SPIPE));
    offer!(l, "fd_sync", (fd: u32), |g| wasi::wrong_kind(g, fd, INVAL));
    offer!(l, "fd_tell", (fd: u32, at: u32), |g| wasi::wrong_kind(g, fd, SPIPE));
    offer!(l, "fd_write", (fd: u32, iovs: u32, count: u32, written: u32), |g| wasi::fd_write(g, fd, iovs, count, written));
    offer!(l, "path_create_directory", (fd: u32, a: u32, b: u32), |g| wasi::wrong_kind(g, fd, NOTDIR));
    offer!(l, "path_filestat_get", (fd: u32, a: u32, b: u32, c: u32, d: u32), |g| wasi::wrong_kind(g, fd, NOTDIR));
    offer!(l, "path_filestat_set_times", (fd: u32, a: u32, b: u32, c: u32, d: u64, e: u64, f: u32), |g| {
        wasi::wrong_kind(g, fd, NOTDIR)
    });
    offer!(l, "path_link", (fd: u32, a: u32, b: u32, c: u32, d: u32, e: u32, f: u32), |g| wasi::wrong_kind(g, fd, NOTDIR));
    offer!(l, "path_open", (fd: u32, a: u32, b: u32, c: u32, d: u32, e: u64, f: u64, h: u32, i: u32), |g| {
        wasi::wrong_kind(g, fd, NOTDIR)
    });
    offer!(l, "path_readlink", (fd: u32, a: u32, b: u32, c: u32, d: u32, e: u32), |g| wasi::wrong_kind(g, fd, NOTDIR));
    offer!(l, "path_remove_directory", (fd: u32, a: u32, b: u32), |g| wasi::wrong_kind(g, fd, NOTDIR));
    offer!(l, "path_rename", (fd: u32, a: u32, b: u32, c: u32, d: u32, e: u32), |g| wasi::wrong_kind(g, fd, NOTDIR));
    offer!(l, "path_symlink", (a: u32, b: u32, fd: u32, c: u32, d: u32), |g| wasi::wrong_kind(g, fd, NOTDIR));
    offer!(l, "path_unlink_file", (fd: u32, a: u32, b: u32), |g| wasi::wrong_kind(g, fd, NOTDIR));
    offer!(l, "poll_oneoff", (from: u32, to: u32, count: u32, at: u32), |g| wasi::poll_oneoff(g, from, to, count, at));
    offer!(l, "proc_raise", (signal: u32), |_g| Ok(NOSYS));
    offer!(l, "random_get", (at: u32, length: u32), |g| wasi::random_get(g, at, length));
    offer!(l, "sched_yield", (), |_g| Ok(SUCCESS));
    offer!(l, "sock_accept", (fd: u32, a: u32, b: u32), |g| wasi::wrong_kind(g, fd, NOTSOCK));
    offer!(l, "sock_recv", (fd: u32, a: u32, b: u32, c: u32, d: u32, e: u32), |g| wasi::wrong_kind(g, fd, NOTSOCK));
    offer!(l, "sock_send", (fd: u32, a: u32, b: u32, c: u32, d: u32), |g| wasi::wrong_kind(g, fd, NOTSOCK));
    offer!(l, "sock_shutdown", (fd: u32, a: u32), |g| wasi::wrong_kind(g, fd, NOTSOCK));
    l.func_wrap(MODULE, "proc_exit", |caller: Caller<'_, Host>, code: u32| -> Result<()> {
        answer(caller, |_| wasi::proc_exit(code)).map(|_| ())
    })?;
    Ok(linker)
}
