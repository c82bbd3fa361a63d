//! `atcmd-esp8285` alone: join, resolve, connect, send, receive, close.
#![no_std]
#![no_main]

size::program!(|_| Some(()));
