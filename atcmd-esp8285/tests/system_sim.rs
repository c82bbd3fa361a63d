//! The modem's own matters on the simulated modem: what one side has, the other
//! understands, in every dialect.

mod bench;

use atcmd_esp8285::system::{PingError, SleepMode, TimeError};
use atcmd_esp8285::{Config, Dialect as Row, Esp8285, ModemError};
use bench::{VirtualClock, Wifi};
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem};

fn joined(dialect: Dialect, clock: Option<u32>) -> (Bench, Wifi<1460>) {
    let air = Air::new().ap(AccessPoint::new("net", "password"));
    let network = MemoryNetwork::new().round_trip_us(20_000);
    network.listen(bench::SERVER, || Box::new(esp8285_sim::Echo));
    let network = network.host("example.com", *bench::SERVER.ip());
    let mut modem = Modem::new(dialect, air, network);
    if let Some(seconds) = clock {
        modem = modem.wall_clock(seconds);
    }
    let bench = Bench::new(modem, BenchConfig::default());
    let clock = VirtualClock(bench.clone());
    let mut wifi = Esp8285::with_config(bench.uart(), clock, Config::new());
    wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    (bench, wifi)
}

#[test]
fn the_version_says_what_the_dialect_was_chosen_from() {
    for &dialect in Dialect::ALL {
        let (_, mut wifi) = joined(dialect, None);
        let version = wifi.wait(|wifi| wifi.version()).unwrap();
        let chosen = wifi.dialect().unwrap();
        let line = version.lines().next().unwrap();
        assert_eq!(Row::from_version_line(line), chosen);
        let release = version.at().unwrap();
        let old = dialect == Dialect::NonOs0_2x;
        assert_eq!(release.major == 0, old, "{dialect:?} {version}");
        assert!(old || version.sdk().is_some() || dialect == Dialect::EspAtMod);
    }
}

#[test]
fn ping_of_what_is_there_and_what_is_not() {
    for &dialect in Dialect::ALL {
        let (bench, mut wifi) = joined(dialect, None);
        let answer = wifi.wait(|wifi| wifi.ping("example.com"));
        match answer {
            Ok(trip) => assert!(
                (15..60).contains(&trip.milliseconds),
                "{dialect:?} {trip:?}"
            ),
            Err(error) => {
                let missing = PingError::Modem(ModemError::Unsupported("AT+PING"));
                assert_eq!(error, missing, "{dialect:?}");
                continue;
            }
        }
        let before = bench.now();
        let nobody = core::net::Ipv4Addr::new(10, 9, 9, 9);
        let answer = wifi.wait(|wifi| wifi.ping(nobody));
        assert_eq!(answer, Err(PingError::TimedOut), "{dialect:?}");
        assert!(bench.now() - before < 15_000_000);
        let answer = wifi.wait(|wifi| wifi.ping("no.such.host"));
        // Which of the two the firmware says of a name that is not there varies.
        let not_there = [Err(PingError::NotFound), Err(PingError::TimedOut)];
        assert!(not_there.contains(&answer), "{dialect:?} {answer:?}");
    }
}

#[test]
fn the_time_is_not_there_until_a_server_has_answered() {
    let lacking = Err(TimeError::Modem(ModemError::Unsupported("AT+CIPSNTPCFG")));
    for &dialect in Dialect::ALL {
        let (bench, mut wifi) = joined(dialect, Some(1_633_801_676));
        let servers = ["a.org", "b.org"];
        if wifi.wait(|wifi| wifi.set_time_servers(8, &servers)) == lacking {
            assert!(
                !wifi
                    .dialect()
                    .unwrap()
                    .has(atcmd_esp8285::Capability::NetworkTime)
            );
            continue;
        }
        let early = wifi.wait(|wifi| wifi.network_time());
        assert_eq!(early, Err(TimeError::NotYet), "{dialect:?}");
        let asked = bench.now();
        let time = loop {
            bench.advance(100_000);
            match wifi.wait(|wifi| wifi.network_time()) {
                Ok(time) => break time,
                Err(error) => assert_eq!(error, TimeError::NotYet, "{dialect:?}"),
            }
            assert!(bench.now() - asked < 10_000_000, "{dialect:?}");
        };
        let ahead = time.seconds() - 1_633_801_676;
        assert!(
            (8 * 3600..8 * 3600 + 60).contains(&ahead),
            "{dialect:?} {time:?}"
        );
    }
}

#[test]
fn memory_and_sleep_are_there_or_refused_before_sending() {
    for &dialect in Dialect::ALL {
        let (_, mut wifi) = joined(dialect, None);
        match wifi.wait(|wifi| wifi.free_memory()) {
            Ok(memory) => assert!(memory.free > 1000, "{dialect:?} {memory:?}"),
            Err(error) => assert_eq!(error, ModemError::Unsupported("AT+SYSRAM"), "{dialect:?}"),
        }
        for mode in [SleepMode::Light, SleepMode::Modem, SleepMode::Off] {
            match wifi.wait(|wifi| wifi.sleep_mode(mode)) {
                Ok(()) => {}
                Err(error) => {
                    assert_eq!(error, ModemError::Unsupported("AT+SLEEP"), "{dialect:?}");
                }
            }
        }
    }
}

#[test]
fn reset_restore_and_deep_sleep_end_with_a_modem_that_works() {
    for &dialect in Dialect::ALL {
        let (bench, mut wifi) = joined(dialect, None);
        wifi.wait(|wifi| wifi.reset()).unwrap();
        wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
        match wifi.wait(|wifi| wifi.restore(|_, _| Ok(()))) {
            Ok(()) => {}
            Err(error) => assert_eq!(error, ModemError::Unsupported("AT+RESTORE"), "{dialect:?}"),
        }
        wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
        match wifi.wait(|wifi| wifi.deep_sleep(5000)) {
            Ok(()) => {
                let until = bench.now() + 9_000_000;
                while bench.now() < until {
                    wifi.poll().unwrap();
                    bench.idle(Some(until));
                }
                assert!(wifi.dialect().is_some(), "{dialect:?}");
            }
            Err(error) => assert_eq!(error, ModemError::Unsupported("AT+GSLP"), "{dialect:?}"),
        }
        wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    }
}

#[test]
fn a_busy_modem_is_reset_at_once_where_the_firmware_allows_it() {
    for &dialect in Dialect::ALL {
        let (bench, mut wifi) = joined(dialect, None);
        // Nobody there: the modem is busy with this for many seconds.
        let mut socket = embedded_nal::TcpClientStack::socket(&mut wifi).unwrap();
        let nobody = "10.9.9.9:80".parse().unwrap();
        let _ = embedded_nal::TcpClientStack::connect(&mut wifi, &mut socket, nobody);
        bench.advance(50_000);
        let before = bench.now();
        wifi.wait(|wifi| wifi.reset()).unwrap();
        let took = bench.now() - before;
        let at_once = wifi.dialect().unwrap().reset_when_busy;
        assert!(
            took < if at_once { 4_000_000 } else { 60_000_000 },
            "{dialect:?} {took}"
        );
    }
}
