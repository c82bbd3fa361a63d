//! What the driver says about its work: one shim over `log` and `defmt`.
//!
//! Either feature, both or none may be on. Arguments need `Display` and
//! `defmt::Format`, or `Debug` and the same for `{:?}`.
//!
//! No text that was ever part of a string argument is said: commands are shown
//! without their strings, and lines nobody understood go through a
//! [`Veil`](crate::veil::Veil).

macro_rules! say {
    ($level:ident, $text:literal $(, $arg:expr)* $(,)?) => {{
        #[cfg(feature = "log")]
        ::log::$level!($text $(, $arg)*);
        #[cfg(feature = "defmt")]
        ::defmt::$level!($text $(, $arg)*);
        // The arguments count as used, and cost nothing.
        #[cfg(not(any(feature = "log", feature = "defmt")))]
        if false {
            let _ = ($(&$arg,)*);
        }
    }};
}

macro_rules! trace {
    ($($arg:tt)*) => { say!(trace, $($arg)*) };
}

macro_rules! debug {
    ($($arg:tt)*) => { say!(debug, $($arg)*) };
}

macro_rules! info {
    ($($arg:tt)*) => { say!(info, $($arg)*) };
}

macro_rules! warning {
    ($($arg:tt)*) => { say!(warn, $($arg)*) };
}
