//! TLS client sockets on the simulated modem, in every dialect.

mod bench;

use std::net::{Ipv4Addr, SocketAddrV4};

use atcmd_esp8285::tls::TlsConfig;
use atcmd_esp8285::{Capability, ModemError, ReceiveMode, SocketError, TlsSocket};
use bench::{Setup, Wifi, connect, joined, network};
use embedded_nal::TcpClientStack;
use esp8285_sim::{Bench, Dialect, Echo, MemoryNetwork, Serve, TlsServer};

const SITE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 3), 443);

/// Dialects with TLS, in the mode the driver chooses and in active mode.
fn with_tls() -> impl Iterator<Item = Setup> {
    Setup::every_dialect()
        .filter(|setup| setup.dialect != Dialect::NonOs0_2x)
        .flat_map(|setup| {
            [ReceiveMode::Auto, ReceiveMode::Active].map(|receive| Setup { receive, ..setup })
        })
}

fn site(setup: Setup, server: TlsServer) -> (MemoryNetwork, Bench, Wifi<4096>) {
    let network = network(setup).host("site.example", *SITE.ip());
    network.listen_tls(SITE, server, || Box::new(Echo));
    network.listen(bench::SERVER, || Box::new(Echo));
    let (bench, wifi) = joined::<4096>(setup, &network);
    (network, bench, wifi)
}

fn open(wifi: &mut Wifi<4096>, config: TlsConfig<'_>) -> Result<TlsSocket, SocketError> {
    let mut socket = wifi.tls(config).socket()?;
    match wifi.wait(|wifi| wifi.tls(config).connect(&mut socket, SITE.into())) {
        Ok(()) => Ok(socket),
        Err(error) => {
            wifi.tls(config).close(socket)?;
            Err(error)
        }
    }
}

fn echo(wifi: &mut Wifi<4096>, socket: &mut TlsSocket, data: &[u8]) {
    let config = TlsConfig::new();
    let (mut sent, mut got) = (0, vec![]);
    let mut buf = [0; 1024];
    while got.len() < data.len() {
        if sent < data.len()
            && let Ok(n) = wifi.tls(config).send(socket, &data[sent..])
        {
            sent += n;
        }
        match wifi.tls(config).receive(socket, &mut buf) {
            Ok(n) => got.extend_from_slice(&buf[..n]),
            Err(nb::Error::WouldBlock) => wifi.wait_a_moment(),
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(got, data);
}

trait Moment {
    fn wait_a_moment(&mut self);
}

impl Moment for Wifi<4096> {
    /// Lets virtual time pass until something happens.
    fn wait_a_moment(&mut self) {
        let mut first = true;
        self.wait(|_| match std::mem::take(&mut first) {
            true => Err(nb::Error::<()>::WouldBlock),
            false => Ok(()),
        })
        .unwrap();
    }
}

#[test]
fn data_goes_both_ways_beside_a_plain_connection() {
    for setup in with_tls() {
        let (_network, _bench, mut wifi) = site(setup, TlsServer::new("site.example"));
        let mut plain = connect(&mut wifi).unwrap();
        let mut socket = open(&mut wifi, TlsConfig::new()).unwrap();
        echo(&mut wifi, &mut socket, &bench::pattern(6000));
        bench::send_all(&mut wifi, &mut plain, b"plain").unwrap();
        let mut buf = [0; 16];
        let n = wifi
            .wait(|wifi| TcpClientStack::receive(wifi, &mut plain, &mut buf))
            .unwrap();
        assert_eq!(&buf[..n], b"plain", "{setup:?}");
        wifi.tls(TlsConfig::new()).close(socket).unwrap();
        open(&mut wifi, TlsConfig::new()).unwrap();
    }
}

#[test]
fn the_end_of_the_stream_comes_behind_the_data() {
    for setup in with_tls() {
        let network = network(setup);
        let page = bench::pattern(3000);
        let served = page.clone();
        network.listen_tls(SITE, TlsServer::new("site.example"), move || {
            Box::new(Serve::new(served.clone()).at_connect())
        });
        let (_bench, mut wifi) = joined::<4096>(setup, &network);
        let config = TlsConfig::new();
        let mut socket = open(&mut wifi, config).unwrap();
        let (mut got, mut buf) = (vec![], [0; 700]);
        loop {
            match wifi.wait(|wifi| wifi.tls(config).receive(&mut socket, &mut buf)) {
                Ok(0) => break,
                Ok(n) => got.extend_from_slice(&buf[..n]),
                Err(error) => panic!("{setup:?}: {error}"),
            }
        }
        assert!(got == page, "{setup:?}: {} of {}", got.len(), page.len());
    }
}

#[test]
fn the_servers_name_is_told() {
    for setup in with_tls() {
        let (_network, _bench, mut wifi) =
            site(setup, TlsServer::new("site.example").strict_name());
        let dialect = wifi.dialect().unwrap();
        let config = TlsConfig::new().server_name("site.example");
        if dialect.has(Capability::TlsServerName) {
            open(&mut wifi, config).unwrap();
            let other = open(&mut wifi, TlsConfig::new()).unwrap_err();
            assert_eq!(other, SocketError::TlsInUse, "{setup:?}");
        }
        let (_network, _bench, mut wifi) =
            site(setup, TlsServer::new("site.example").strict_name());
        if dialect.has(Capability::TlsServerName) {
            let error = open(&mut wifi, TlsConfig::new()).unwrap_err();
            assert_eq!(error, SocketError::Refused, "{setup:?}");
        }
    }
}

#[test]
fn certificates_are_checked_or_the_check_is_refused() {
    for setup in with_tls() {
        let check = TlsConfig::new()
            .server_name("site.example")
            .verify_server(0);
        let (_network, _bench, mut wifi) = site(setup, TlsServer::new("site.example"));
        if !wifi.dialect().unwrap().has(Capability::TlsVerification) {
            let unsupported = ModemError::Unsupported("AT+CIPSSLCCONF");
            let error = open(&mut wifi, check).unwrap_err();
            assert_eq!(error, unsupported.into(), "{setup:?}");
            continue;
        }
        open(&mut wifi, check).unwrap();
        let (_network, _bench, mut wifi) = site(setup, TlsServer::new("site.example").untrusted());
        let error = open(&mut wifi, check).unwrap_err();
        assert_eq!(error, SocketError::Refused, "{setup:?}");
        // The check is not left on for the next connection, which asks for none.
        open(&mut wifi, TlsConfig::new().server_name("site.example")).unwrap();
    }
}

#[test]
fn a_certificate_of_our_own_is_shown() {
    for setup in with_tls() {
        let strict = TlsServer::new("site.example").wants_certificate();
        let (_network, _bench, mut wifi) = site(setup, strict);
        if wifi.dialect().unwrap().has(Capability::TlsVerification) {
            let error = open(&mut wifi, TlsConfig::new()).unwrap_err();
            assert_eq!(error, SocketError::Refused, "{setup:?}");
            open(&mut wifi, TlsConfig::new().client_certificate(0)).unwrap();
        }
    }
}

#[test]
fn firmware_without_tls_says_so() {
    let setup = Setup::new(Dialect::NonOs0_2x, ReceiveMode::Auto);
    let (_network, _bench, mut wifi) = site(setup, TlsServer::new("site.example"));
    let unsupported = ModemError::Unsupported("AT+CIPSTART (SSL)");
    let error = open(&mut wifi, TlsConfig::new()).unwrap_err();
    assert_eq!(error, unsupported.into());
}

#[test]
fn a_server_name_that_could_break_the_command_is_refused() {
    let setup = Setup::new(Dialect::NonOs1_7, ReceiveMode::Auto);
    let (_network, bench, mut wifi) = site(setup, TlsServer::new("site.example"));
    let commands = bench.with_modem(|modem| modem.commands());
    for name in ["a\r\nAT+RST", "a\"b", "a,b", "", &"x".repeat(65)] {
        let error = open(&mut wifi, TlsConfig::new().server_name(name)).unwrap_err();
        assert_eq!(error, SocketError::InvalidAddress, "{name:?}");
    }
    assert_eq!(bench.with_modem(|modem| modem.commands()), commands);
}
