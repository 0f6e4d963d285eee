//! A module that was compiled once and is instantiated afresh for every invocation.

use crate::contract::Contract;
use crate::host::Host;
use std::sync::Arc;
use wasmtime::{InstancePre, Linker, Module, ModuleExport};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Command,
    Reactor,
}

/// What the meter said of the module.
#[derive(Clone, Copy)]
pub struct Info {
    pub shape: Shape,
    pub has_initialiser: bool,
    pub initial_pages: u32,
    /// The module's own maximum, or the protocol's.
    pub maximum_pages: u32,
    pub instantiation_bit_ops: i64,
}

/// What the host calls of a program.
pub enum Entry {
    Command { start: ModuleExport },
    Reactor { initialize: Option<ModuleExport>, alloc: ModuleExport, handle: ModuleExport },
}

/// Where to find what the host needs of an instance.
pub struct Exports {
    pub memory: ModuleExport,
    pub work: ModuleExport,
    pub bit_ops: ModuleExport,
    pub float_ops: ModuleExport,
    pub stack: ModuleExport,
    pub pages: Option<ModuleExport>,
    /// What takes the place of the start function.
    pub start: Option<ModuleExport>,
    pub entry: Entry,
}

pub struct Compiled {
    pub contract: Arc<Contract>,
    pub info: Info,
    pub pre: InstancePre<Host>,
    pub exports: Exports,
    /// The rewritten module: a trap's meaning may depend on its instruction.
    pub code: Vec<u8>,
}

impl Compiled {
    pub fn new(
        contract: &Arc<Contract>,
        linker: &Linker<Host>,
        module: &Module,
        info: Info,
        code: Vec<u8>,
    ) -> wasmtime::Result<Self> {
        let export = |name: &str| {
            module.get_export_index(name).ok_or_else(|| wasmtime::Error::msg(format!("the module exports no {name}")))
        };
        let exports = Exports {
            memory: export("memory")?,
            work: export(&contract.work_export)?,
            bit_ops: export(&contract.bit_ops_export)?,
            float_ops: export(&contract.float_ops_export)?,
            stack: export(&contract.stack_export)?,
            pages: module.get_export_index(&contract.pages_export),
            start: module.get_export_index(&contract.start_export),
            entry: match info.shape {
                Shape::Command => Entry::Command { start: export("_start")? },
                Shape::Reactor => Entry::Reactor {
                    initialize: info.has_initialiser.then(|| export("_initialize")).transpose()?,
                    alloc: export("alloc")?,
                    handle: export("handle")?,
                },
            },
        };
        Ok(Self { contract: contract.clone(), info, pre: linker.instantiate_pre(module)?, exports, code })
    }
}
