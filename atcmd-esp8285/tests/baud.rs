//! Switching the baud rate, on the simulated modem: exact bytes and times, the
//! way back, restarts, open connections.

mod bench;

use atcmd_esp8285::system::{BaudError, FlowControl, SerialMode};
use atcmd_esp8285::{Config, Esp8285, Event, ModemError, ReceiveMode, SocketError};
use bench::{SERVER, VirtualClock, pattern};
use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use embedded_nal::TcpClientStack;
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Dialect, Echo, MemoryNetwork, Modem, Serve, UartError,
    VirtualUart,
};

/// A UART whose rate can be set, as a firmware would write it.
struct Port {
    uart: VirtualUart,
    bench: Bench,
    /// What arrives is noise.
    deaf: bool,
    /// When it was set to what.
    log: Vec<(u64, SerialMode)>,
}

fn set(port: &mut Port, mode: SerialMode) -> Result<(), ErrorKind> {
    port.log.push((port.bench.now(), mode));
    port.bench.set_host_baud(mode.baud);
    Ok(())
}

/// A receiver that is too slow for more than a megabaud.
fn set_deaf(port: &mut Port, mode: SerialMode) -> Result<(), ErrorKind> {
    port.deaf = mode.baud > 1_000_000;
    set(port, mode)
}

/// A clock that is off by a fifth above a megabaud.
fn set_off(port: &mut Port, mode: SerialMode) -> Result<(), ErrorKind> {
    let off = mode.baud > 1_000_000;
    let baud = if off { mode.baud / 5 * 4 } else { mode.baud };
    set(port, SerialMode::from(baud))
}

impl ErrorType for Port {
    type Error = UartError;
}
impl Read for Port {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, UartError> {
        let n = self.uart.read(buf)?;
        if self.deaf {
            buf[..n].fill(0xf8);
        }
        Ok(n)
    }
}
impl ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, UartError> {
        self.uart.read_ready()
    }
}
impl Write for Port {
    fn write(&mut self, buf: &[u8]) -> Result<usize, UartError> {
        self.uart.write(buf)
    }
    fn flush(&mut self) -> Result<(), UartError> {
        self.uart.flush()
    }
}
impl WriteReady for Port {
    fn write_ready(&mut self) -> Result<bool, UartError> {
        self.uart.write_ready()
    }
}

type Wifi = Esp8285<Port, VirtualClock>;

fn joined(dialect: Dialect, network: &MemoryNetwork, config: Config) -> (Bench, Wifi) {
    joined_on(dialect, network, config, BenchConfig::default())
}

fn joined_on(
    dialect: Dialect,
    network: &MemoryNetwork,
    config: Config,
    line: BenchConfig,
) -> (Bench, Wifi) {
    let air = Air::new()
        .ap(AccessPoint::new("net", "password"))
        .join_time_ms(100);
    let modem = Modem::new(dialect, air, network.clone());
    let bench = Bench::new(modem, line);
    let port = Port {
        uart: bench.uart(),
        bench: bench.clone(),
        deaf: false,
        log: vec![],
    };
    let mut wifi = Esp8285::with_config(port, VirtualClock(bench.clone()), config);
    wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    (bench, wifi)
}

fn run(bench: &Bench, wifi: &mut Wifi, milliseconds: u64) {
    let until = bench.now() + milliseconds * 1000;
    while bench.now() < until {
        wifi.poll().unwrap();
        bench.idle(Some(until));
    }
}

/// What the host wrote, with its times.
fn written(bench: &Bench) -> Vec<(u64, String)> {
    let record = bench.take_record().into_iter();
    record
        .filter(|r| r.1 == esp8285_sim::Direction::ToModem)
        .map(|r| (r.0, String::from_utf8_lossy(&r.2).into_owned()))
        .collect()
}

/// Those of them that can switch for a time.
fn able() -> impl Iterator<Item = Dialect> {
    let all = Dialect::ALL.iter().copied();
    all.filter(|dialect| *dialect != Dialect::NonOs0_2x)
}

#[test]
fn the_host_follows_after_at_least_twenty_milliseconds_and_proves_it() {
    for dialect in able() {
        let (bench, mut wifi) = joined(dialect, &MemoryNetwork::new(), Config::new());
        bench.record(true);
        wifi.wait(|wifi| wifi.switch_baud(921_600, set)).unwrap();
        let sent = written(&bench);
        let lines: Vec<&str> = sent.iter().map(|s| s.1.as_str()).collect();
        assert_eq!(lines, ["AT+UART_CUR=921600,8,1,0,0\r\n", "AT\r\n"]);
        assert!(sent[1].0 - sent[0].0 >= 22_000, "{sent:?}");
        assert!(sent[1].0 - sent[0].0 <= 40_000, "{sent:?}");
        assert_eq!(wifi.serial_mode(), SerialMode::from(921_600));
        let log = &wifi.release().log;
        assert_eq!(log.len(), 1);
        assert!(log[0].0 - sent[0].0 >= 22_000, "{log:?}");
    }
}

#[test]
fn old_firmware_says_unsupported_and_is_sent_nothing() {
    let network = MemoryNetwork::new();
    let (bench, mut wifi) = joined(Dialect::NonOs0_2x, &network, Config::new());
    bench.record(true);
    let result = wifi.wait(|wifi| wifi.switch_baud(9600, set));
    let expected = BaudError::Modem(ModemError::Unsupported("AT+UART_CUR"));
    assert_eq!(result, Err(expected));
    assert_eq!(written(&bench), []);
}

#[test]
fn rates_no_modem_takes_are_refused_by_the_dialects_table() {
    for (dialect, max) in [
        (Dialect::NonOs1_7, 4_608_000),
        (Dialect::EspAt2_2, 4_500_000),
    ] {
        let (bench, mut wifi) = joined(dialect, &MemoryNetwork::new(), Config::new());
        bench.record(true);
        for bad in [0, 109, max + 1, u32::MAX] {
            let result = wifi.wait(|wifi| wifi.switch_baud(bad, set));
            assert_eq!(result, Err(BaudError::InvalidRate { max }));
        }
        assert_eq!(written(&bench), []);
        wifi.wait(|wifi| wifi.switch_baud(max, set)).unwrap();
    }
}

#[test]
fn a_rate_at_which_the_host_hears_nothing_ends_where_it_began() {
    for dialect in able() {
        let network = MemoryNetwork::new();
        network.listen(SERVER, || Box::new(Echo));
        let (bench, mut wifi) = joined(dialect, &network, Config::new());
        let mut socket = wifi.socket().unwrap();
        wifi.wait(|wifi| wifi.connect(&mut socket, SERVER.into()))
            .unwrap();
        bench.record(true);
        let before = bench.now();
        let result = wifi.wait(|wifi| wifi.switch_baud(2_000_000, set_deaf));
        assert_eq!(result, Err(BaudError::NotVerified), "{dialect:?}");
        assert!(bench.now() - before < 1_500_000, "{}", bench.now() - before);
        let lines: Vec<String> = written(&bench).into_iter().map(|s| s.1).collect();
        let expected = [
            "AT+UART_CUR=2000000,8,1,0,0\r\n",
            "AT\r\n",
            "AT\r\n",
            "AT\r\n",
            "AT+UART_CUR=115200,8,1,0,0\r\n",
            "AT\r\n",
        ];
        // In passive mode what may have been announced meanwhile is read next.
        assert_eq!(lines[..6], expected, "{dialect:?}");
        assert_eq!(wifi.serial_mode(), SerialMode::from(115_200));
        // The connection is still there, and another rate can be tried.
        for _ in 0..2 {
            wifi.wait(|wifi| wifi.send(&mut socket, b"hello")).unwrap();
            let mut buf = [0; 8];
            let n = wifi
                .wait(|wifi| wifi.receive(&mut socket, &mut buf))
                .unwrap();
            assert_eq!(&buf[..n], b"hello", "{dialect:?}");
            wifi.wait(|wifi| wifi.switch_baud(460_800, set_deaf))
                .unwrap();
        }
    }
}

#[test]
fn a_modem_that_can_be_reached_at_neither_rate_is_no_reply_until_it_is_reset() {
    let (bench, mut wifi) = joined(Dialect::NonOs1_7, &MemoryNetwork::new(), Config::new());
    let result = wifi.wait(|wifi| wifi.switch_baud(2_000_000, set_off));
    assert_eq!(result, Err(BaudError::Modem(ModemError::NoReply)));
    assert!(bench.now() < 10_000_000);
    assert_eq!(wifi.serial_mode(), SerialMode::from(115_200));
    bench.with_modem(|modem| modem.reset());
    wifi.wait(|wifi| wifi.start()).unwrap();
    wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
}

#[test]
fn a_host_that_cannot_be_set_says_so() {
    let (bench, mut wifi) = joined(Dialect::NonOs1_7, &MemoryNetwork::new(), Config::new());
    let result = wifi.wait(|wifi| wifi.switch_baud(9600, |_, _| Err(ErrorKind::InvalidInput)));
    assert_eq!(result, Err(BaudError::Uart(ErrorKind::InvalidInput)));
    bench.with_modem(|modem| modem.reset());
    wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
}

#[test]
fn a_restart_is_followed_to_the_old_rate_and_back_to_the_new_one() {
    for dialect in able() {
        let (bench, mut wifi) = joined(dialect, &MemoryNetwork::new(), Config::new());
        wifi.wait(|wifi| wifi.switch_baud(921_600, set)).unwrap();
        while wifi.next_event().is_some() {}
        bench.with_modem(|modem| modem.reset());
        run(&bench, &mut wifi, 5000);
        let events: Vec<Event> = core::iter::from_fn(|| wifi.next_event()).collect();
        assert!(events.contains(&Event::Restarted), "{dialect:?} {events:?}");
        assert!(events.contains(&Event::Ready), "{dialect:?} {events:?}");
        assert_eq!(wifi.serial_mode(), SerialMode::from(921_600));
        assert_eq!(bench.host_baud(), 921_600);
        wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    }
}

#[test]
fn a_restart_nobody_heard_is_noticed_by_the_next_call() {
    let (bench, mut wifi) = joined(Dialect::EspAt2_2, &MemoryNetwork::new(), Config::new());
    wifi.wait(|wifi| wifi.switch_baud(921_600, set)).unwrap();
    // Power-cycled, while nothing could be heard.
    bench.with_modem(|modem| modem.reset());
    bench.advance(3_000_000);
    let mut noise = bench.uart();
    while noise.read_ready().unwrap() {
        noise.read(&mut [0; 64]).unwrap();
    }
    let before = bench.now();
    let first = wifi.wait(|wifi| wifi.join("net", "password"));
    if first.is_err() {
        wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    }
    assert!(bench.now() - before < 30_000_000);
    assert_eq!(bench.host_baud(), 921_600);
}

#[test]
fn reset_and_restore_go_through_the_old_rate_too() {
    for dialect in able() {
        let (bench, mut wifi) = joined(dialect, &MemoryNetwork::new(), Config::new());
        wifi.wait(|wifi| wifi.switch_baud(921_600, set)).unwrap();
        let before = bench.now();
        wifi.wait(|wifi| wifi.reset()).unwrap();
        assert!(
            bench.now() - before < 3_000_000,
            "{dialect:?}: ready was read"
        );
        run(&bench, &mut wifi, 100);
        assert_eq!(bench.host_baud(), 921_600, "{dialect:?}: restored");
        let before = bench.now();
        wifi.wait(|wifi| wifi.restore(set)).unwrap();
        assert!(bench.now() - before < 4_000_000, "{dialect:?}");
        run(&bench, &mut wifi, 100);
        assert_eq!(bench.host_baud(), 115_200, "{dialect:?}: factory settings");
        wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    }
}

#[test]
fn deep_sleep_wakes_up_at_the_old_rate() {
    for dialect in able().filter(|d| *d != Dialect::EspAtMod) {
        let (bench, mut wifi) = joined(dialect, &MemoryNetwork::new(), Config::new());
        wifi.wait(|wifi| wifi.switch_baud(921_600, set)).unwrap();
        wifi.wait(|wifi| wifi.deep_sleep(10_000)).unwrap();
        run(&bench, &mut wifi, 1);
        assert_eq!(bench.host_baud(), 115_200);
        run(&bench, &mut wifi, 13_000);
        assert!(wifi.dialect().is_some(), "{dialect:?}");
        assert_eq!(bench.host_baud(), 921_600, "{dialect:?}");
    }
}

#[test]
fn in_passive_mode_a_download_loses_nothing_however_often_the_rate_changes() {
    let passive = [
        Dialect::NonOs1_7,
        Dialect::EspAt2_1,
        Dialect::EspAt2_2,
        Dialect::EspAt2_3,
        Dialect::EspAtMod,
    ];
    for dialect in passive {
        let data = pattern(60_000);
        let network = MemoryNetwork::new().round_trip_us(3000);
        let served = data.clone();
        network.listen(SERVER, move || {
            Box::new(Serve::new(served.clone()).at_connect())
        });
        let (_, mut wifi) = joined(dialect, &network, Config::new());
        let mut socket = wifi.socket().unwrap();
        wifi.wait(|wifi| wifi.connect(&mut socket, SERVER.into()))
            .unwrap();
        let mut got = vec![];
        let mut rates = [460_800, 921_600, 57_600, 230_400].into_iter().cycle();
        loop {
            let mut buf = [0; 1500];
            match wifi
                .wait(|wifi| wifi.receive(&mut socket, &mut buf))
                .unwrap()
            {
                0 => break,
                n => got.extend_from_slice(&buf[..n]),
            }
            let rate = rates.next().unwrap();
            wifi.wait(|wifi| wifi.switch_baud(rate, set)).unwrap();
        }
        assert_eq!(got.len(), data.len(), "{dialect:?}");
        assert!(got == data, "{dialect:?}");
    }
}

#[test]
fn active_mode_goes_on_at_the_new_rate() {
    let network = MemoryNetwork::new();
    network.listen(SERVER, || Box::new(Echo));
    let config = Config::new().receive(ReceiveMode::Active);
    for dialect in able() {
        let (_, mut wifi) = joined(dialect, &network, config);
        let mut socket = wifi.socket().unwrap();
        wifi.wait(|wifi| wifi.connect(&mut socket, SERVER.into()))
            .unwrap();
        wifi.wait(|wifi| wifi.switch_baud(1_500_000, set)).unwrap();
        wifi.wait(|wifi| wifi.send(&mut socket, b"ping")).unwrap();
        let mut buf = [0; 8];
        let n = wifi
            .wait(|wifi| wifi.receive(&mut socket, &mut buf))
            .unwrap();
        assert_eq!(&buf[..n], b"ping");
    }
}

/// Downloads in active mode through a receive buffer of 256 bytes, with a host
/// that looks every 50 ms, and counts what was lost.
fn neglected_download(dialect: Dialect, flow: FlowControl) -> (u64, Result<bool, SocketError>) {
    let data = pattern(8000);
    let network = MemoryNetwork::new();
    let served = data.clone();
    network.listen(SERVER, move || Box::new(Serve::new(served.clone())));
    let line = BenchConfig {
        rx_fifo: 256,
        flow_control: true,
        ..BenchConfig::default()
    };
    let config = Config::new().receive(ReceiveMode::Active);
    let (bench, mut wifi) = joined_on(dialect, &network, config, line);
    let mode = SerialMode::from(460_800).with_flow(flow);
    wifi.wait(|wifi| wifi.switch_baud(mode, set)).unwrap();
    let mut socket = wifi.socket().unwrap();
    wifi.wait(|wifi| wifi.connect(&mut socket, SERVER.into()))
        .unwrap();
    wifi.wait(|wifi| wifi.send(&mut socket, b"please")).unwrap();
    let mut got = vec![];
    let end = bench.now() + 30_000_000;
    while bench.now() < end {
        let mut buf = [0; 4096];
        match wifi.receive(&mut socket, &mut buf) {
            Ok(0) => break,
            Ok(n) => got.extend_from_slice(&buf[..n]),
            Err(nb::Error::WouldBlock) => bench.advance(50_000),
            Err(nb::Error::Other(error)) => return (bench.stats().overruns, Err(error)),
        }
    }
    (bench.stats().overruns, Ok(got == data))
}

#[test]
fn with_cts_a_slow_host_stops_the_modem_and_without_it_bytes_are_lost() {
    for dialect in [Dialect::NonOs1_6, Dialect::NonOs1_7, Dialect::EspAt2_2] {
        for flow in [FlowControl::Cts, FlowControl::Both] {
            let outcome = neglected_download(dialect, flow);
            assert_eq!(outcome, (0, Ok(true)), "{dialect:?} {flow:?}");
        }
        let (overruns, outcome) = neglected_download(dialect, FlowControl::None);
        assert!(overruns > 0, "{dialect:?}");
        assert_ne!(outcome, Ok(true), "{dialect:?}");
    }
}

#[test]
fn with_rts_a_modem_that_is_stalled_stops_the_host() {
    for dialect in [Dialect::NonOs1_7, Dialect::EspAt2_2] {
        let network = MemoryNetwork::new();
        network.listen(SERVER, || Box::new(Echo));
        let line = BenchConfig {
            flow_control: true,
            ..BenchConfig::default()
        };
        let (bench, mut wifi) = joined_on(dialect, &network, Config::new(), line);
        let mode = SerialMode::from(921_600).with_flow(FlowControl::Both);
        wifi.wait(|wifi| wifi.switch_baud(mode, set)).unwrap();
        let mut socket = wifi.socket().unwrap();
        wifi.wait(|wifi| wifi.connect(&mut socket, SERVER.into()))
            .unwrap();
        let data = pattern(2000);
        wifi.wait(|wifi| wifi.send(&mut socket, &data)).unwrap();
        // In the middle of the payload the modem stops taking bytes.
        run(&bench, &mut wifi, 10);
        bench.with_modem(|modem| modem.stall(true));
        run(&bench, &mut wifi, 1500);
        bench.with_modem(|modem| modem.stall(false));
        wifi.wait(|wifi| wifi.send(&mut socket, b"")).unwrap();
        let mut got = vec![];
        while got.len() < data.len() {
            let mut buf = [0; 1000];
            let n = wifi.wait(|wifi| wifi.receive(&mut socket, &mut buf));
            got.extend_from_slice(&buf[..n.unwrap()]);
        }
        assert!(got == data, "{dialect:?}");
    }
}
