//! The clock as a port, so that a script can turn it.
//! Reading the machine's clock is left to the program.

use caseline_model::Time;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Time;
}
