//! The port and nothing else: what the others are compared with.
#![no_std]
#![no_main]

use embedded_io::{Read, ReadReady, Write, WriteReady};
use size::Port;

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut buf = [0; 16];
    loop {
        let ready = Port.read_ready().is_ok() && Port.write_ready().is_ok();
        if ready && Port.read(&mut buf).is_ok() {
            let _ = Port.write(&buf);
        }
    }
}
