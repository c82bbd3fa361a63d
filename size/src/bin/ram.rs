//! What the driver takes in RAM: the sizes of these symbols.
#![no_std]
#![no_main]

use atcmd_esp8285::Esp8285;
use size::Port;

const fn of<const RX: usize>() -> usize {
    size_of::<Esp8285<Port, fn() -> u64, RX>>()
}

#[used]
static DRIVER_1460: [u8; of::<1460>()] = [0; of::<1460>()];
#[used]
static DRIVER_2048: [u8; of::<2048>()] = [0; of::<2048>()];
#[used]
static DRIVER_4096: [u8; of::<4096>()] = [0; of::<4096>()];

#[cortex_m_rt::entry]
fn main() -> ! {
    loop {}
}
