//! What the driver for tasks takes in RAM: the sizes of these symbols.
#![no_std]
#![no_main]

use atcmd_esp8285::asynch::Shared;
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use size as _;

const fn of<const RX: usize>() -> usize {
    size_of::<Shared<NoopRawMutex, fn() -> u64, RX>>()
}

#[used]
static TASKS_1460: [u8; of::<1460>()] = [0; of::<1460>()];
#[used]
static TASKS_2048: [u8; of::<2048>()] = [0; of::<2048>()];
#[used]
static TASKS_4096: [u8; of::<4096>()] = [0; of::<4096>()];

#[cortex_m_rt::entry]
fn main() -> ! {
    loop {}
}
