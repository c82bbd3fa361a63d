//! The parts the example programs share.
//!
//! The programs in `host` are kept short by what is here: each
//! module holds one idea, and all but the first two know nothing of the modem
//! driver.
//!
//! | module | idea |
//! |---|---|
//! | [`modem`] | options become a network: modem found, access point joined |
//! | [`sockets`] | sockets for the standard library, socket errors for people |
//! | [`url`] | what the person typed becomes a checked host, port and path |
//! | [`picture`] | a picture made by code, so that nothing has to be found first |
//! | [`terminal`] | a picture drawn with characters |
//! | [`http_server`] | a web server small enough to start inside a program |
//! | [`ntp_server`] | a time server small enough to start inside a program |
//! | [`http`] | request head, response head and the end of the body |
//! | [`modem_port`] | a serial port, pty or TCP connection as `embedded-io` UART |
//! | [`trace`] | the AT exchange, readable, without passwords |
//! | [`interrupt`] | Ctrl-C ends what waits, as in Python |
//! | [`say`] | words, on streams that may be closed |
//! | [`progress`] | a bar for people, one line for logs |
//! | [`failure`] | exit codes and one-line messages |

#![forbid(unsafe_code)]

pub mod failure;
pub mod http;
pub mod http_server;
pub mod interrupt;
pub mod modem;
pub mod modem_port;
pub mod ntp_server;
pub mod picture;
pub mod progress;
pub mod say;
pub mod sockets;
pub mod terminal;
pub mod trace;
pub mod url;
