//! Wi-Fi operations on the simulated modem, in every dialect it speaks.

mod bench;

use std::net::Ipv4Addr;

use atcmd_esp8285::wifi::{
    AccessPointConfig, Interface, Ipv4Config, JoinOptions, MacAddress, ScanError, ScanOptions,
};
use atcmd_esp8285::{Capability, Esp8285, Event, JoinError, ModemError, Station};
use bench::VirtualClock;
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Chunk, Dialect, MemoryNetwork, Modem};

type Wifi = bench::Wifi<4096>;

const BSSID: [u8; 6] = [0x18, 0xfe, 0x34, 0xaa, 0xbb, 0x07];

/// Names with everything that is awkward but what no firmware line can carry.
fn names() -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = (0..60).map(|n| format!("net {n}").into_bytes()).collect();
    names.push(b"a\",\"b".to_vec());
    names.push(b"x)y(".to_vec());
    names.push(b"caf\xe9 \xff".to_vec());
    names.push(b"twice".to_vec());
    names.push(b"twice".to_vec());
    names
}

fn modem(dialect: Dialect, air: Air) -> (Bench, Wifi) {
    modem_in(Chunk::All, dialect, air)
}

/// A modem whose bytes come in pieces of that size.
fn modem_in(rx_chunk: Chunk, dialect: Dialect, air: Air) -> (Bench, Wifi) {
    let modem = Modem::new(dialect, air, MemoryNetwork::new());
    let config = BenchConfig {
        rx_chunk,
        ..BenchConfig::default()
    };
    let bench = Bench::new(modem, config);
    let mut wifi = Esp8285::new(bench.uart(), VirtualClock(bench.clone()));
    wifi.wait(|wifi| wifi.start()).unwrap();
    (bench, wifi)
}

fn home() -> Air {
    Air::new()
        .ap(AccessPoint::new("home", "12345678")
            .bssid(BSSID)
            .channel(6)
            .rssi(-58))
        .join_time_ms(100)
}

fn in_every_dialect(mut test: impl FnMut(Dialect, &Bench, &mut Wifi)) {
    for dialect in Dialect::ALL {
        let (bench, mut wifi) = modem(*dialect, home());
        test(*dialect, &bench, &mut wifi);
    }
}

fn has(wifi: &Wifi, capability: Capability) -> bool {
    wifi.dialect().unwrap().has(capability)
}

/// Whether a call that the firmware may lack said so, or went well.
#[track_caller]
fn unless_lacking<T, E: embedded_io::Error>(
    wifi: &Wifi,
    needs: Capability,
    result: Result<T, E>,
) -> Option<T> {
    match result {
        Ok(value) => {
            assert!(has(wifi, needs));
            Some(value)
        }
        Err(error) => {
            assert!(!has(wifi, needs), "{needs:?}: {error:?}");
            assert_eq!(error.kind(), embedded_io::ErrorKind::Unsupported);
            None
        }
    }
}

#[test]
fn a_scan_brings_every_network_once() {
    let chunks = [Chunk::All, Chunk::Bytes(1), Chunk::Bytes(7)];
    let cases = Dialect::ALL
        .iter()
        .flat_map(|dialect| chunks.map(|chunk| (dialect, chunk)));
    for (dialect, chunk) in cases {
        let mut air = Air::new();
        for (n, name) in names().iter().enumerate() {
            let bssid = [0x18, 0xfe, 0x34, 0, 0, n as u8];
            air = air.ap(AccessPoint::new(name, "12345678").bssid(bssid).channel(11));
        }
        let (_, mut wifi) = modem_in(chunk, *dialect, air);
        let mut found = vec![];
        let result = wifi.wait(|wifi| {
            wifi.scan(&ScanOptions::new(), |network| {
                let last = network.bssid.unwrap().0[5];
                assert_eq!(network.channel, Some(11));
                found.push((last, network.ssid.as_bytes().to_vec()));
            })
        });
        assert_eq!(result, Ok(()), "{dialect}");
        found.sort();
        let expected: Vec<_> = (0u8..).zip(names()).collect();
        assert_eq!(found, expected, "{dialect}");
    }
}

#[test]
fn joining_by_bssid_status_and_leaving() {
    in_every_dialect(|dialect, bench, wifi| {
        let options = JoinOptions::new("home", "12345678").timeout(30);
        let with_bssid = options.bssid(MacAddress(BSSID));
        let joined = wifi.wait(|wifi| wifi.join_with(&with_bssid));
        if unless_lacking(wifi, Capability::JoinBssid, joined).is_none() {
            wifi.wait(|wifi| wifi.join_with(&options)).unwrap();
        }
        let status = wifi.wait(|wifi| wifi.station_status()).unwrap();
        let network = status.joined.unwrap();
        assert_eq!(network.ssid.as_str(), Some("home"), "{dialect}");
        assert!(status.address.is_some(), "{dialect}");
        if has(wifi, Capability::JoinedDetails) {
            assert_eq!(network.bssid, Some(MacAddress(BSSID)), "{dialect}");
            assert_eq!((network.channel, network.rssi), (Some(6), Some(-58)));
            assert_eq!(wifi.wait(|wifi| wifi.rssi()), Ok(Some(-58)));
        }
        let addresses = wifi.wait(|wifi| wifi.addresses()).unwrap();
        assert_eq!(addresses.station.unwrap().ip, status.address, "{dialect}");

        wifi.wait(|wifi| wifi.leave()).unwrap();
        bench.advance(1_000_000);
        let status = wifi.wait(|wifi| wifi.station_status()).unwrap();
        assert_eq!((status.joined, status.address), (None, None), "{dialect}");
        assert_eq!(wifi.station(), Station::Down);
    });
}

#[test]
fn a_wrong_password_and_a_missing_network_are_told_apart() {
    in_every_dialect(|dialect, _, wifi| {
        let wrong = wifi.wait(|wifi| wifi.join("home", "87654321"));
        let missing = wifi.wait(|wifi| wifi.join("nowhere", "12345678"));
        if dialect == Dialect::NonOs0_2x {
            assert!(wrong.is_err() && missing.is_err());
        } else {
            assert_eq!(wrong, Err(JoinError::WrongPassword), "{dialect}");
            assert_eq!(missing, Err(JoinError::NoSuchAccessPoint), "{dialect}");
        }
        assert_eq!(wifi.wait(|wifi| wifi.join("home", "12345678")), Ok(()));
    });
}

#[test]
fn settings_are_read_back_as_they_were_set() {
    in_every_dialect(|dialect, _, wifi| {
        let mac = MacAddress([0x1a, 0xfe, 0x34, 1, 2, 3]);
        wifi.wait(|wifi| wifi.set_station_mac(mac)).unwrap();
        assert_eq!(wifi.wait(|wifi| wifi.station_mac()), Ok(mac), "{dialect}");

        let named = wifi.wait(|wifi| wifi.set_host_name("maix-1"));
        if unless_lacking(wifi, Capability::HostName, named).is_some() {
            let name = wifi.wait(|wifi| wifi.host_name()).unwrap();
            assert_eq!(name.as_str(), Some("maix-1"), "{dialect}");
        }
        let server = Ipv4Addr::new(9, 9, 9, 9);
        let set = wifi.wait(|wifi| wifi.set_dns_servers(&[server]));
        if unless_lacking(wifi, Capability::DnsServers, set).is_some() {
            let servers = wifi.wait(|wifi| wifi.dns_servers()).unwrap();
            assert_eq!(servers.iter().next(), Some(server), "{dialect}");
        }
        let auto = wifi.wait(|wifi| wifi.set_auto_join(false));
        unless_lacking(wifi, Capability::AutoJoin, auto);
        let reconnect = wifi.wait(|wifi| wifi.set_reconnect(2, 10));
        unless_lacking(wifi, Capability::Reconnect, reconnect);

        let config = Ipv4Config {
            address: Ipv4Addr::new(10, 9, 8, 7),
            gateway: Ipv4Addr::new(10, 9, 8, 1),
            netmask: Ipv4Addr::new(255, 255, 255, 0),
        };
        wifi.wait(|wifi| wifi.set_station_address(config)).unwrap();
        assert!(!wifi.wait(|wifi| wifi.dhcp()).unwrap().station, "{dialect}");
        wifi.wait(|wifi| wifi.join("home", "12345678")).unwrap();
        let found = wifi.wait(|wifi| wifi.station_address()).unwrap().unwrap();
        assert_eq!(found.address, config.address, "{dialect}");
        wifi.wait(|wifi| wifi.set_dhcp(Interface::Station, true))
            .unwrap();
        assert!(wifi.wait(|wifi| wifi.dhcp()).unwrap().station, "{dialect}");
    });
}

#[test]
fn an_access_point_with_stations_beside_a_joined_station() {
    in_every_dialect(|dialect, bench, wifi| {
        wifi.wait(|wifi| wifi.join("home", "12345678")).unwrap();
        let config = AccessPointConfig::new("cam", "87654321").channel(6);
        let started = wifi.wait(|wifi| wifi.start_access_point(&config));
        if unless_lacking(wifi, Capability::AccessPoint, started).is_none() {
            return;
        }
        let status = wifi.wait(|wifi| wifi.station_status()).unwrap();
        assert!(status.joined.is_some(), "{dialect}");
        let status = wifi.wait(|wifi| wifi.access_point_status()).unwrap();
        assert_eq!(status.ssid.as_str(), Some("cam"), "{dialect}");
        while wifi.next_event().is_some() {}

        let station = [0x3c, 0x61, 5, 0, 0, 2];
        let ip = bench
            .with_modem(|modem| modem.station_joins(station, "87654321"))
            .unwrap();
        bench.advance(1_000_000);
        let mut seen = vec![];
        wifi.wait(|wifi| wifi.stations(|station| seen.push(*station)))
            .unwrap();
        assert_eq!(seen.len(), 1, "{dialect}");
        assert_eq!((seen[0].mac, seen[0].ip), (MacAddress(station), ip));
        if dialect != Dialect::NonOs0_2x {
            let event = wifi.next_event();
            assert_eq!(
                event,
                Some(Event::StationConnected(MacAddress(station))),
                "{dialect}"
            );
        }
        let address = wifi
            .wait(|wifi| wifi.access_point_address())
            .unwrap()
            .unwrap();
        assert_eq!(address.address, Ipv4Addr::new(192, 168, 4, 1), "{dialect}");

        // It is back after a restart.
        bench.with_modem(|modem| modem.reset());
        bench.advance(2_000_000);
        wifi.poll().unwrap();
        wifi.wait(|wifi| wifi.start()).unwrap();
        let status = wifi.wait(|wifi| wifi.access_point_status()).unwrap();
        assert_eq!(status.ssid.as_str(), Some("cam"), "{dialect}");

        wifi.wait(|wifi| wifi.stop_access_point()).unwrap();
        let addresses = wifi.wait(|wifi| wifi.addresses()).unwrap();
        assert_eq!(addresses.access_point, None, "{dialect}");
    });
}

#[test]
fn a_modem_that_dies_ends_every_operation() {
    let (bench, mut wifi) = modem(Dialect::NonOs1_7, home());
    bench.set_host_baud(9600); // from here on both sides hear garbage
    let scan = wifi.wait(|wifi| wifi.scan(&ScanOptions::new(), |_| ()));
    assert!(
        matches!(scan, Err(ScanError::Modem(ModemError::NoReply))),
        "{scan:?}"
    );
}
