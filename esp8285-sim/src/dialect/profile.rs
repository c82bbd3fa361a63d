//! What a row of the table says.

/// The two code bases, which differ in structure and not only in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// A byte machine; reasons are printed before ERROR.
    NonOs,
    /// A chunk machine on an RTOS; reasons go to a log port.
    EspAt,
}

/// What precedes the data `AT+CIPRECVDATA` hands over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadHeader {
    /// `\r\n+CIPRECVDATA,<n>:`
    Colon,
    /// `+CIPRECVDATA,<id>,<n>:\r\n`
    Numbered,
    /// `+CIPRECVDATA:<n>,`
    Comma,
}

/// How a connection that was refused or not answered is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// `<id>,CLOSED`, with the number in every mode, then ERROR.
    ClosedError,
    /// ERROR, then `[<id>,]CLOSED`.
    ErrorClosed,
    /// ERROR.
    Error,
}

/// One row of the table: how one firmware version behaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    pub(crate) family: Family,
    /// Its column in the table of commands.
    pub(crate) column: usize,
    /// The lines of `AT+GMR`.
    pub(crate) version: &'static [&'static str],
    /// Longest command line: NonOS counts behind `AT` with the LF, ESP-AT the whole line.
    pub(crate) line_limit: usize,
    /// The echo has CR LF for every LF (so CR CR LF for CR LF), and of a payload everything but LFs.
    pub(crate) old_echo: bool,
    /// In strings a backslash takes the next byte literally.
    pub(crate) escapes: bool,
    /// The refusal of input while a send waits for its result, and whether it comes per LF (otherwise per chunk).
    pub(crate) busy_sending: (&'static str, bool),
    /// Reasons with another spelling: the usual one, this one, and whether ERROR follows.
    pub(crate) reasons: &'static [(&'static str, &'static str, bool)],
    /// Setting the Wi-Fi mode it has is answered `no change`.
    pub(crate) same_mode_is_no_change: bool,
    /// MAC addresses are printed in upper case.
    pub(crate) upper_mac: bool,

    /// Behind `AT+CIPSEND`: OK, if any, and prompt.
    pub(crate) prompt: &'static str,
    /// A chunk that is exactly `+++` cancels a send.
    pub(crate) cancels: bool,
    /// A complete payload is acknowledged by `Recv <n> bytes`.
    pub(crate) says_recv: bool,
    /// `SEND OK` waits for the peer's acknowledgement (otherwise for room in the stack's send buffer).
    pub(crate) send_ok_on_ack: bool,
    /// A send has been seen to give `SEND FAIL` and then `SEND OK`.
    pub(crate) doubled_send_seen: bool,
    /// Bytes the stack's send buffer holds.
    pub(crate) send_buffer: usize,
    /// TCP receive window, per link.
    pub(crate) window: usize,
    /// Most payload bytes in one `+IPD` frame.
    pub(crate) frame: usize,
    /// What follows the payload of an active `+IPD` frame.
    pub(crate) frame_tail: &'static str,
    /// With `CIPDINFO=1` the address in `+IPD` stands in quotes.
    pub(crate) quoted_peer: bool,
    pub(crate) read_header: ReadHeader,
    /// The prompt of the transparent mode, with the OK before it.
    pub(crate) transparent_prompt: &'static str,
    /// How a server stops.
    pub(crate) server_stop: ServerStop,
    /// How many clients wait to be accepted.
    pub(crate) backlog: usize,
    /// The server does not listen while it has no link for a client.
    pub(crate) closes_door: bool,
    /// Seconds after which idle clients are closed unless told otherwise; 0 for never.
    pub(crate) idle_limit_s: u16,
    /// `CIPSTO` is refused while no server runs.
    pub(crate) idle_limit_needs_server: bool,
    /// There are TLS links.
    pub(crate) ssl: bool,
    /// Certificates in flash out of the box, and authorities too.
    pub(crate) certificates: u8,
    /// A send on a UDP link that was opened by name is never answered.
    pub(crate) mute_named_udp: bool,
    /// There are UDP links.
    pub(crate) udp: bool,
    /// Passive mode is for links of all kinds, not for plain TCP only.
    pub(crate) keeps_all_kinds: bool,
    /// `CIPSEND` with an address of its own changes where later sends go.
    pub(crate) send_to_is_kept: bool,
    /// A datagram without data closes the link.
    pub(crate) empty_datagram_closes: bool,
    /// UDP links end with the Wi-Fi connection, as all others do.
    pub(crate) wifi_closes_udp: bool,
    /// `CIPMUX` is refused while there is a UDP link, as for all others.
    pub(crate) mux_minds_udp: bool,
    /// Most bytes one `CIPRECVDATA` may ask for.
    pub(crate) read_limit: i64,
    /// `CIPRECVLEN?` with `CIPMUX=0` shows one length, not five.
    pub(crate) single_length: bool,
    /// What `CIPRECVLEN?` says of a dead link.
    pub(crate) dead_len: i64,
    /// `CIPSTATUS` tells a link's local port.
    pub(crate) status_local_port: bool,
    /// Addresses of `CIPDOMAIN` stand in quotes.
    pub(crate) quoted_domain: bool,
    pub(crate) refused: Refused,
    /// How long a TCP connect waits for an answer.
    pub(crate) connect_limit_us: u64,

    /// Messages of the station: `WIFI CONNECTED` and its like.
    pub(crate) wifi_messages: bool,
    /// `WIFI DISCONNECT` carries its reason.
    pub(crate) wifi_reason: bool,
    /// Messages about stations at the modem's access point: `+STA_CONNECTED` and its like.
    pub(crate) station_messages: bool,
    /// Most parameters of `AT+CWJAP`.
    pub(crate) join_args: usize,
    /// Longest SSID and password.
    pub(crate) credentials: (usize, usize),
    /// What `AT+CWJAP?` shows behind the SSID, BSSID, channel and signal; `None`: nothing but the SSID.
    pub(crate) join_details: Option<&'static str>,
    /// What stands before `+CWJAP:<n>` of a failing join, and behind its line.
    pub(crate) join_failure: (&'static str, &'static str),
    /// Default time a failing join lasts.
    pub(crate) join_limit_us: u64,
    /// When a join is looked at for the first time, and how often then; 0: it is noticed at once.
    pub(crate) join_polls_us: (u64, u64),
    /// Which of the eleven fields `AT+CWLAP` can show.
    pub(crate) scan_fields: u16,
    /// The SSID in `+CWLAP` stands in quotes.
    pub(crate) scan_quotes: bool,
    /// What ends a `+CWLAP` line.
    pub(crate) scan_line_end: &'static str,
    /// How `AT+CIFSR` names the station's address.
    pub(crate) station_ip_name: &'static str,
    /// Wi-Fi mode out of the box.
    pub(crate) factory_mode: u8,

    /// From the OK of a restart to the restart, behind the last byte.
    pub(crate) restart_delay_us: u64,
    /// From the restart to `ready`.
    pub(crate) boot_us: u64,
    /// From the last byte of the OK to the new baud rate.
    pub(crate) baud_delay_us: u64,
    /// Baud rates `AT+UART_CUR` takes.
    pub(crate) bauds: (i64, i64),
    /// The boot loader's text behind the ROM's first line.
    pub(crate) boot_text: &'static str,
}

/// How a server stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerStop {
    /// Only a restart stops it.
    Restart,
    /// It stops while it has no clients; with clients, only a restart stops it.
    WithoutClients,
    /// At once; its clients' links stay.
    Always,
}
