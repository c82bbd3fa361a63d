//! Faults by chance: what each one does, to the byte, and that a seed repeats them.

mod common;

use common::{Host, at, text};
use esp8285_sim::{
    Air, Dialect, Direction, Fault, Faults, MemoryNetwork, Modem, PeerIo, Serve, Silent,
};

fn faults(spec: &str) -> Faults {
    spec.parse().unwrap()
}

fn set(host: &Host, spec: &str) {
    host.bench
        .with_modem(|modem| modem.set_faults(faults(spec)));
}

/// Joined, with link 0 to a server that says nothing by itself.
fn linked(dialect: Dialect) -> Host {
    let mut host = Host::joined(dialect);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    assert_eq!(
        host.ask("AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80"),
        "0,CONNECT\r\n\r\nOK\r\n"
    );
    host
}

fn says(host: &Host, act: impl FnOnce(&mut PeerIo) + Send + 'static) {
    let now = host.bench.now();
    host.net.act(now, at(80), act);
}

#[test]
fn a_busy_command_is_not_executed() {
    let mut host = Host::new(Dialect::NonOs1_7);
    set(&host, "busy=1");
    assert_eq!(host.ask("AT+CIPMUX=1"), "AT+CIPMUX=1\r\n\r\nbusy p...\r\n");
    set(&host, "");
    assert_eq!(
        host.ask("AT+CIPMUX?"),
        "AT+CIPMUX?\r\n+CIPMUX:0\r\n\r\nOK\r\n"
    );
}

#[test]
fn a_busy_esp_at_still_restarts_on_demand() {
    let mut host = Host::new(Dialect::EspAt2_2);
    set(&host, "busy=1");
    assert_eq!(host.ask("ATE0"), "ATE0\r\n\r\nbusy p...\r\n");
    assert_eq!(host.ask("AT+RST"), "AT+RST\r\n\r\nOK\r\n");
}

#[test]
fn two_results_for_one_send() {
    let mut host = linked(Dialect::NonOs1_7);
    set(&host, "doubled-send=1");
    host.ask("AT+CIPSEND=0,10");
    host.send(b"0123456789");
    assert_eq!(
        host.read_for(100_000),
        "\r\nRecv 10 bytes\r\nSEND FAIL\r\n\r\nSEND OK\r\n"
    );
    assert_eq!(host.ask("AT"), "\r\nOK\r\n");
}

#[test]
fn a_late_result_keeps_the_modem_busy() {
    let mut host = linked(Dialect::NonOs1_7);
    set(&host, "late-send=1:700ms");
    host.ask("AT+CIPSEND=0,3");
    host.send(b"abc");
    assert_eq!(host.read_for(300_000), "\r\nRecv 3 bytes\r\n");
    assert_eq!(host.ask("AT"), "\r\nbusy s...\r\n");
    assert_eq!(host.read_for(400_000), "\r\nSEND OK\r\n");
}

#[test]
fn a_link_that_ends_before_its_late_result_fails_the_send() {
    let mut host = linked(Dialect::NonOs1_7);
    set(&host, "late-send=1:700ms");
    host.ask("AT+CIPSEND=0,3");
    host.send(b"abc");
    host.read_for(300_000);
    says(&host, PeerIo::close);
    assert_eq!(host.read_for(2_000_000), "0,CLOSED\r\nSEND FAIL\r\n");
}

#[test]
fn a_watchdog_reset_comes_by_itself_again_and_again() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.ask("AT+CIPMUX=1");
    set(&host, "reset=1/10s");
    let said = host.read_for(60_000_000);
    let boots = said
        .matches("\r\nready\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n")
        .count();
    assert!((4..=8).contains(&boots), "{boots}");
    set(&host, "");
    host.ask("ATE0");
    assert_eq!(host.ask("AT+CIPMUX?"), "+CIPMUX:0\r\n\r\nOK\r\n");
}

#[test]
fn a_supply_dip_as_the_payload_goes_out() {
    let mut host = linked(Dialect::NonOs1_7);
    set(&host, "brownout=1");
    host.ask("AT+CIPSEND=0,3");
    host.send(b"abc");
    let said = host.bytes_for(2_000_000);
    assert!(!text(&said).contains("SEND"), "{:?}", text(&said));
    // Joining again is one more chance.
    let ready = said.windows(9).filter(|w| w == b"\r\nready\r\n");
    assert_eq!(ready.count(), 2, "{:?}", text(&said));
    host.bench.set_host_baud(74_880);
    let said = host.read_for(2_000_000);
    assert!(
        said.contains(" ets Jan  8 2013,rst cause:1, boot mode:(3,7)\r\n"),
        "{said:?}"
    );
}

#[test]
fn an_announcement_is_forgotten_and_the_data_is_there() {
    for dialect in [Dialect::NonOs1_7, Dialect::EspAt2_2] {
        let mut host = linked(dialect);
        host.ask("AT+CIPRECVMODE=1");
        set(&host, "missing-ipd=1");
        says(&host, |io: &mut PeerIo| io.send(b"hello"));
        assert_eq!(host.read_for(100_000), "");
        let answer = host.ask("AT+CIPRECVLEN?");
        assert!(answer.starts_with("+CIPRECVLEN:5,"), "{answer}");
        set(&host, "");
        let answer = host.ask("AT+CIPRECVDATA=0,5");
        assert!(answer.ends_with("hello\r\nOK\r\n"), "{answer}");
    }
}

#[test]
fn a_close_by_the_peer_is_forgotten_and_one_by_the_host_is_not() {
    let mut host = linked(Dialect::NonOs1_7);
    set(&host, "lost-closed=1");
    says(&host, PeerIo::close);
    assert_eq!(host.read_for(100_000), "");
    assert_eq!(host.ask("AT+CIPCLOSE=0"), "UNLINK\r\n\r\nERROR\r\n");
    let mut host = linked(Dialect::NonOs1_7);
    set(&host, "lost-closed=1");
    assert_eq!(host.ask("AT+CIPCLOSE=0"), "0,CLOSED\r\n\r\nOK\r\n");
}

#[test]
fn the_peer_ends_the_link_behind_its_data() {
    let mut host = linked(Dialect::NonOs1_7);
    set(&host, "half-close=1");
    says(&host, |io: &mut PeerIo| io.send(b"hello"));
    assert_eq!(host.read_for(100_000), "\r\n+IPD,0,5:hello0,CLOSED\r\n");
    // Kept data stays readable behind CLOSED.
    let mut host = linked(Dialect::NonOs1_7);
    host.ask("AT+CIPRECVMODE=1");
    set(&host, "half-close=1");
    says(&host, |io: &mut PeerIo| io.send(b"hello"));
    assert_eq!(host.read_for(100_000), "\r\n+IPD,0,5\r\n0,CLOSED\r\n");
    assert_eq!(
        host.ask("AT+CIPRECVDATA=0,9"),
        "\r\n+CIPRECVDATA,5:hello\r\nOK\r\n"
    );
    assert_eq!(host.ask("AT+CIPRECVDATA=0,9"), "\r\nERROR\r\n");
}

#[test]
fn unread_data_of_an_ended_link_is_refused_and_lost() {
    let mut host = linked(Dialect::EspAt2_2);
    host.ask("AT+CIPRECVMODE=1");
    set(&host, "half-close=1,unread-close=1");
    says(&host, |io: &mut PeerIo| io.send(&[b'x'; 31]));
    assert_eq!(host.read_for(100_000), "\r\n+IPD,0,31\r\n");
    assert_eq!(host.ask("AT+CIPRECVDATA=0,31"), "\r\nERROR\r\n0,CLOSED\r\n");
    assert_eq!(
        host.ask("AT+CIPRECVLEN?"),
        "+CIPRECVLEN:-1,-1,-1,-1,-1\r\n\r\nOK\r\n"
    );
}

#[test]
fn log_lines_share_the_port() {
    let mut host = linked(Dialect::EspAt2_2);
    host.ask("AT+CIPRECVMODE=1");
    set(&host, "log-lines=1");
    says(&host, |io: &mut PeerIo| io.send(b"hello"));
    host.read_for(100_000);
    assert_eq!(
        host.ask("AT+CIPRECVDATA=0,9"),
        "to read 5 bytes\r\n+CIPRECVDATA:5,hello\r\nOK\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPSEND=3,9"),
        "link is not valid\r\n\r\nERROR\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPDOMAIN=\"nowhere.example\""),
        "unknown host: nowhere.example\r\n\r\nERROR\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPSTART=4,\"UDP\",\"192.168.1.3\",7,2390,1"),
        "local port:2390\r\n\r\nchange type:1\r\n\r\n4,CONNECT\r\n\r\nOK\r\n"
    );
}

#[test]
fn a_client_of_the_server_comes_and_goes_as_a_message() {
    let mut host = linked(Dialect::EspAt2_2);
    host.ask("AT+CIPSERVER=1,80");
    let mut said = Vec::new();
    for seed in 0..8 {
        set(&host, &format!("urc-before-reply=1,seed={seed}"));
        said.push(host.ask("AT"));
    }
    assert!(
        said.contains(&"1,CONNECT\r\n1,CLOSED\r\n\r\nOK\r\n".to_owned()),
        "{said:?}"
    );
    assert!(
        said.contains(&"WIFI GOT IP\r\n\r\nOK\r\n".to_owned()),
        "{said:?}"
    );
}

#[test]
fn the_access_point_goes_and_comes_back() {
    let mut host = linked(Dialect::NonOs1_7);
    set(&host, "wifi-drop=1/20s:3s");
    let mut lost = 0;
    while lost == 0 {
        lost = host.bench.now();
        let said = host.read_for(1_000_000);
        match &*said {
            "" => lost = 0,
            _ => assert_eq!(said, "0,CLOSED\r\nWIFI DISCONNECT\r\n"),
        }
    }
    assert_eq!(host.read_for(2_000_000), "");
    assert_eq!(
        host.read_for(2_000_000),
        "WIFI CONNECTED\r\nWIFI GOT IP\r\n"
    );
}

#[test]
fn whole_lines_are_lost() {
    let mut host = linked(Dialect::NonOs1_7);
    set(&host, "lost-line=1");
    assert_eq!(host.ask("AT+CIPMUX?"), "");
    assert_eq!(host.ask("AT+CIPSEND=0,3"), "> ");
    host.send(b"abc");
    assert_eq!(host.read_for(100_000), "\r\nRecv 3 bytes\r\n");
    says(&host, |io: &mut PeerIo| io.send(b"hello"));
    says(&host, PeerIo::close);
    assert_eq!(host.read_for(100_000), "\r\n+IPD,0,5:hello");
}

#[test]
fn messages_come_at_every_allowed_point() {
    let mut host = linked(Dialect::NonOs1_7);
    host.ask("ATE1");
    let message = "WIFI GOT IP\r\n";
    set(&host, "urc-before-reply=1");
    assert_eq!(host.ask("AT"), format!("AT\r\n{message}\r\nOK\r\n"));
    set(&host, "urc-before-prompt=1");
    assert_eq!(
        host.ask("AT+CIPSEND=0,3"),
        format!("AT+CIPSEND=0,3\r\n\r\nOK\r\n{message}> ")
    );
    set(&host, "urc-before-result=1");
    host.send(b"abc");
    assert_eq!(
        host.read_for(100_000),
        format!("\r\nRecv 3 bytes\r\n{message}\r\nSEND OK\r\n")
    );
    set(&host, "urc-after-prompt=1");
    assert_eq!(
        host.ask("AT+CIPSEND=0,3"),
        format!("AT+CIPSEND=0,3\r\n\r\nOK\r\n> {message}")
    );
    host.send(b"abc");
    host.read_for(100_000);
    set(&host, "urc-in-echo=1,seed=3");
    let said = host.ask("AT+CIPMUX?");
    let at = said.find(message).unwrap();
    assert!((1.."AT+CIPMUX?\r\n".len()).contains(&at), "{said:?}");
    assert_eq!(
        said.replace(message, ""),
        "AT+CIPMUX?\r\n+CIPMUX:1\r\n\r\nOK\r\n"
    );
}

#[test]
fn messages_leave_counted_bytes_alone() {
    let mut host = linked(Dialect::NonOs1_7);
    set(&host, "urc=1,seed=5");
    says(&host, |io: &mut PeerIo| io.send(&[b'd'; 1_000]));
    assert_eq!(
        host.read_for(1_000_000),
        format!("\r\n+IPD,0,1000:{}", "d".repeat(1_000))
    );
}

#[test]
fn a_modem_without_a_line_has_its_own_faults_only() {
    let talk = |spec: &str| {
        let network = MemoryNetwork::new();
        let mut modem =
            Modem::new(Dialect::NonOs1_7, Air::new(), network).with_faults(faults(spec));
        modem.input(0, b"AT\r\n");
        modem.poll(1_000);
        modem.take_output()
    };
    assert_eq!(talk("drop=1,corrupt=1"), b"AT\r\n\r\nOK\r\n");
    assert_eq!(talk("drop=1,busy=1"), b"AT\r\n\r\nbusy p...\r\n");
}

#[test]
fn faults_of_the_line_strike_each_way_separately() {
    let mut host = Host::new(Dialect::NonOs1_7);
    set(&host, "drop-from-modem=1");
    assert_eq!(host.ask("AT+CIPMUX=1"), "");
    set(&host, "drop-to-modem=1");
    assert_eq!(host.ask("AT+CIPMUX=0"), "");
    set(&host, "");
    assert_eq!(
        host.ask("AT+CIPMUX?"),
        "AT+CIPMUX?\r\n+CIPMUX:1\r\n\r\nOK\r\n"
    );
    set(&host, "noise=1/1s");
    let noise = host.bytes_for(20_000_000).len();
    assert!((20..160).contains(&noise), "{noise}");
}

/// A busy session under many faults: its record.
fn session(dialect: Dialect, spec: &str) -> Vec<(u64, Direction, Vec<u8>)> {
    let mut host = Host::new(dialect);
    host.bench.record(true);
    host.join();
    host.net
        .listen(at(80), || Box::new(Serve::new(vec![b'z'; 5_000])));
    set(&host, spec);
    for _ in 0..5 {
        host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
        host.ask("AT+CIPSEND=3");
        host.send(b"GET");
        host.bytes_for(3_000_000);
    }
    host.bench.take_record()
}

#[test]
fn a_seed_repeats_everything() {
    let spec = "drop=0.001,corrupt=0.001,delay=0.01:2ms,noise=1/1s,urc=0.1,busy=0.1,doubled-send=0.5,\
                late-send=0.2,reset=1/8s,brownout=0.1,half-close=0.05,wifi-drop=1/10s:1s,lost-line=0.05";
    for &dialect in Dialect::ALL {
        let seeded = |seed: u64| session(dialect, &format!("{spec},seed={seed}"));
        let first = seeded(1);
        assert_eq!(first, seeded(1), "{dialect}");
        assert_ne!(first, seeded(2), "{dialect}");
    }
}

#[test]
fn every_fault_can_strike_alone_without_harm() {
    for &fault in Fault::ALL {
        let spec = [format!("{fault}=0.3"), format!("{fault}=1/2s")];
        let spec = spec.iter().find(|spec| spec.parse::<Faults>().is_ok());
        for &dialect in common::MAIN {
            session(dialect, spec.unwrap());
        }
    }
}

/// Whatever happens, a frame has as many bytes of payload as it says, unless a reset cuts it.
#[test]
fn the_modem_s_own_faults_never_damage_a_frame() {
    let spec = "urc=0.3,busy=0.1,doubled-send=0.5,late-send=0.3:50ms,lost-closed=0.2,half-close=0.05,\
                log-lines=0.5,wifi-drop=1/10s:1s,lost-line=0.2";
    for &dialect in Dialect::ALL {
        let mut arrived = 0;
        for seed in 0..10 {
            let record = session(dialect, &format!("{spec},seed={seed}"));
            let said = record
                .iter()
                .filter(|(_, way, _)| *way == Direction::FromModem);
            let said: Vec<u8> = said.flat_map(|(.., bytes)| bytes.clone()).collect();
            arrived += frames(&said);
        }
        assert!(arrived > 0, "{dialect}");
    }
}

/// How many `+IPD` frames there are, each with nothing but `z`s in it.
fn frames(said: &[u8]) -> usize {
    let mut rest = said;
    let mut count = 0;
    while let Some(at) = rest.windows(5).position(|window| window == b"+IPD,") {
        rest = &rest[at + 5..];
        let colon = rest.iter().position(|&byte| byte == b':').unwrap();
        let length: usize = text(&rest[..colon]).parse().unwrap();
        let payload = &rest[colon + 1..][..length];
        assert!(
            payload.iter().all(|&byte| byte == b'z'),
            "{:?}",
            text(payload)
        );
        rest = &rest[colon + 1 + length..];
        assert_ne!(rest.first(), Some(&b'z'));
        count += 1;
    }
    count
}

#[test]
fn rates_are_roughly_kept() {
    let mut host = Host::new(Dialect::NonOs1_7);
    host.ask("ATE0");
    set(&host, "busy=0.25,seed=1");
    let busy = (0..400)
        .filter(|_| host.ask("AT") == "\r\nbusy p...\r\n")
        .count();
    assert!((75..=125).contains(&busy), "{busy}");
}

#[test]
fn the_readme_lists_every_fault() {
    let readme = include_str!("../README.md");
    for fault in Fault::ALL {
        assert!(readme.contains(&format!("`{fault}`")), "{fault}");
        assert!(!fault.about().is_empty());
    }
}
