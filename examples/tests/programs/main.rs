//! The servers and clients in `host`, run as programs over the simulated modem
//! with this computer's own sockets on the other side.

mod chat;
mod ntp_query;
mod program;
mod udp_echo;
mod web_server;

/// Both families of firmware: they tell servers' news in different ways.
const DIALECTS: [&str; 2] = ["nonos-1.7", "esp-at-2.2"];
