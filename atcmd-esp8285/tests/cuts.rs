//! The same bytes from the modem mean the same to the sockets, however the
//! UART cuts them.

mod common;

use atcmd_esp8285::{Config, Event, ReceiveMode, SocketError};
use common::START_NONOS;
use embedded_nal::TcpClientStack;
use proptest::prelude::*;

/// What became of one connection: its bytes, and how it stands.
type Outcome = (Vec<u8>, Result<Option<usize>, SocketError>);

/// Five connections in active mode; the modem says `bytes` in pieces of the
/// given sizes, with a poll after each.
fn outcome(bytes: &[u8], mut cut: impl FnMut() -> usize) -> (Vec<Outcome>, Vec<Event>) {
    let mut script = START_NONOS.to_vec();
    *script.last_mut().unwrap() = ("AT+CIPRECVMODE=0\r\n", "\r\nOK\r\n");
    let config = Config::new().receive(ReceiveMode::Active);
    let (modem, mut wifi) = common::wifi(&script, config);
    modem.drive(|| wifi.start()).unwrap();
    let mut sockets = vec![];
    for id in 0..5 {
        let line = format!("AT+CIPSTART={id},\"TCP\",\"10.0.0.1\",80\r\n");
        modem.expect(&[(&line, &format!("{id},CONNECT\r\n\r\nOK\r\n"))]);
        let mut socket = wifi.socket().unwrap();
        let remote = "10.0.0.1:80".parse().unwrap();
        modem.drive(|| wifi.connect(&mut socket, remote)).unwrap();
        sockets.push(socket);
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        let n = cut().clamp(1, rest.len());
        modem.say(&rest[..n]);
        rest = &rest[n..];
        wifi.poll().unwrap();
    }
    let mut events = vec![];
    while let Some(event) = wifi.next_event() {
        events.push(event);
    }
    let outcomes = sockets
        .iter_mut()
        .map(|socket| {
            let mut data = vec![];
            let mut buf = [0; 999];
            let end = loop {
                match wifi.receive(socket, &mut buf) {
                    Ok(0) => break Ok(Some(0)),
                    Ok(n) => data.extend_from_slice(&buf[..n]),
                    Err(nb::Error::WouldBlock) => break Ok(None),
                    Err(nb::Error::Other(error)) => break Err(error),
                }
            };
            (data, end)
        })
        .collect();
    (outcomes, events)
}

fn said() -> impl Strategy<Value = Vec<u8>> {
    let trap = b"\r\nOK\r\n+IPD,0,5:> SEND OK\r\nERROR\r\n0,CLOSED\r\nready\r\n";
    let frame = (0u8..5, 1usize..400).prop_map(move |(link, n)| {
        let mut text = format!("\r\n+IPD,{link},{n}:").into_bytes();
        text.extend(trap.iter().cycle().skip(n % 7).take(n));
        text
    });
    let line = prop::sample::select(vec![
        "0,CLOSED\r\n",
        "1,CLOSED\r\n",
        "2,CLOSED\r\n",
        "\r\n",
        "WIFI GOT IP\r\n",
        "WIFI CONNECTED\r\n",
        "some log line\r\n",
        "busy p...\r\n",
        "\r\nERROR\r\n",
        "> ",
        "+IPD,9,9:\r\n",
    ]);
    prop_oneof![
        4 => frame,
        4 => line.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 300..700),
        1 => Just(b"\r\nWIFI DISCONNECT\r\n".to_vec()),
    ]
}

proptest! {
    #[test]
    fn sockets_and_events_do_not_depend_on_the_cut(
        said in prop::collection::vec(said(), 0..12),
        cuts in prop::collection::vec(1usize..200, 1..20),
        restart in any::<bool>(),
    ) {
        let mut bytes = said.concat();
        if restart {
            bytes.extend(b"\r\n\r\nready\r\n");
        }
        let expected = outcome(&bytes, || 1);
        let mut i = 0;
        let found = outcome(&bytes, || { i += 1; cuts[i % cuts.len()] });
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(&outcome(&bytes, || usize::MAX), &expected);
    }
}
