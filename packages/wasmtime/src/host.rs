//! The world of one invocation, as WASI_VERSION 2 defines it (docs/wasi.md): input, arguments, environment, a clock that
//! stands still, seeded randomness, two outputs, files in memory. Nothing of the machine shows through. To the byte the same as
//! packages/wasm/src/wasi/host.ts.

use crate::counters::Counters;
use crate::descriptors::{Descriptors, Stream};
use crate::file_tree::{FileTree, RequestFiles};
use crate::random::SeededRandom;
use crate::status::{Ended, Status};
use wasmtime::{Memory, StoreLimits};

/// Prices of host calls.
#[derive(Clone, Copy)]
pub struct Prices {
    pub host_call: i64,
    pub bytes_per_op: u64,
    pub random_byte: u64,
    pub path_byte: i64,
    pub directory_entry: i64,
}

/// What a store holds.
pub struct Host {
    /// Each ends with a zero byte.
    pub args: Vec<Vec<u8>>,
    /// `name=value` and a zero byte.
    pub env: Vec<Vec<u8>>,
    pub clock_ns: u64,
    pub random: SeededRandom,
    /// Until the first host call: most reactors make none.
    pub request_files: Option<RequestFiles>,
    pub tree: FileTree,
    pub descriptors: Descriptors,
    pub prices: Prices,
    /// Known once there is an instance, which is before any host function is called.
    pub memory: Option<Memory>,
    pub counters: Option<Counters>,
    pub limits: StoreLimits,
    pub output_limit: u64,
    pub input: Vec<u8>,
    pub input_at: usize,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Host {
    /// Called before any host function does its work.
    pub fn set_up_files(&mut self) {
        if let Some(files) = self.request_files.take() {
            self.tree.plant_all(files);
            self.descriptors.open_first(&mut self.tree);
        }
    }

    pub fn input_left(&self) -> u64 {
        (self.input.len() - self.input_at) as u64
    }

    /// Fills `target` with input, wholly unless the input ends. Returns the bytes read.
    pub fn read(&mut self, target: &mut [u8]) -> usize {
        let part = &self.input[self.input_at..];
        let length = part.len().min(target.len());
        target[..length].copy_from_slice(&part[..length]);
        self.input_at += length;
        length
    }

    /// Bytes of both outputs.
    pub fn written(&self) -> u64 {
        (self.stdout.len() + self.stderr.len()) as u64
    }

    /// Fails when both outputs together pass the limit; what still fits is kept.
    pub fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), Ended> {
        let room = (self.output_limit - self.written()) as usize;
        let sink = if stream == Stream::Stderr { &mut self.stderr } else { &mut self.stdout };
        sink.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room { Err(Status::OutputLimitExceeded.into()) } else { Ok(()) }
    }
}
