//! How invocations end.

/// The deterministic ends, by their numbers in the protocol (`STATUS` in packages/protocol/src/execution.ts).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Status {
    Ok = 0,
    Unreachable = 1,
    MemoryOutOfBounds = 2,
    TableOutOfBounds = 3,
    IndirectCallMismatch = 4,
    DivisionByZero = 5,
    IntegerOverflow = 6,
    InvalidConversion = 7,
    StackOverflow = 8,
    OutOfFuel = 9,
    OutputLimitExceeded = 10,
    ExitCode = 11,
    InvalidResult = 12,
}

/// A deterministic end other than a return or a trap; host functions raise it through the program.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    pub status: Status,
    pub exit_code: u32,
}

impl From<Status> for Ended {
    fn from(status: Status) -> Self {
        Self { status, exit_code: 0 }
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the program ended: {:?}", self.status)
    }
}

impl std::error::Error for Ended {}

/// An end that is the host's doing: no receipt, no charge.
#[derive(Debug)]
pub enum Fault {
    /// The wall-clock backstop struck.
    Deadline,
    Host(String),
}
