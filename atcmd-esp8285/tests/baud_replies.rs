//! Switching the baud rate on a paper modem: replies that a simulated one does
//! not give at will.

mod common;

use atcmd_esp8285::system::{BaudError, FlowControl, SerialMode};
use atcmd_esp8285::{ModemError, SocketError};

#[test]
fn in_active_mode_a_frame_cut_by_the_change_is_a_reported_loss() {
    // The modem pushes the very moment after its OK; on paper, because that
    // moment is hard to hit.
    let (modem, mut wifi, mut socket) = common::connected_active();
    modem.expect(&[
        (
            "AT+UART_CUR=9600,8,1,0,0\r\n",
            "\r\nOK\r\n\r\n+IPD,0,10:abcd",
        ),
        ("AT\r\n", "\x7f\x7f\r\n\r\nOK\r\n"),
    ]);
    let switched = modem.drive(|| wifi.switch_baud(9600, |_, _| Ok(())));
    assert_eq!(switched, Ok(()));
    let first = common::receive(&modem, &mut wifi, &mut socket);
    assert_eq!(first, Ok(b"abcd".to_vec()));
    let lost = common::receive(&modem, &mut wifi, &mut socket);
    assert_eq!(lost, Err(SocketError::DataLost(6)));
}

#[test]
fn flow_control_in_exact_bytes() {
    for (flow, number) in [
        (FlowControl::None, 0),
        (FlowControl::Rts, 1),
        (FlowControl::Cts, 2),
        (FlowControl::Both, 3),
    ] {
        let (modem, mut wifi) = common::started(common::START_NONOS);
        let line = format!("AT+UART_CUR=115200,8,1,0,{number}\r\n");
        modem.expect(&[(&line, "\r\nOK\r\n"), ("AT\r\n", "\r\nOK\r\n")]);
        let mode = SerialMode::from(115_200).with_flow(flow);
        let switched = modem.drive(|| wifi.switch_baud(mode, |_, _| Ok(())));
        assert_eq!(switched, Ok(()));
        assert_eq!(wifi.serial_mode(), mode);
    }
}

#[test]
fn a_busy_answer_proves_the_line_as_well_as_any() {
    let (modem, mut wifi) = common::started(common::START_NONOS);
    modem.expect(&[
        ("AT+UART_CUR=9600,8,1,0,0\r\n", "\r\nOK\r\n"),
        ("AT\r\n", "\r\nERROR\r\n"),
        ("AT\r\n", "\r\nbusy p...\r\n"),
    ]);
    let switched = modem.drive(|| wifi.switch_baud(9600, |_, _| Ok(())));
    assert_eq!(switched, Ok(()));
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_lost_ok_to_the_switch_is_made_up_for_by_the_proof() {
    let (modem, mut wifi) = common::started(common::START_NONOS);
    modem.expect(&[
        ("AT+UART_CUR=9600,8,1,0,0\r\n", "\x7f\x7f"),
        ("AT\r\n", "\r\nOK\r\n"),
    ]);
    let switched = modem.drive(|| wifi.switch_baud(9600, |_, _| Ok(())));
    assert_eq!(switched, Ok(()));
}

#[test]
fn a_modem_that_refuses_the_rate_stays_where_it_is() {
    let (modem, mut wifi) = common::started(common::START_NONOS);
    modem.expect(&[("AT+UART_CUR=9600,8,1,0,0\r\n", "\r\nERROR\r\n")]);
    let switched = modem.drive(|| wifi.switch_baud(9600, |_, _| panic!("the host stays, too")));
    assert_eq!(switched, Err(BaudError::Modem(ModemError::Rejected)));
    assert_eq!(wifi.serial_mode(), SerialMode::from(115_200));
}
