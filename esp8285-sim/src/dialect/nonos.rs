//! The rows of the firmwares without an operating system, and of the one that imitates them.
//!
//! Of 0.2x, 1.3 and ESP_ATMod the dates and revisions in the version lines are examples; the shape is theirs.

use super::{Family, Profile, ReadHeader, Refused, ServerStop};

const BOOT_1_7: &str = "\r\nload 0x40100000, len 2592, room 16 \r\ntail 0\r\nchksum 0xf3\r\n\
    load 0x3ffe8000, len 764, room 8 \r\ntail 4\r\nchksum 0x92\r\n\
    load 0x3ffe82fc, len 676, room 4 \r\ntail 0\r\nchksum 0x22\r\ncsum 0x22\r\n\r\n\
    2nd boot version : 1.7(5d6877e)\r\n  SPI Speed      : 40MHz\r\n  SPI Mode       : QIO\r\n  \
    SPI Flash Size & Map: 8Mbit(512KB+512KB)\r\njump to run user1 @ 1000\r\n\r\n";

const BOOT_OLD: &str = "\r\nload 0x40100000, len 816, room 16 \r\ntail 0\r\nchksum 0x8d\r\n\
    load 0x3ffe8000, len 788, room 8 \r\ntail 12\r\nchksum 0xcf\r\n\
    ho 0 tail 12 room 4\r\nload 0x3ffe8314, len 288, room 12 \r\ntail 4\r\nchksum 0xcf\r\ncsum 0xcf\r\n\r\n\
    2nd boot version : 1.2\r\n  SPI Speed      : 40MHz\r\n  SPI Mode       : QIO\r\n  \
    SPI Flash Size : 8Mbit\r\njump to run user1\r\n\r\n";

pub(super) const NONOS_1_7: Profile = Profile {
    name: "nonos-1.7",
    family: Family::NonOs,
    column: 3,
    version: &[
        "AT version:1.7.4.0(May 11 2020 19:13:04)",
        "SDK version:3.0.4(9532ceb)",
        "compile time:May 27 2020 10:12:17",
        "Bin version(Wroom 02):1.7.4",
    ],
    line_limit: 256,
    old_echo: false,
    escapes: true,
    busy_sending: ("\r\nbusy s...\r\n", false),
    reasons: &[],
    same_mode_is_no_change: false,
    upper_mac: false,
    prompt: "\r\nOK\r\n> ",
    cancels: true,
    says_recv: true,
    send_ok_on_ack: true,
    doubled_send_seen: true,
    send_buffer: 2920,
    window: 5840,
    frame: 2920,
    frame_tail: "",
    quoted_peer: false,
    read_header: ReadHeader::Colon,
    read_limit: 2048,
    transparent_prompt: "\r\nOK\r\n\r\n>",
    server_stop: ServerStop::WithoutClients,
    backlog: 5,
    closes_door: false,
    idle_limit_s: 180,
    idle_limit_needs_server: false,
    ssl: true,
    certificates: 0,
    mute_named_udp: false,
    udp: true,
    keeps_all_kinds: false,
    send_to_is_kept: false,
    empty_datagram_closes: false,
    wifi_closes_udp: true,
    mux_minds_udp: true,
    single_length: false,
    dead_len: 0,
    status_local_port: true,
    quoted_domain: false,
    refused: Refused::ErrorClosed,
    connect_limit_us: 15_000_000,
    wifi_messages: true,
    wifi_reason: false,
    station_messages: true,
    join_args: 4,
    credentials: (32, 64),
    join_details: Some(",0"),
    join_failure: ("", "\r\nFAIL\r\n"),
    join_limit_us: 14_000_000,
    join_polls_us: (1_000_000, 1_000_000),
    scan_fields: 0x7ff,
    scan_quotes: true,
    scan_line_end: "\r\n",
    station_ip_name: "+CIFSR:STAIP",
    factory_mode: 2,
    restart_delay_us: 20_000,
    boot_us: 300_000,
    baud_delay_us: 10_000,
    bauds: (110, 5_000_000),
    boot_text: BOOT_1_7,
};

pub(super) const NONOS_1_6: Profile = Profile {
    name: "nonos-1.6",
    column: 2,
    version: &[
        "AT version:1.6.2.0(Apr 13 2018 11:10:59)",
        "SDK version:2.2.1(6ab97e9)",
        "compile time:Jun  7 2018 19:34:26",
        "Bin version(Wroom 02):1.6.2",
    ],
    line_limit: 128,
    join_args: 3,
    join_details: Some(""),
    join_limit_us: 15_000_000,
    join_polls_us: (3_000_000, 2_000_000),
    scan_fields: 0x7f,
    ..NONOS_1_7
};

pub(super) const NONOS_1_3: Profile = Profile {
    name: "nonos-1.3",
    column: 1,
    version: &[
        "AT version:1.3.0.0(Jul 14 2016 18:54:01)",
        "SDK version:2.0.0(656edbf)",
        "compile time:Jul 19 2016 18:44:22",
    ],
    doubled_send_seen: false,
    boot_text: BOOT_OLD,
    ..NONOS_1_6
};

pub(super) const NONOS_0_2X: Profile = Profile {
    name: "nonos-0.2x",
    column: 0,
    version: &["0020000903"],
    old_echo: true,
    escapes: false,
    busy_sending: ("busy s...\r\n", true),
    reasons: &[
        ("Link type ERROR", "Link typ ERROR", true),
        ("ALREADY CONNECTED", "ALREAY CONNECT", false),
    ],
    same_mode_is_no_change: true,
    prompt: "> ",
    cancels: false,
    says_recv: false,
    frame_tail: "\r\nOK\r\n",
    status_local_port: false,
    mute_named_udp: true,
    ssl: false,
    transparent_prompt: "\r\n>",
    server_stop: ServerStop::Restart,
    refused: Refused::ClosedError,
    wifi_messages: false,
    station_messages: false,
    join_args: 2,
    credentials: (31, 63),
    join_details: None,
    scan_fields: 0x1f,
    ..NONOS_1_3
};

pub(super) const ESP_ATMOD: Profile = Profile {
    name: "esp-atmod",
    column: 8,
    version: &[
        "AT version:1.7.0.0 (partial)",
        "SDK version:2.2.2-dev(38a443e)",
        "compile time:Mar 22 2024 18:05:41",
        "Version ESP_ATMod:0.5.0",
    ],
    upper_mac: true,
    udp: false,
    prompt: "OK\r\n> ",
    wifi_reason: true,
    station_messages: false,
    join_failure: ("\r\n", "FAIL\r\n"),
    join_limit_us: 15_000_000,
    join_polls_us: (0, 0),
    scan_fields: 0x1f,
    scan_quotes: false,
    scan_line_end: "\n",
    station_ip_name: "+CISFR:STAIP",
    factory_mode: 1,
    doubled_send_seen: false,
    boot_text: "\r\nload 0x4010f000, len 3424, room 16 \r\ntail 0\r\nchksum 0x2e\r\n\
        load 0x3fff20b8, len 40, room 8 \r\ntail 0\r\nchksum 0x2b\r\ncsum 0x2b\r\nv00040640\r\n~ld\r\n",
    ..NONOS_1_7
};
