#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

pub mod smoltcp_nal;
pub mod w5500;
