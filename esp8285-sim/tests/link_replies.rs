//! What is said about links, in answer and unasked, byte for byte, in both dialects.

mod common;

use common::{Host, MAIN, at, check};
use esp8285_sim::{Dialect, Silent};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

#[test]
fn links_in_status() {
    for (&dialect, closed) in MAIN.iter().zip(["ALREADY CONNECTED\r\n", ""]) {
        let mut host = Host::joined(dialect);
        host.net.listen(at(80), || Box::new(Silent));
        check(
            &mut host,
            &[
                (
                    "AT+CIPSTART=\"TCP\",\"192.168.1.3\",80,60",
                    "CONNECT\r\n\r\nOK\r\n",
                ),
                (
                    "AT+CIPSTART=\"TCP\",\"192.168.1.3\",80",
                    &format!("{closed}\r\nERROR\r\n"),
                ),
                (
                    "AT+CIPSTATUS",
                    "STATUS:3\r\n+CIPSTATUS:0,\"TCP\",\"192.168.1.3\",80,49152,0\r\n\r\nOK\r\n",
                ),
                ("AT+CIPCLOSE", "CLOSED\r\n\r\nOK\r\n"),
                ("AT+CIPSTATUS", "STATUS:4\r\n\r\nOK\r\n"),
                ("AT+CIPMUX=1", OK),
                (
                    "AT+CIPSTART=1,\"TCP\",\"192.168.1.3\",80",
                    "1,CONNECT\r\n\r\nOK\r\n",
                ),
                (
                    "AT+CIPSTART=4,\"TCP\",\"192.168.1.3\",80",
                    "4,CONNECT\r\n\r\nOK\r\n",
                ),
            ],
        );
        let built = if dialect == Dialect::NonOs1_7 {
            "link is builded\r\n\r\nERROR\r\n"
        } else {
            ERROR
        };
        check(
            &mut host,
            &[
                ("AT+CIPMUX=1", built),
                (
                    "AT+CIPSTATUS",
                    "STATUS:3\r\n+CIPSTATUS:1,\"TCP\",\"192.168.1.3\",80,49153,0\r\n\
                 +CIPSTATUS:4,\"TCP\",\"192.168.1.3\",80,49154,0\r\n\r\nOK\r\n",
                ),
                ("AT+CIPCLOSE=4", "4,CLOSED\r\n\r\nOK\r\n"),
                ("AT+CIPCLOSE=5", "1,CLOSED\r\n\r\nOK\r\n"),
            ],
        );
        assert_eq!(host.net.connections(), 0);
    }
}

#[test]
fn link_messages() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.net.listen(at(80), || Box::new(Silent));
    let message = "+LINK_CONN:0,0,\"TCP\",0,\"192.168.1.3\",80,49152\r\n";
    check(
        &mut host,
        &[
            ("AT+SYSMSG_CUR=2", OK),
            (
                "AT+CIPSTART=\"TCP\",\"192.168.1.3\",80",
                &format!("\r\nOK\r\n{message}"),
            ),
        ],
    );
    let mut host = Host::joined(Dialect::EspAt2_2);
    host.net.listen(at(80), || Box::new(Silent));
    check(
        &mut host,
        &[
            ("AT+SYSMSG=2", OK),
            (
                "AT+CIPSTART=\"TCP\",\"192.168.1.3\",80",
                &format!("{message}\r\nOK\r\n"),
            ),
        ],
    );
}

#[test]
fn unanswered_connects_time_out() {
    for (&dialect, (limit, reply)) in MAIN.iter().zip([
        (15_000_000, "\r\nERROR\r\nCLOSED\r\n"),
        (18_000_000, "\r\nERROR\r\n"),
    ]) {
        let mut host = Host::joined(dialect);
        host.net.blackhole(at(81));
        host.send(b"AT+CIPSTART=\"TCP\",\"192.168.1.3\",81\r\n");
        assert_eq!(host.read_for(limit - 1_000), "");
        assert_eq!(host.read_for(10_000), reply);
        assert_eq!(host.ask("AT"), OK);
    }
}
