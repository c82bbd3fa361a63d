//! The trait on a radio of another kind.

use std::time::Duration;

use usocket_api::network::{ApConfig, IfConfig, Join, Security, WifiErrorKind};
use usocket_api::{MAIXPY, Nic, OPENMV, OSError};

use crate::number;
use crate::winc1500::{Request, leaving, m2m, with_radio};

#[test]
fn it_joins_leaves_and_tells_its_addresses() {
    with_radio(|net, clock, log| {
        let nic = Nic::new(net, OPENMV);
        assert!(!nic.isconnected().unwrap());
        nic.connect("office", "12345678").unwrap();
        assert_eq!(clock.get(), 100_000);
        assert!(nic.isconnected().unwrap());
        let found = nic.ifconfig().unwrap();
        assert_eq!(found.ip.to_string(), "10.0.0.9");
        assert_eq!(found.dns.to_string(), "10.0.0.2");
        assert_eq!(found.ssid.to_string(), "office");
        // It does not tell these.
        assert_eq!((found.mac, found.bssid), Default::default());
        nic.disconnect().unwrap();
        assert_eq!(nic.ifconfig().unwrap(), IfConfig::default());
        let connect = Request::Connect {
            ssid: b"office".to_vec(),
            auth: m2m::WPA_PSK,
            channel: m2m::ANY_CHANNEL,
        };
        assert_eq!(*log.borrow(), [connect, Request::Disconnect]);
    });
}

#[test]
fn it_can_be_told_security_and_channel() {
    with_radio(|net, _, log| {
        let nic = Nic::new(net, OPENMV);
        let join = Join::new("old", "12345678")
            .security(Security::WEP)
            .channel(11);
        nic.connect_with(&join).unwrap();
        let connect = Request::Connect {
            ssid: b"old".to_vec(),
            auth: m2m::WEP,
            channel: 11,
        };
        assert_eq!(*log.borrow(), [connect]);
        let wpa3 = Join::new("office", "12345678").security(Security::WPA3_PSK);
        assert_eq!(number(nic.connect_with(&wpa3)), (95, "EOPNOTSUPP"));
    });
}

#[test]
fn each_of_its_errors_has_a_number_of_its_own() {
    with_radio(|net, _, _| {
        let nic = Nic::new(net, OPENMV);
        let outcome = nic.connect("office", "87654321");
        assert_eq!(number(outcome), (13, "EACCES"));
        let outcome = nic.connect("nowhere", "12345678");
        assert_eq!(number(outcome), (101, "ENETUNREACH"));
        let outcome = nic.connect("caf\u{e9}", None);
        assert_eq!(number(outcome), (101, "ENETUNREACH"));
        let outcome = nic.connect("office", None);
        assert_eq!(number(outcome), (111, "ECONNREFUSED"));
        nic.enable_ap("camera", "12345678").unwrap();
        assert_eq!(number(nic.connect(b"caf\xe9", None)), (11, "EAGAIN"));
        let at_once = nic.with_connect_timeout(Some(Duration::ZERO));
        assert_eq!(number(at_once.connect(b"caf\xe9", None)), (11, "EAGAIN"));
        let nic = at_once.with_connect_timeout(None);
        let outcome = nic.ifconfig_with(("10.0.0.3", "255.0.0.0", "10.0.0.1", "0.0.0.0"));
        assert_eq!(number(outcome), (95, "EOPNOTSUPP"));
        assert_eq!(number(nic.ifconfig_dhcp()), (95, "EOPNOTSUPP"));
    });
}

#[test]
fn its_scan_comes_one_by_one() {
    with_radio(|net, clock, _| {
        let nic = Nic::new(net, OPENMV);
        let mut texts = vec![];
        let missed = nic.scan_each(|entry| texts.push(entry.to_string()));
        assert_eq!(missed, Ok(0));
        assert_eq!(
            texts,
            [
                r#"4,"office",-40,"02:00:00:00:00:00",1"#,
                r#"5,"",-70,"02:00:00:00:00:01",6"#,
                "0,\"caf\u{fffd}\",-81,\"02:00:00:00:00:02\",14",
                r#"1,"old",-90,"02:00:00:00:00:03",11"#,
            ]
        );
        assert_eq!(clock.get(), 500_000);
    });
}

#[test]
fn its_access_point_excludes_the_station() {
    with_radio(|net, _, log| {
        let nic = Nic::new(net, OPENMV);
        let config = ApConfig::new("camera", "12345678").channel(14).hidden(true);
        nic.enable_ap_config(&config).unwrap();
        let start = Request::StartAp {
            ssid: b"camera".to_vec(),
            auth: m2m::WPA_PSK,
            channel: 14,
            hidden: true,
        };
        assert_eq!(*log.borrow(), [start]);
        nic.disable_ap().unwrap();
        nic.connect("office", "12345678").unwrap();
        let outcome = nic.enable_ap("camera", "12345678");
        assert_eq!(number(outcome), (11, "EAGAIN"));
    });
}

#[test]
fn every_kind_of_error_has_a_number_in_both_numberings_and_a_sentence() {
    use WifiErrorKind as Wifi;
    for (kind, name, linux, newlib) in [
        (Wifi::InvalidSsid, "EINVAL", 22, 22),
        (Wifi::InvalidKey, "EINVAL", 22, 22),
        (Wifi::InvalidChannel, "EINVAL", 22, 22),
        (Wifi::InvalidInput, "EINVAL", 22, 22),
        (Wifi::WrongKey, "EACCES", 13, 13),
        (Wifi::NoSuchAccessPoint, "ENETUNREACH", 101, 114),
        (Wifi::NoAnswer, "ETIMEDOUT", 110, 116),
        (Wifi::JoinFailed, "ECONNREFUSED", 111, 111),
        (Wifi::NoRadio, "ENODEV", 19, 19),
        (Wifi::Restarted, "ECONNRESET", 104, 104),
        (Wifi::NotNow, "EAGAIN", 11, 11),
        (Wifi::Unsupported, "EOPNOTSUPP", 95, 95),
        (Wifi::Other, "EIO", 5, 5),
    ] {
        let errors = [leaving(OPENMV, kind), leaving(MAIXPY, kind)];
        assert_eq!(
            errors.map(|error| error.errno()),
            [linux, newlib],
            "{kind:?}"
        );
        for error in errors {
            assert_eq!(error.name(), name);
            assert!(error.message().len() > 20, "{error}");
        }
    }
}

#[test]
fn a_radio_that_never_comes_to_an_end_is_etimedout_after_30_seconds() {
    with_radio(|net, clock, _| {
        let nic = Nic::new(net, OPENMV);
        net.with_stack(|winc| winc.stuck = true).unwrap();
        let calls: [&dyn Fn() -> Result<(), OSError>; 5] = [
            &|| nic.connect("office", "12345678"),
            &|| nic.disconnect(),
            &|| nic.scan_each(|_| ()).map(drop),
            &|| nic.enable_ap("camera", "12345678"),
            &|| nic.disable_ap(),
        ];
        for call in calls {
            let began = clock.get();
            assert_eq!(number(call()), (110, "ETIMEDOUT"));
            assert_eq!(clock.get() - began, 30_000_000);
        }
        net.with_stack(|winc| winc.stuck = false).unwrap();
        let mut found = 0;
        nic.scan_each(|_| found += 1).unwrap();
        assert_eq!(found, 4);
    });
}
