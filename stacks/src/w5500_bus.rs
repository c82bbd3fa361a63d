//! A bus for w5500 0.6 that mends what no policy can.
//!
//! w5500 decides from single registers what only several of them together tell: it gives unread data up
//! when the peer closes, forgets what a read has left over, counts the header to a datagram, drops a
//! connection without a word when it closes, and waits for a send that will never end. [`Mended`] sits
//! between the driver and its bus and shows the driver what the chip means.
//!
//! ```no_run
//! # fn example<S: embedded_hal::spi::SpiDevice>(spi: S) -> Option<()> {
//! use nal_socket_stacks::w5500_bus::{Mended, network};
//! use w5500::bus::FourWire;
//! use w5500::{MacAddress, Mode, UninitializedDevice};
//!
//! let bus = Mended::new(FourWire::new(spi), 49_152);
//! let device = UninitializedDevice::new(bus)
//!     .initialize_manual(
//!         MacAddress::new(2, 0, 0, 0, 0, 2),
//!         [192, 0, 2, 2].into(),
//!         Mode::default(),
//!     )
//!     .ok()?;
//! let network = network(device, || 0_u64);
//! # let _ = network;
//! # Some(())
//! # }
//! ```
//!
//! Limits: connect and send still wait inside the driver. Received datagrams without a byte are dropped,
//! because the driver cannot tell them from none. Closing does not wait for the peer's answer.

use core::fmt::Debug;

use nal_socket::{Barrier, ErrorKind, Network, Policy};
use w5500::bus::Bus;
use w5500::register::socketn::{self, Command, Interrupt, Protocol, Status};
use w5500::tcp::TcpSocketError;
use w5500::udp::UdpSocketError;
use w5500::{Device, DeviceState, Host};

use crate::w5500::{W5500Network, kind, udp_kind, udp_policy};

/// What the TCP functions do on this bus.
pub const fn policy<E: Debug>() -> Policy<TcpSocketError<Fault<E>>> {
    Policy::smoltcp()
        .barrier(Barrier::None)
        .classify(mended_kind)
}

/// TCP and UDP on `device`.
pub fn network<B: Bus, H: Host, P>(
    device: Device<Mended<B>, DeviceState<H>>,
    platform: P,
) -> W5500Network<Mended<B>, H, P> {
    Network::without_dns(device, platform)
        .with_policy(policy())
        .with_udp_policy(udp_policy().classify(mended_udp_kind))
}

/// The meaning of the TCP functions' errors.
pub const fn mended_kind<E: Debug>(error: &TcpSocketError<Fault<E>>) -> ErrorKind {
    match error {
        TcpSocketError::Other(Fault::End) => ErrorKind::BrokenPipe,
        TcpSocketError::Other(Fault::Lost) => ErrorKind::ConnectionReset,
        TcpSocketError::Other(Fault::Refused) => ErrorKind::ConnectionRefused,
        TcpSocketError::Other(Fault::NoAnswer) => ErrorKind::HostUnreachable,
        error => kind(error),
    }
}

/// The meaning of the UDP functions' errors.
pub const fn mended_udp_kind<E: Debug>(error: &UdpSocketError<Fault<E>>) -> ErrorKind {
    match error {
        UdpSocketError::Other(Fault::PortTaken) => ErrorKind::AddressInUse,
        error => udp_kind(error),
    }
}

/// What the bus tells the driver, which hands it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault<E> {
    /// The bus itself.
    Bus(E),
    /// The peer has closed and everything was read.
    End,
    /// The connection broke off.
    Lost,
    /// The peer refused the connection.
    Refused,
    /// Nobody answered a connect.
    NoAnswer,
    /// Another socket receives datagrams at that port.
    PortTaken,
}

impl<E> From<E> for Fault<E> {
    fn from(error: E) -> Self {
        Self::Bus(error)
    }
}

/// What the driver is doing with one of the chip's sockets.
#[derive(Debug, Clone, Copy, Default)]
struct Watch {
    udp: bool,
    connecting: bool,
    connected: bool,
    sending: bool,
    /// The latest access was to the status register: reading interrupts next is receiving.
    asked_status: bool,
    /// Where the datagram that is being read began, and its length.
    datagram: Option<(u16, u16)>,
}

/// The bus `B`, mended.
#[derive(Debug)]
pub struct Mended<B> {
    bus: B,
    sockets: [Watch; 8],
    next_port: u16,
}

/// The length of what the chip puts before a datagram.
const HEADER: u16 = 8;
const FIRST_PORT: u16 = 49_152;

type Result<T, B> = core::result::Result<T, Fault<<B as Bus>::Error>>;

impl<B: Bus> Mended<B> {
    /// `bus`, mended. Connections leave from `first_port` and those after it, 49152 or above: something
    /// else at each start, lest a server take a new connection for the one before the reset.
    pub const fn new(bus: B, first_port: u16) -> Self {
        Self {
            bus,
            sockets: [Watch {
                udp: false,
                connecting: false,
                connected: false,
                sending: false,
                asked_status: false,
                datagram: None,
            }; 8],
            next_port: if first_port < FIRST_PORT {
                FIRST_PORT
            } else {
                first_port
            },
        }
    }

    fn byte(&mut self, block: u8, address: u16) -> Result<u8, B> {
        let mut data = [0];
        self.bus.read_frame(block, address, &mut data)?;
        Ok(data[0])
    }

    fn word(&mut self, block: u8, address: u16) -> Result<u16, B> {
        let mut data = [0; 2];
        self.bus.read_frame(block, address, &mut data)?;
        Ok(u16::from_be_bytes(data))
    }

    /// How much was received, read until two readings agree, as the datasheet asks.
    fn received(&mut self, block: u8) -> Result<u16, B> {
        loop {
            let size = self.word(block, socketn::RECEIVED_SIZE)?;
            if size == self.word(block, socketn::RECEIVED_SIZE)? {
                return Ok(size);
            }
        }
    }

    /// Connected for the driver is: there is something to read, or it can be written to.
    fn status(&mut self, block: u8, watch: &mut Watch) -> Result<u8, B> {
        let status = self.byte(block, socketn::STATUS)?;
        watch.asked_status = true;
        if watch.udp {
            return Ok(status);
        }
        if status == Status::Established as u8 || status == Status::CloseWait as u8 {
            watch.connecting = false;
            return Ok(Status::Established as u8);
        }
        if status != Status::Closed as u8 {
            return Ok(status);
        }
        if watch.connecting {
            *watch = Watch::default();
            let interrupts = self.byte(block, socketn::INTERRUPT)?;
            return Err(if interrupts & Interrupt::Timeout as u8 == 0 {
                Fault::Refused
            } else {
                Fault::NoAnswer
            });
        }
        if !watch.connected {
            return Ok(status);
        }
        if self.received(block)? > 0 {
            Ok(Status::Established as u8)
        } else {
            Err(Fault::Lost)
        }
    }

    fn interrupts(&mut self, block: u8, watch: &mut Watch) -> Result<u8, B> {
        let receiving = core::mem::take(&mut watch.asked_status);
        let interrupts = self.byte(block, socketn::INTERRUPT)?;
        if watch.sending {
            if interrupts & Interrupt::SendOk as u8 != 0 {
                watch.sending = false;
            } else if !watch.udp && !can_send(self.byte(block, socketn::STATUS)?) {
                watch.sending = false;
                return Err(Fault::Lost);
            }
            return Ok(interrupts);
        }
        if !receiving {
            return Ok(interrupts);
        }
        if watch.udp {
            self.skip_empty_datagrams(block)?;
        }
        // First the status: behind the peer's end nothing can arrive.
        let status = self.byte(block, socketn::STATUS)?;
        if self.received(block)? > 0 {
            Ok(interrupts | Interrupt::Receive as u8)
        } else if status == Status::CloseWait as u8 {
            Err(Fault::End)
        } else {
            Ok(interrupts & !(Interrupt::Receive as u8))
        }
    }

    /// The driver would give a byte that nobody sent.
    fn skip_empty_datagrams(&mut self, block: u8) -> Result<(), B> {
        while self.received(block)? >= HEADER {
            let start = self.word(block, socketn::RX_DATA_READ_POINTER)?;
            if self.word(block + 2, start.wrapping_add(6))? != 0 {
                break;
            }
            let next = start.wrapping_add(HEADER).to_be_bytes();
            self.bus
                .write_frame(block, socketn::RX_DATA_READ_POINTER, &next)?;
            self.bus
                .write_frame(block, socketn::COMMAND, &[Command::Receive as u8])?;
        }
        Ok(())
    }

    /// For the driver there is one datagram, as long as its data.
    fn datagram_size(&mut self, block: u8, watch: &mut Watch) -> Result<u16, B> {
        if self.received(block)? < HEADER {
            return Ok(0);
        }
        let start = self.word(block, socketn::RX_DATA_READ_POINTER)?;
        let length = self.word(block + 2, start.wrapping_add(6))?;
        watch.datagram = Some((start, length));
        Ok(length)
    }

    /// Whether another socket receives datagrams at that port.
    fn datagrams_at(&mut self, block: u8, port: &[u8]) -> Result<bool, B> {
        for (other, watch) in (1_u8..).step_by(4).zip(self.sockets) {
            if watch.udp
                && other != block
                && self.word(other, socketn::SOURCE_PORT)?.to_be_bytes() == *port
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn command(&mut self, block: u8, watch: &mut Watch, command: u8) -> Result<(), B> {
        let mut command = command;
        if command == Command::Open as u8 && !watch.udp {
            let port = self.next_port;
            self.next_port = port.checked_add(1).unwrap_or(FIRST_PORT);
            self.bus
                .write_frame(block, socketn::SOURCE_PORT, &port.to_be_bytes())?;
        } else if command == Command::Connect as u8 {
            watch.connecting = true;
            watch.connected = true;
        } else if command == Command::Send as u8 {
            watch.sending = true;
        } else if command == Command::Close as u8 {
            if !watch.udp && can_send(self.byte(block, socketn::STATUS)?) {
                command = Command::Discon as u8;
            }
            *watch = Watch::default();
        }
        Ok(self.bus.write_frame(block, socketn::COMMAND, &[command])?)
    }

    fn read_register(
        &mut self,
        block: u8,
        address: u16,
        watch: &mut Watch,
        data: &mut [u8],
    ) -> Result<(), B> {
        match (address, data) {
            (socketn::STATUS, [status]) => *status = self.status(block, watch)?,
            (socketn::INTERRUPT, [interrupts]) => *interrupts = self.interrupts(block, watch)?,
            (socketn::RECEIVED_SIZE, [high, low]) if watch.udp => {
                [*high, *low] = self.datagram_size(block, watch)?.to_be_bytes();
            }
            (_, data) => {
                watch.asked_status = false;
                self.bus.read_frame(block, address, data)?;
            }
        }
        Ok(())
    }

    fn write_register(
        &mut self,
        block: u8,
        address: u16,
        watch: &mut Watch,
        data: &[u8],
    ) -> Result<(), B> {
        watch.asked_status = false;
        match (address, data) {
            (socketn::COMMAND, [command]) => return self.command(block, watch, *command),
            (socketn::MODE, [mode]) => {
                // The connection still has to say goodbye in its mode.
                if *mode == Protocol::Closed as u8
                    && !watch.udp
                    && can_send(self.byte(block, socketn::STATUS)?)
                {
                    return Ok(());
                }
                watch.udp = *mode == Protocol::Udp as u8;
            }
            (socketn::SOURCE_PORT, _) if self.datagrams_at(block, data)? => {
                return Err(Fault::PortTaken);
            }
            (socketn::RX_DATA_READ_POINTER, _) => {
                if let Some((start, length)) = watch.datagram.take() {
                    let next = start.wrapping_add(HEADER).wrapping_add(length);
                    self.bus.write_frame(block, address, &next.to_be_bytes())?;
                    return Ok(());
                }
            }
            _ => {}
        }
        Ok(self.bus.write_frame(block, address, data)?)
    }
}

fn can_send(status: u8) -> bool {
    status == Status::Established as u8 || status == Status::CloseWait as u8
}

impl<B: Bus> Bus for Mended<B> {
    type Error = Fault<B::Error>;

    fn read_frame(&mut self, block: u8, address: u16, data: &mut [u8]) -> Result<(), B> {
        let index = usize::from(block >> 2);
        let Some(mut watch) = self.sockets.get(index).copied() else {
            return Ok(self.bus.read_frame(block, address, data)?);
        };
        match block & 3 {
            1 => {
                let read = self.read_register(block, address, &mut watch, data);
                self.sockets[index] = watch;
                read
            }
            3 => {
                self.bus.read_frame(block, address, data)?;
                // The driver reads as much as the header says, whether or not it has the room.
                if watch.datagram.is_some_and(|(start, _)| start == address)
                    && let [.., high, low] = data
                {
                    [*high, *low] = [0, 0];
                }
                Ok(())
            }
            _ => Ok(self.bus.read_frame(block, address, data)?),
        }
    }

    fn write_frame(&mut self, block: u8, address: u16, data: &[u8]) -> Result<(), B> {
        let index = usize::from(block >> 2);
        match (block & 3, self.sockets.get(index).copied()) {
            (1, Some(mut watch)) => {
                let written = self.write_register(block, address, &mut watch, data);
                self.sockets[index] = watch;
                written
            }
            _ => Ok(self.bus.write_frame(block, address, data)?),
        }
    }
}
