//! From a command line to the handler: name, form, parameters.

use super::args::Args;
use super::refusal::{PLAIN, Refusal};
use super::reply::Outcome;
use super::send::Manner;
use super::table::{self, Command, Scope};
use super::{Activity, Modem};
use crate::dialect::Family;
use crate::fault::Fault;

/// How a command is used.
#[derive(Debug)]
pub(super) enum Form {
    /// `AT+X`
    Execute,
    /// `AT+X?`
    Query,
    /// `AT+X=?`
    Test,
    /// `AT+X=...`
    Set(Args),
}

/// One command as received.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// The name as written, from the `+` on: answers repeat it.
    pub(super) name: &'a str,
    pub(super) scope: Scope,
    pub(super) form: Form,
}

impl Modem {
    /// Executes the line that was dispatched.
    pub(super) fn execute_line(&mut self) {
        if !matches!(self.activity, Activity::Dispatch(_)) {
            return;
        }
        let Activity::Dispatch(line) = std::mem::replace(&mut self.activity, Activity::Idle) else {
            return;
        };
        self.stray_message(Fault::UrcBeforeReply);
        let outcome = self.execute(&line);
        self.finish(outcome);
    }

    fn execute(&mut self, line: &[u8]) -> Outcome {
        let family = self.profile.family;
        // NonOS knows a command's end by the byte behind its name, so a bare LF there is wrong; ESP-AT lines
        // always end in CR LF.
        let Some(line) = line.strip_suffix(b"\r\n") else {
            return Err(Refusal::parse());
        };
        let ends = |byte: u8| match family {
            Family::NonOs => matches!(byte, b'\r' | b'?' | b'=' | b'0'..=b'9'),
            Family::EspAt => matches!(byte, b'?' | b'='),
        };
        let (name, rest) = match line {
            [b'E', rest @ ..] => ("E", rest),
            _ => {
                let end = line
                    .iter()
                    .position(|&byte| ends(byte))
                    .unwrap_or(line.len());
                (
                    std::str::from_utf8(&line[..end]).map_err(|_| Refusal::unsupported())?,
                    &line[end..],
                )
            }
        };
        let Some((command, scope)) = table::find(self.profile, name) else {
            return Err(Refusal::unsupported());
        };
        let form = match rest {
            [b'0' | b'1'] if command == Command::Echo => {
                Form::Set(Args::parse(self.profile, rest)?)
            }
            _ if command == Command::Echo => return Err(PLAIN),
            [] => Form::Execute,
            [b'\r', ..] if family == Family::NonOs => Form::Execute,
            b"?" => Form::Query,
            b"=?" => Form::Test,
            [b'=', raw @ ..] => Form::Set(Args::parse(self.profile, raw)?),
            _ => return Err(PLAIN),
        };
        self.run(command, &Call { name, scope, form })
    }

    fn run(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        match command {
            Command::At => self.cmd_at(call),
            Command::Echo => self.cmd_echo(call),
            Command::Version => self.cmd_version(call),
            Command::Reset => self.cmd_reset(call),
            Command::Restore => self.cmd_restore(call),
            Command::DeepSleep => self.cmd_deep_sleep(call),
            Command::Sleep => self.cmd_sleep(call),
            Command::Uart => self.cmd_uart(call),
            Command::Ram => self.cmd_ram(call),
            Command::Messages => self.cmd_messages(call),
            Command::Store => self.cmd_store(call),
            Command::Log => self.cmd_log(call),
            Command::Mode => self.cmd_mode(call),
            Command::Join => self.cmd_join(call),
            Command::Leave => self.cmd_leave(call),
            Command::Scan => self.cmd_scan(call),
            Command::ScanOptions => self.cmd_scan_options(call),
            Command::AutoConnect => self.cmd_auto_connect(call),
            Command::Reconnect => self.cmd_reconnect(call),
            Command::StationState => self.cmd_station_state(call),
            Command::Dhcp => self.cmd_dhcp(call),
            Command::HostName => self.cmd_host_name(call),
            Command::StationIp => self.cmd_station_ip(call),
            Command::ApIp => self.cmd_ap_ip(call),
            Command::StationMac => self.cmd_station_mac(call),
            Command::Addresses => self.cmd_addresses(call),
            Command::Dns => self.cmd_dns(call),
            Command::Domain => self.cmd_domain(call),
            Command::Ping => self.cmd_ping(call),
            Command::SntpConfig => self.cmd_sntp_config(call),
            Command::SntpTime => self.cmd_sntp_time(call),
            Command::Multiple => self.cmd_multiple(call),
            Command::Transparent => self.cmd_transparent(call),
            Command::PeerInfo => self.cmd_peer_info(call),
            Command::Start => self.cmd_start(call),
            Command::Send => self.cmd_send(call, Manner::Plain),
            Command::SendEscaped => self.cmd_send(call, Manner::Escaped),
            Command::Close => self.cmd_close(call),
            Command::CloseMode => self.cmd_close_mode(call),
            Command::Status => self.cmd_status(call),
            Command::Server => self.cmd_server(call),
            Command::MaxClients => self.cmd_max_clients(call),
            Command::IdleLimit => self.cmd_idle_limit(call),
            Command::ReceiveMode => self.cmd_receive_mode(call),
            Command::ReceiveData => self.cmd_receive_data(call),
            Command::ReceiveLength => self.cmd_receive_length(call),
            Command::TlsBuffer => self.cmd_tls_buffer(call),
            Command::Baud => self.cmd_baud(call),
            Command::SoftAp => self.cmd_soft_ap(call),
            Command::Stations => self.cmd_stations(call),
            Command::DhcpRange => self.cmd_dhcp_range(call),
            Command::ApMac => self.cmd_ap_mac(call),
            Command::Country => self.cmd_country(call),
            Command::Mdns => self.cmd_mdns(call),
            Command::TimeStamp => self.cmd_time_stamp(call),
            Command::Commands => self.cmd_commands(call),
            Command::Adc => self.cmd_adc(call),
            Command::PinSetup => self.cmd_pin_setup(call),
            Command::PinShow => self.cmd_pin_show(call),
            Command::PinDirection => self.cmd_pin_direction(call),
            Command::PinWrite => self.cmd_pin_write(call),
            Command::PinRead => self.cmd_pin_read(call),
            Command::SendBuffered => self.cmd_send(call, Manner::Buffered),
            Command::SegmentStatus => self.cmd_segment_status(call),
            Command::SegmentCheck => self.cmd_segment_check(call),
            Command::SegmentReset => self.cmd_segment_reset(call),
            Command::TcpOptions => self.cmd_tcp_options(call),
            Command::SaveLink => self.cmd_save_link(call),
            Command::LinkState => self.cmd_link_state(call),
            Command::TlsClient => self.cmd_tls_client(call),
            Command::TlsServerName => self.cmd_tls_server_name(call),
            Command::TlsCommonName => self.cmd_tls_common_name(call),
            Command::TlsProtocols => self.cmd_tls_protocols(call),
            Command::TlsKey => self.cmd_tls_key(call),
        }
    }
}
