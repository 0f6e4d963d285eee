//! Offers the WASI functions to programs.

use crate::errno::*;
use crate::guest::{Guest, Stop};
use crate::host::Host;
use crate::wasi::{self, Answer, Strings};
use crate::wasi_fd as on_fd;
use crate::wasi_path::{self as on_path, Opening, Path};
use wasmtime::{Caller, Engine, Linker, Result};

const MODULE: &str = "wasi_snapshot_preview1";

/// Runs one host function: its price, its errors.
fn answer(mut caller: Caller<'_, Host>, body: impl FnOnce(&mut Guest) -> Answer) -> Result<u32> {
    let (Some(memory), Some(counters)) = (caller.data().memory, caller.data().counters) else {
        return Err(wasmtime::Error::msg("a host function was called before the instance was ready"));
    };
    let before = counters.left(&mut caller).bit_ops;
    let (memory, host) = memory.data_and_store_mut(&mut caller);
    host.set_up_files();
    let mut guest = Guest { memory, host, bit_ops: before };
    let price = guest.host.prices.host_call;
    let answer = guest.charge(price).and_then(|()| body(&mut guest));
    let charged = before.wrapping_sub(guest.bit_ops);
    counters.charge(&mut caller, charged)?;
    match answer {
        Ok(errno) => Ok(errno),
        Err(Stop::Failed(errno)) => Ok(errno),
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
    offer!(l, "fd_advise", (fd: u32, offset: u64, length: u64, advice: u32), |g| on_fd::fd_advise(g, fd, advice));
    offer!(l, "fd_allocate", (fd: u32, offset: u64, length: u64), |g| on_fd::fd_allocate(g, fd, offset, length));
    offer!(l, "fd_close", (fd: u32), |g| on_fd::fd_close(g, fd));
    offer!(l, "fd_datasync", (fd: u32), |g| on_fd::fd_sync(g, fd));
    offer!(l, "fd_fdstat_get", (fd: u32, at: u32), |g| on_fd::fd_fdstat_get(g, fd, at));
    offer!(l, "fd_fdstat_set_flags", (fd: u32, flags: u32), |g| on_fd::fd_fdstat_set_flags(g, fd, flags));
    offer!(l, "fd_fdstat_set_rights", (fd: u32, base: u64, inheriting: u64), |g| wasi::for_open(g, fd, NOTSUP));
    offer!(l, "fd_filestat_get", (fd: u32, at: u32), |g| on_fd::fd_filestat_get(g, fd, at));
    offer!(l, "fd_filestat_set_size", (fd: u32, size: u64), |g| on_fd::fd_filestat_set_size(g, fd, size));
    offer!(l, "fd_filestat_set_times", (fd: u32, accessed: u64, modified: u64, flags: u32), |g| on_fd::fd_filestat_set_times(g, fd, accessed, modified, flags));
    offer!(l, "fd_pread", (fd: u32, iovs: u32, count: u32, offset: u64, read: u32), |g| on_fd::fd_pread(g, fd, iovs, count, offset, read));
    offer!(l, "fd_prestat_get", (fd: u32, at: u32), |g| on_fd::fd_prestat_get(g, fd, at));
    offer!(l, "fd_prestat_dir_name", (fd: u32, at: u32, length: u32), |g| on_fd::fd_prestat_dir_name(g, fd, at, length));
    offer!(l, "fd_pwrite", (fd: u32, iovs: u32, count: u32, offset: u64, written: u32), |g| on_fd::fd_pwrite(g, fd, iovs, count, offset, written));
    offer!(l, "fd_read", (fd: u32, iovs: u32, count: u32, read: u32), |g| on_fd::fd_read(g, fd, iovs, count, read));
    offer!(l, "fd_readdir", (fd: u32, at: u32, length: u32, cookie: u64, used: u32), |g| on_fd::fd_readdir(g, fd, at, length, cookie, used));
    offer!(l, "fd_renumber", (from: u32, to: u32), |g| on_fd::fd_renumber(g, from, to));
    offer!(l, "fd_seek", (fd: u32, offset: u64, whence: u32, at: u32), |g| on_fd::fd_seek(g, fd, offset, whence, at));
    offer!(l, "fd_sync", (fd: u32), |g| on_fd::fd_sync(g, fd));
    offer!(l, "fd_tell", (fd: u32, at: u32), |g| on_fd::fd_tell(g, fd, at));
    offer!(l, "fd_write", (fd: u32, iovs: u32, count: u32, written: u32), |g| on_fd::fd_write(g, fd, iovs, count, written));
    offer!(l, "path_create_directory", (fd: u32, at: u32, length: u32), |g| on_path::path_create_directory(g, fd, Path { at, length }));
    offer!(l, "path_filestat_get", (fd: u32, flags: u32, at: u32, length: u32, stat: u32), |g| on_path::path_filestat_get(g, fd, flags, Path { at, length }, stat));
    offer!(l, "path_filestat_set_times", (fd: u32, flags: u32, at: u32, length: u32, accessed: u64, modified: u64, times: u32), |g| on_path::path_filestat_set_times(g, fd, flags, Path { at, length }, (accessed, modified), times));
    offer!(l, "path_link", (fd: u32, flags: u32, at: u32, length: u32, to_fd: u32, to_at: u32, to_length: u32), |g| on_path::path_link(g, fd, Path { at, length }, to_fd, Path { at: to_at, length: to_length }));
    offer!(l, "path_open", (fd: u32, lookup_flags: u32, at: u32, length: u32, open_flags: u32, rights: u64, inheriting: u64, fd_flags: u32, opened: u32), |g| { let opening = Opening { lookup_flags, open_flags, rights, fd_flags }; on_path::path_open(g, fd, Path { at, length }, opening, opened) });
    offer!(l, "path_readlink", (fd: u32, at: u32, length: u32, buffer: u32, size: u32, used: u32), |g| on_path::path_readlink(g, fd, Path { at, length }, Path { at: buffer, length: size }, used));
    offer!(l, "path_remove_directory", (fd: u32, at: u32, length: u32), |g| on_path::path_remove_directory(g, fd, Path { at, length }));
    offer!(l, "path_rename", (fd: u32, at: u32, length: u32, to_fd: u32, to_at: u32, to_length: u32), |g| on_path::path_rename(g, fd, Path { at, length }, to_fd, Path { at: to_at, length: to_length }));
    offer!(l, "path_symlink", (at: u32, length: u32, fd: u32, to_at: u32, to_length: u32), |g| on_path::path_symlink(g, Path { at, length }, fd, Path { at: to_at, length: to_length }));
    offer!(l, "path_unlink_file", (fd: u32, at: u32, length: u32), |g| on_path::path_unlink_file(g, fd, Path { at, length }));
    offer!(l, "poll_oneoff", (from: u32, to: u32, count: u32, at: u32), |g| wasi::poll_oneoff(g, from, to, count, at));
    offer!(l, "proc_raise", (signal: u32), |_g| Ok(NOSYS));
    offer!(l, "random_get", (at: u32, length: u32), |g| wasi::random_get(g, at, length));
    offer!(l, "sched_yield", (), |_g| Ok(SUCCESS));
    offer!(l, "sock_accept", (fd: u32, a: u32, b: u32), |g| wasi::for_open(g, fd, NOTSOCK));
    offer!(l, "sock_recv", (fd: u32, a: u32, b: u32, c: u32, d: u32, e: u32), |g| wasi::for_open(g, fd, NOTSOCK));
    offer!(l, "sock_send", (fd: u32, a: u32, b: u32, c: u32, d: u32), |g| wasi::for_open(g, fd, NOTSOCK));
    offer!(l, "sock_shutdown", (fd: u32, a: u32), |g| wasi::for_open(g, fd, NOTSOCK));
    l.func_wrap(MODULE, "proc_exit", |caller: Caller<'_, Host>, code: u32| -> Result<()> {
        answer(caller, |_| wasi::proc_exit(code)).map(|_| ())
    })?;
    Ok(linker)
}
