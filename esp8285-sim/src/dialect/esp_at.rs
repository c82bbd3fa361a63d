//! The rows of the firmwares built on the RTOS SDK.
//!
//! Of 2.0, 2.1 and 2.3 the dates and revisions in the version lines are examples; the shape is theirs.

use super::{Family, Profile, ReadHeader, Refused, ServerStop};

pub(super) const ESP_AT_2_2: Profile = Profile {
    name: "esp-at-2.2",
    family: Family::EspAt,
    column: 6,
    version: &[
        "AT version:2.2.1.0(46d6c26 - ESP8266 - Aug  6 2021 06:50:15)",
        "SDK version:v3.4-22-g967752e2",
        "compile time(b498b58):Aug  6 2021 17:23:22",
        "Bin version:2.2.0(ESP8266_1MB)",
    ],
    line_limit: 256,
    old_echo: false,
    escapes: true,
    busy_sending: ("\r\nbusy p...\r\n", false),
    reasons: &[],
    same_mode_is_no_change: false,
    upper_mac: false,
    prompt: "\r\nOK\r\n\r\n>",
    cancels: true,
    says_recv: true,
    send_ok_on_ack: false,
    doubled_send_seen: false,
    send_buffer: 5760,
    window: 5760,
    frame: 2920,
    frame_tail: "\r\n",
    quoted_peer: true,
    read_header: ReadHeader::Comma,
    read_limit: 0x7fff_ffff,
    transparent_prompt: "\r\nOK\r\n\r\n>",
    server_stop: ServerStop::Always,
    backlog: 1,
    closes_door: true,
    idle_limit_s: 0,
    idle_limit_needs_server: true,
    ssl: true,
    certificates: 2,
    mute_named_udp: false,
    udp: true,
    keeps_all_kinds: true,
    send_to_is_kept: true,
    empty_datagram_closes: true,
    wifi_closes_udp: false,
    mux_minds_udp: false,
    single_length: true,
    dead_len: -1,
    status_local_port: true,
    quoted_domain: true,
    refused: Refused::Error,
    connect_limit_us: 18_000_000,
    wifi_messages: true,
    wifi_reason: false,
    station_messages: true,
    join_args: 9,
    credentials: (32, 64),
    join_details: Some(",0,1,3,0,1"),
    join_failure: ("", "\r\nERROR\r\n"),
    join_limit_us: 15_000_000,
    join_polls_us: (0, 0),
    scan_fields: 0x7ff,
    scan_quotes: true,
    scan_line_end: "\r\n",
    station_ip_name: "+CIFSR:STAIP",
    factory_mode: 1,
    restart_delay_us: 200_000,
    boot_us: 700_000,
    baud_delay_us: 0,
    bauds: (80, 4_500_000),
    boot_text: "\r\nload 0x40100000, len 7280, room 16 \r\ntail 0\r\nchksum 0xe9\r\n\
                load 0x3ffe8408, len 24, room 8 \r\ntail 0\r\nchksum 0x09\r\n\
                load 0x3ffe8420, len 3448, room 8 \r\ntail 0\r\nchksum 0x69\r\ncsum 0x69\r\n",
};

pub(super) const ESP_AT_2_3: Profile = Profile {
    name: "esp-at-2.3",
    column: 7,
    version: &[
        "AT version:2.3.0.0(5d7af5b - ESP8266 - Aug 15 2025 09:21:40)",
        "SDK version:v3.4-110-g3ddd69d0",
        "compile time(eb7d0a2):Aug 15 2025 17:40:12",
        "Bin version:2.3.0(ESP8266_1MB)",
    ],
    dead_len: 0,
    ..ESP_AT_2_2
};

pub(super) const ESP_AT_2_1: Profile = Profile {
    name: "esp-at-2.1",
    column: 5,
    version: &[
        "AT version:2.1.0.0(883f7f2 - ESP8266 - Jul 24 2020 11:50:07)",
        "SDK version:v3.3-34-g48fcdd3a",
        "compile time(0ad6331):Jul 28 2020 02:47:21",
        "Bin version:2.1.0(ESP8266_1MB)",
    ],
    quoted_domain: false,
    join_args: 8,
    join_details: Some(",0,1,3,0"),
    ..ESP_AT_2_2
};

pub(super) const ESP_AT_2_0: Profile = Profile {
    name: "esp-at-2.0",
    column: 4,
    version: &[
        "AT version:2.0.0.0(c6a8f8a - Jul  2 2019 06:44:05)",
        "SDK version:v3.2-dev-95-g1e0c4f5f",
        "compile time(6a67f9b):Jul  3 2019 08:11:02",
        "Bin version:2.0.0(WROOM-02)",
    ],
    quoted_peer: false,
    read_header: ReadHeader::Numbered,
    single_length: false,
    join_args: 6,
    join_details: Some(",0,1,3"),
    ..ESP_AT_2_1
};
