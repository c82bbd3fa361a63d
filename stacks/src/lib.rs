#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

// For the one stack that is the host's.
extern crate std;

pub mod esp8285;
pub mod esp_at_nal;
pub mod esp_at_nal_client;
pub mod smoltcp_nal;
pub mod std_embedded_nal;
pub mod std_embedded_nal_v0_3;
pub mod w5500;
pub mod w5500_bus;
