//! Whatever a host sends, the modem survives it and answers the next command.

mod common;

use std::net::SocketAddrV4;

use common::{Host, at};
use esp8285_sim::{Dialect, Echo, MemoryNetwork, Modem, TlsServer};
use proptest::prelude::*;

fn dialect() -> impl Strategy<Value = Dialect> {
    prop::sample::select(Dialect::ALL)
}

/// Lines that look like commands, with every kind of parameter.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "",
        "E",
        "+GMR",
        "+RST",
        "+GSLP",
        "+UART_CUR",
        "+UART_DEF",
        "+SYSMSG",
        "+CWMODE",
        "+CWJAP",
        "+CWJAP_CUR",
        "+CWQAP",
        "+CWLAP",
        "+CWLAPOPT",
        "+CWDHCP",
        "+CIPSTA",
        "+CIPDNS",
        "+CIPDOMAIN",
        "+PING",
        "+CIPSNTPCFG",
        "+CIPMUX",
        "+CIPDINFO",
        "+CIPSTART",
        "+CIPSEND",
        "+CIPSENDEX",
        "+CIPCLOSE",
        "+CIPCLOSEMODE",
        "+CIPSTATUS",
        "+CIPRECVMODE",
        "+CIPRECVDATA",
        "+CIPRECVLEN",
        "+CIPSSLSIZE",
        "+CIPSSLCCONF",
        "+CIPSSLCSNI",
        "+CIPSSLCALPN",
        "+CIPSSLCPSK",
        "+CIPMODE",
        "+CIPSERVER",
        "+CIPSERVERMAXCONN",
        "+CIPSTO",
        "+CIPSENDBUF",
        "+CIPBUFSTATUS",
        "+CIPCHECKSEQ",
        "+CIPBUFRESET",
        "+CIPTCPOPT",
        "+CIPSTATE",
        "+SAVETRANSLINK",
        "+CIFSR",
        "+RESTORE",
        "+CWRECONNCFG",
        "+SLEEP",
        "+IPR",
        "+CWSAP",
        "+CWLIF",
        "+CWDHCPS",
        "+CWDHCPS_CUR",
        "+CIPAP",
        "+CIPAPMAC",
        "+CIPSTAMAC",
        "+CWCOUNTRY",
        "+CWCOUNTRY_CUR",
        "+CWSTATE",
        "+CIPSNTPTIME",
        "+SYSTIMESTAMP",
        "+MDNS",
        "+CMD",
        "+SYSIOSETCFG",
        "+SYSIOGETCFG",
        "+SYSGPIODIR",
        "+SYSGPIOWRITE",
        "+SYSGPIOREAD",
    ]);
    let argument = prop_oneof![
        (-3i64..6).prop_map(|n| n.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        prop::sample::select(vec![
            "\"TCP\"",
            "\"UDP\"",
            "\"SSL\"",
            "1",
            "443",
            "\"192.168.1.3\"",
            "80",
            "\"workshop\"",
            "\"correct horse\"",
            "\"",
            "",
            "115200",
            "8"
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,20}",
    ];
    let arguments = prop::collection::vec(argument, 0..6).prop_map(|list| list.join(","));
    let form = prop_oneof![
        Just(String::new()),
        Just("?".to_owned()),
        Just("=?".to_owned()),
        arguments.prop_map(|list| format!("={list}")),
    ];
    let end = prop::sample::select(vec!["\r\n", "\r\n", "\r\n", "\n", ""]);
    (name, form, end).prop_map(|(name, form, end)| format!("AT{name}{form}{end}").into_bytes())
}

fn chunk() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => command(),
        1 => prop::collection::vec(any::<u8>(), 0..400),
        1 => Just(b"+++".to_vec()),
        1 => Just(b"\r\n".to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_breaks_the_modem(
        dialect in dialect(),
        joined: bool,
        chunks in prop::collection::vec((chunk(), 0u64..3_000_000), 1..30),
    ) {
        let net = MemoryNetwork::new().host("example.com", common::SERVER);
        net.listen(at(80), || Box::new(Echo));
        net.listen_tls(at(443), TlsServer::new("example.com"), || Box::new(Echo));
        net.listen_udp(at(80), Echo);
        let mut modem = Modem::new(dialect, common::air(), net.clone());
        let mut now = 0;
        if joined {
            for line in ["AT+CWMODE=1\r\n", "AT+CWJAP=\"workshop\",\"correct horse\"\r\n"] {
                modem.input(now, line.as_bytes());
                now += 5_000_000;
                modem.poll(now);
            }
        }
        for (chunk, pause) in chunks {
            let client = SocketAddrV4::new(common::SERVER, 1_024 + (pause % 60_000) as u16);
            net.connect_to_modem(now, client, 80, Echo);
            net.datagram(now, client, 80, &chunk);
            modem.input(now, &chunk);
            now += pause;
            modem.poll(now);
            modem.take_output();
        }
        // Out of whatever it is in: sends, joins, sleep.
        modem.reset();
        now += 60_000_000;
        modem.poll(now);
        modem.take_output();
        modem.input(now, b"AT\r\n");
        modem.poll(now + 1_000);
        let output = modem.take_output();
        prop_assert!(output.ends_with(b"\r\n\r\nOK\r\n"), "{:?}", common::text(&output));
    }

    #[test]
    fn how_often_it_is_polled_makes_no_difference(
        dialect in dialect(),
        chunks in prop::collection::vec((chunk(), 1u64..2_000_000), 1..15),
        step in 500u64..50_000,
    ) {
        let run = |step: Option<u64>| {
            let net = MemoryNetwork::new();
            net.listen(at(80), || Box::new(Echo));
            let mut modem = Modem::new(dialect, common::air(), net);
            let (mut now, mut all) = (0, Vec::new());
            for (chunk, pause) in &chunks {
                modem.input(now, chunk);
                let end = now + pause;
                while let Some(step) = step.filter(|step| now + step < end) {
                    now += step;
                    modem.poll(now);
                }
                now = end;
                modem.poll(now);
                all.extend(modem.take_output());
            }
            all
        };
        prop_assert_eq!(run(None), run(Some(step)));
    }

    #[test]
    fn echoed_payload_comes_back(
        dialect in dialect(),
        passive: bool,
        payload in prop::collection::vec(any::<u8>(), 1..1_460),
    ) {
        prop_assume!(payload != b"+++");
        let mut host = Host::joined(dialect);
        host.net.listen(at(80), || Box::new(Echo));
        host.ask(if passive { "AT+CIPRECVMODE=1" } else { "AT" });
        host.ask("AT+CIPSTART=\"TCP\",\"example.com\",80");
        host.ask(&format!("AT+CIPSEND={}", payload.len()));
        host.send(&payload);
        let mut all = host.bytes_for(1_000_000);
        if passive {
            host.send(b"AT+CIPRECVDATA=2048\r\n");
            all.extend(host.bytes_for(1_000_000));
        }
        prop_assert!(all.windows(payload.len()).any(|window| window == payload));
    }

    #[test]
    fn commands_about_links_break_nothing(
        dialect in dialect(),
        multiple: bool,
        steps in prop::collection::vec((0usize..LINK_COMMANDS.len(), 0u64..300_000), 1..60),
    ) {
        let net = MemoryNetwork::new().host("example.com", common::SERVER);
        net.listen(at(80), || Box::new(Echo));
        net.listen_tls(at(443), TlsServer::new("example.com"), || Box::new(Echo));
        net.listen_udp(at(80), Echo);
        let mut modem = Modem::new(dialect, common::air(), net.clone());
        let mut now = 0;
        let mut type_in = |modem: &mut Modem, text: &str, pause| {
            modem.input(now, text.as_bytes());
            now += pause;
            modem.poll(now);
            now
        };
        type_in(&mut modem, "AT+CWMODE=1\r\n", 100_000);
        type_in(&mut modem, "AT+CWJAP=\"workshop\",\"correct horse\"\r\n", 6_000_000);
        type_in(&mut modem, if multiple { "AT+CIPMUX=1\r\n" } else { "AT\r\n" }, 100_000);
        let id = if multiple { "1," } else { "" };
        let mut now = 0;
        for (which, pause) in steps {
            let line = LINK_COMMANDS[which].replace('#', id);
            now = type_in(&mut modem, &line, pause);
            net.connect_to_modem(now, SocketAddrV4::new(common::SERVER, which as u16), 80, Echo);
            net.datagram(now, at(80), 6_000, line.as_bytes());
            // Polling ends: nothing is due that has been done.
            prop_assert!(modem.next_wakeup().is_none_or(|at| at >= now));
        }
        modem.reset();
        modem.poll(now + 60_000_000);
        modem.take_output();
        modem.input(now + 60_000_000, b"AT\r\n");
        modem.poll(now + 60_001_000);
        let output = common::text(&modem.take_output());
        prop_assert!(output.ends_with("\r\nOK\r\n"), "{output:?}");
    }
}

/// Things a host may say about links, `#` for the link.
const LINK_COMMANDS: &[&str] = &[
    "AT+CIPSTART=#\"TCP\",\"example.com\",80\r\n",
    "AT+CIPSTART=#\"SSL\",\"example.com\",443\r\n",
    "AT+CIPSTART=#\"UDP\",\"example.com\",80,6000,2\r\n",
    "AT+CIPSTART=#\"TCP\",\"example.com\",81\r\n",
    "AT+CIPSERVER=1,80\r\n",
    "AT+CIPSERVER=0\r\n",
    "AT+CIPSTO=1\r\n",
    "AT+CIPRECVMODE=1\r\n",
    "AT+CIPRECVMODE=0\r\n",
    "AT+CIPRECVDATA=#10\r\n",
    "AT+CIPMODE=1\r\n",
    "AT+CIPMODE=0\r\n",
    "AT+CIPSEND\r\n",
    "AT+CIPSEND=#5\r\n",
    "AT+CIPSEND=#5,\"example.com\",80\r\n",
    "AT+CIPSENDBUF=#5\r\n",
    "AT+CIPSENDEX=#9\r\n",
    "AT+CIPTCPOPT=#0\r\n",
    "AT+CIPCLOSE=1\r\n",
    "AT+CIPCLOSE=5\r\n",
    "AT+CIPCLOSE\r\n",
    "AT+CWQAP\r\n",
    "hello",
    "+++",
];
