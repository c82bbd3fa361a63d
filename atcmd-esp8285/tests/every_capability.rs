//! Each capability in each dialect: used where the table says yes, refused by
//! name where it says no. What the driver does without when it is missing is
//! used everywhere.

mod bench;

use std::cell::Cell;
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddrV4};

use atcmd_esp8285::system::{SerialMode, SleepMode};
use atcmd_esp8285::tls::TlsConfig;
use atcmd_esp8285::wifi::{AccessPointConfig, JoinOptions, ScanOptions};
use atcmd_esp8285::{Capability, Config, Esp8285};
use bench::{SERVER, Setup, VirtualClock, Wifi, connect, receive_all};
use embedded_io::ErrorKind;
use embedded_nal::{AddrType, Dns, TcpClientStack, TcpFullStack, UdpClientStack, UdpFullStack};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Echo, MemoryNetwork, Modem, Serve, TlsServer, UdpSink,
    VirtualUart,
};

const SITE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 3), 443);

/// Does not close.
const PATIENT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 4), 7);

/// A joined modem in the middle of everything that can be asked for.
fn world(setup: Setup) -> (Bench, Wifi<4096>) {
    let network = MemoryNetwork::new().host("site.example", *SITE.ip());
    network.listen(SERVER, || {
        Box::new(Serve::new(b"data".to_vec()).at_connect())
    });
    network.listen(PATIENT, || Box::new(Echo));
    network.listen_tls(SITE, TlsServer::new("site.example"), || {
        Box::new(Serve::new(b"secret".to_vec()).at_connect())
    });
    network.listen_udp(SERVER, UdpSink::default());
    let ap = AccessPoint::new("net", "password").bssid([2, 0, 0, 0, 0, 1]);
    let air = Air::new().ap(ap).join_time_ms(100);
    let modem = Modem::new(setup.dialect, air, network)
        .stored_certificates(2)
        .wall_clock(1_700_000_000);
    let bench = Bench::new(modem, BenchConfig::default());
    let clock = VirtualClock(bench.clone());
    let mut wifi = Esp8285::with_config(bench.uart(), clock, Config::new());
    wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    (bench, wifi)
}

thread_local! {
    /// The bench whose host end [`set_baud`] changes: a setter keeps nothing.
    static BENCH: Cell<Option<Bench>> = const { Cell::new(None) };
}

fn set_baud(_: &mut VirtualUart, mode: SerialMode) -> Result<(), ErrorKind> {
    let bench = BENCH.take().ok_or(ErrorKind::Other)?;
    bench.set_host_baud(mode.baud);
    BENCH.set(Some(bench));
    Ok(())
}

fn words<T, E: Display>(result: Result<T, E>) -> Result<(), String> {
    result.map(drop).map_err(|error| error.to_string())
}

fn tls(wifi: &mut Wifi<4096>, config: TlsConfig<'_>) -> Result<(), String> {
    let mut socket = words_of(wifi.tls(config).socket())?;
    words(wifi.wait(|wifi| wifi.tls(config).connect(&mut socket, SITE.into())))
}

fn words_of<T, E: Display>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn listen(wifi: &mut Wifi<4096>) -> Result<(), String> {
    let mut listener = words_of(TcpClientStack::socket(wifi))?;
    words_of(TcpFullStack::bind(wifi, &mut listener, 80))?;
    words(wifi.listen(&mut listener))
}

/// Uses the capability; says whether the driver does without where it is
/// missing.
fn use_it(capability: Capability, setup: Setup) -> (Result<(), String>, bool) {
    let (bench, mut wifi) = world(setup);
    let wifi = &mut wifi;
    let result = match capability {
        Capability::PassiveReceive => {
            let mut socket = connect(wifi).unwrap();
            let data = receive_all(wifi, &mut socket);
            assert_eq!(data.unwrap(), b"data");
            return (Ok(()), true);
        }
        Capability::TlsBuffer => {
            let tls = match wifi.dialect().unwrap().has(Capability::Tls) {
                true => tls(wifi, TlsConfig::new()),
                false => Ok(()),
            };
            return (tls, true);
        }
        Capability::TlsServerName => {
            let tls = match wifi.dialect().unwrap().has(Capability::Tls) {
                true => tls(wifi, TlsConfig::new().server_name("site.example")),
                false => Ok(()),
            };
            return (tls, true);
        }
        Capability::JoinedDetails => words(wifi.wait(|wifi| wifi.rssi())),
        Capability::ScanFilter => {
            let options = ScanOptions::new().ssid("net");
            let mut seen = 0;
            let scan = wifi.wait(|wifi| wifi.scan(&options, |_| seen += 1));
            assert_eq!(seen, 1, "{setup:?}");
            return (words(scan), true);
        }
        Capability::Dns => {
            words(wifi.wait(|wifi| wifi.get_host_by_name("site.example", AddrType::IPv4)))
        }
        Capability::Udp => {
            let mut socket = words_of(UdpClientStack::socket(wifi)).unwrap();
            words(UdpClientStack::connect(wifi, &mut socket, SERVER.into())).and_then(|()| {
                words(wifi.wait(|wifi| UdpClientStack::send(wifi, &mut socket, b"x")))
            })
        }
        Capability::PeerInfo => {
            let mut socket = words_of(UdpClientStack::socket(wifi)).unwrap();
            if !wifi.dialect().unwrap().has(Capability::Udp) {
                return (Ok(()), true);
            }
            words(UdpFullStack::bind(wifi, &mut socket, 5353))
        }
        Capability::Server => listen(wifi),
        Capability::ServerLimit => {
            let clock = VirtualClock(bench.clone());
            let config = Config::new().server_links(2);
            let mut limited: Wifi<4096> = Esp8285::with_config(bench.uart(), clock, config);
            limited.wait(|wifi| wifi.start()).unwrap();
            if !limited.dialect().unwrap().has(Capability::Server) {
                return (Ok(()), true);
            }
            listen(&mut limited)
        }
        Capability::KeepAlive => {
            let mut socket = TcpClientStack::socket(wifi).unwrap();
            socket.set_keep_alive(60);
            words(wifi.wait(|wifi| TcpClientStack::connect(wifi, &mut socket, SERVER.into())))
        }
        Capability::NoDelay => {
            let mut socket = TcpClientStack::socket(wifi).unwrap();
            let set = words(wifi.wait(|wifi| wifi.set_no_delay(&mut socket, true)));
            words_of(wifi.wait(|wifi| TcpClientStack::connect(wifi, &mut socket, PATIENT.into())))
                .unwrap();
            assert_eq!(bench.with_modem(|modem| modem.no_delay(0)), set.is_ok());
            set
        }
        Capability::LocalPort => {
            let mut socket = TcpClientStack::socket(wifi).unwrap();
            words_of(wifi.wait(|wifi| TcpClientStack::connect(wifi, &mut socket, PATIENT.into())))
                .unwrap();
            words(wifi.wait(|wifi| wifi.local_address(&mut socket)))
        }
        Capability::Tls => tls(wifi, TlsConfig::new()),
        Capability::TlsVerification => {
            if !wifi.dialect().unwrap().has(Capability::Tls) {
                return (Ok(()), true);
            }
            tls(
                wifi,
                TlsConfig::new()
                    .server_name("site.example")
                    .verify_server(0),
            )
        }
        Capability::JoinBssid => {
            let bssid = atcmd_esp8285::wifi::MacAddress([2, 0, 0, 0, 0, 1]);
            let options = JoinOptions::new("net", "password").bssid(bssid);
            words(wifi.wait(|wifi| wifi.join_with(&options)))
        }
        Capability::JoinTimeout => {
            let options = JoinOptions::new("net", "password").timeout(30);
            return (words(wifi.wait(|wifi| wifi.join_with(&options))), true);
        }
        Capability::AutoJoin => words(wifi.wait(|wifi| wifi.set_auto_join(false))),
        Capability::Reconnect => words(wifi.wait(|wifi| wifi.set_reconnect(10, 5))),
        Capability::DnsServers => {
            let servers = [Ipv4Addr::new(9, 9, 9, 9)];
            words(wifi.wait(|wifi| wifi.set_dns_servers(&servers)))
                .and_then(|()| words(wifi.wait(|wifi| wifi.dns_servers())))
        }
        Capability::HostName => words(wifi.wait(|wifi| wifi.set_host_name("board")))
            .and_then(|()| words(wifi.wait(|wifi| wifi.host_name()))),
        Capability::AccessPoint => {
            let config = AccessPointConfig::new("mine", "long enough");
            words(wifi.wait(|wifi| wifi.start_access_point(&config)))
                .and_then(|()| words(wifi.wait(|wifi| wifi.stop_access_point())))
        }
        Capability::AccessPointLimits => {
            if !wifi.dialect().unwrap().has(Capability::AccessPoint) {
                return (Ok(()), true);
            }
            let config = AccessPointConfig::new("mine", "long enough").hidden(true);
            words(wifi.wait(|wifi| wifi.start_access_point(&config)))
        }
        Capability::Abort => {
            let socket = connect(wifi).unwrap();
            words(wifi.abort(socket))
        }
        Capability::SerialLine => {
            BENCH.set(Some(bench));
            words(wifi.wait(|wifi| wifi.switch_baud(230_400, set_baud)))
        }
        Capability::Restore => {
            BENCH.set(Some(bench));
            words(wifi.wait(|wifi| wifi.restore(set_baud)))
        }
        Capability::Ping => words(wifi.wait(|wifi| wifi.ping(*SERVER.ip()))),
        Capability::NetworkTime => words(wifi.wait(|wifi| wifi.set_time_servers(0, &[]))),
        Capability::FreeMemory => words(wifi.wait(|wifi| wifi.free_memory())),
        Capability::Sleep => words(wifi.wait(|wifi| wifi.sleep_mode(SleepMode::Modem))),
        Capability::DeepSleep => words(wifi.wait(|wifi| wifi.deep_sleep(1000))),
        other => panic!("{other:?} has no test"),
    };
    (result, false)
}

#[test]
fn what_the_table_says_yes_to_works_and_the_rest_is_refused_by_name() {
    let mut wrong = vec![];
    for setup in Setup::every_dialect() {
        for &capability in Capability::ALL {
            let (_, wifi) = world(setup);
            let has = wifi.dialect().unwrap().has(capability);
            let (result, goes_without) = use_it(capability, setup);
            let expected = match has || goes_without {
                true => Ok(()),
                false => Err(format!("not supported here: {}", capability.command())),
            };
            if result != expected {
                wrong.push(format!("{}: {capability:?}: {result:?}", setup.dialect));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
