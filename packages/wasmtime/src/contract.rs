//! What the rewritten modules and this engine agree on. It comes from TypeScript, where the meter lives, so that a new
//! version of the meter needs no other add-on than a new table there.

use napi_derive::napi;

/// Names and prices of one version of the meter and of the WASI layer.
#[napi(object)]
#[derive(Clone)]
pub struct Contract {
    /// Exported global (i64) with a part of the work that is left: integer work in its low 32 bits, floating-point work in
    /// its high ones, both signed.
    pub work_export: String,
    /// Exported global (mutable i64) with the rest of the integer work that is left.
    pub bit_ops_export: String,
    /// Exported global (mutable i64) with the rest of the floating-point work that is left.
    pub float_ops_export: String,
    /// Exported global (mutable i32) with the slots of the call stack that are left.
    pub stack_export: String,
    /// Exported global (mutable i32) with the pages that may still be added; absent where memory cannot grow.
    pub pages_export: String,
    /// Exported function that takes the place of the start function, if the module has one.
    pub start_export: String,
    /// Value of the stack global after the host denied memory that the limits allow.
    pub host_denied: i32,
    pub ops_per_host_call: u32,
    pub bytes_per_op: u32,
    pub ops_per_random_byte: u32,
    pub ops_per_path_byte: u32,
    pub ops_per_directory_entry: u32,
    /// Bounds on the files of one invocation.
    pub file_nodes: u32,
    pub file_bytes: u32,
    pub file_path_bytes: u32,
    pub file_name_bytes: u32,
    pub descriptors: u32,
    /// Elements of all tables of a module together.
    pub table_elements: u32,
    /// Tables of a module.
    pub tables: u32,
}
