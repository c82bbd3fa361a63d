//! Names of the W5500's registers, as far as the driver uses them (datasheet 1.1.0, sections 3 and 4).

pub const COMMON_VERSION: u16 = 0x39;
pub const VERSION: u8 = 4;

/// Of the socket blocks.
pub const MR: u16 = 0x00;
pub const CR: u16 = 0x01;
pub const IR: u16 = 0x02;
pub const SR: u16 = 0x03;
pub const PORT: u16 = 0x04;
pub const DIPR: u16 = 0x0C;
pub const DPORT: u16 = 0x10;
pub const TX_FSR: u16 = 0x20;
pub const TX_RD: u16 = 0x22;
pub const TX_WR: u16 = 0x24;
pub const RX_RSR: u16 = 0x26;
pub const RX_RD: u16 = 0x28;
pub const RX_WR: u16 = 0x2A;

pub const OPEN: u8 = 0x01;
pub const CONNECT: u8 = 0x04;
pub const DISCON: u8 = 0x08;
pub const CLOSE: u8 = 0x10;
pub const SEND: u8 = 0x20;
pub const RECV: u8 = 0x40;

pub const MR_TCP: u8 = 0x01;
pub const MR_UDP: u8 = 0x02;

pub const IR_CON: u8 = 0x01;
pub const IR_DISCON: u8 = 0x02;
pub const IR_RECV: u8 = 0x04;
pub const IR_TIMEOUT: u8 = 0x08;
pub const IR_SENDOK: u8 = 0x10;

pub const CLOSED: u8 = 0x00;
pub const INIT: u8 = 0x13;
pub const ESTABLISHED: u8 = 0x17;
pub const SYNSENT: u8 = 0x15;
pub const FIN_WAIT: u8 = 0x18;
pub const CLOSE_WAIT: u8 = 0x1C;
pub const LAST_ACK: u8 = 0x1D;
pub const UDP: u8 = 0x22;

/// Each socket's two buffers, unless set otherwise.
pub const BUFFER: u16 = 2048;
