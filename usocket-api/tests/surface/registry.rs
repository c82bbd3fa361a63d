//! Registers tests and runs each on the backends that it is for.

/// Where tests run: the names of the modules that hold them, and their letters in `SURFACE.md`.
pub const BACKENDS: [(char, &str); 3] = [
    ('P', "esp8285_passive"),
    ('A', "esp8285_active"),
    ('L', "loopback"),
];

/// A test and the letters of its backends.
#[derive(Debug, Clone, Copy)]
pub struct Test {
    pub module: &'static str,
    pub name: &'static str,
    pub backends: &'static str,
}

/// Makes a `#[test]` of each function for each backend, and the list `TESTS` of the module. What runs
/// `everywhere` is generic over the world; what is `simulated` is for the modem alone, what is for the
/// `host` for the loopback interface.
macro_rules! surface {
    (
        everywhere { $($name:ident)* }
        $(simulated { $($modem:ident)* })?
        $(host { $($host:ident)* })?
    ) => {
        pub const TESTS: &[crate::registry::Test] = &[
            $(crate::registry::Test {
                module: module_path!(),
                name: stringify!($name),
                backends: "P A L",
            },)*
            $($(crate::registry::Test {
                module: module_path!(),
                name: stringify!($modem),
                backends: "P A",
            },)*)?
            $($(crate::registry::Test {
                module: module_path!(),
                name: stringify!($host),
                backends: "L",
            },)*)?
        ];

        mod esp8285_passive {
            surface!(@run crate::simulated::passive; $($name)* $($($modem)*)?);
        }

        mod esp8285_active {
            surface!(@run crate::simulated::active; $($name)* $($($modem)*)?);
        }

        mod loopback {
            surface!(@run crate::loopback::loopback; $($name)* $($($host)*)?);
        }
    };
    (@run $worlds:path; $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                for world in $worlds() {
                    super::$name(&world);
                }
            }
        )*
    };
}
