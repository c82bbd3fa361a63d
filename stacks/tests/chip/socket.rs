//! One of the chip's sockets: registers, rings, pointers.

use super::registers::*;

#[derive(Clone)]
pub struct Socket {
    pub registers: [u8; 0x30],
    tx: Vec<u8>,
    rx: Vec<u8>,
    /// A SEND is under way.
    pub sending: bool,
    /// The connection on the network's side.
    pub line: Option<usize>,
}

impl Socket {
    pub fn new() -> Self {
        Self {
            registers: [0; 0x30],
            tx: vec![0; usize::from(BUFFER)],
            rx: vec![0; usize::from(BUFFER)],
            sending: false,
            line: None,
        }
    }

    pub fn byte(&self, register: u16) -> u8 {
        self.registers[usize::from(register)]
    }

    pub fn set(&mut self, register: u16, value: u8) {
        self.registers[usize::from(register)] = value;
    }

    pub fn raise(&mut self, interrupt: u8) {
        self.registers[usize::from(IR)] |= interrupt;
    }

    pub fn word(&self, register: u16) -> u16 {
        let at = usize::from(register);
        u16::from_be_bytes([self.registers[at], self.registers[at + 1]])
    }

    pub fn set_word(&mut self, register: u16, value: u16) {
        let at = usize::from(register);
        self.registers[at..at + 2].copy_from_slice(&value.to_be_bytes());
    }

    pub fn destination(&self) -> ([u8; 4], u16) {
        let at = usize::from(DIPR);
        let mut address = [0; 4];
        address.copy_from_slice(&self.registers[at..at + 4]);
        (address, self.word(DPORT))
    }

    /// What reading a register gives: some are counted from the pointers.
    pub fn read(&self, register: u16) -> u8 {
        let [high, low] = match register & !1 {
            TX_FSR => (BUFFER - self.word(TX_WR).wrapping_sub(self.word(TX_RD))).to_be_bytes(),
            RX_RSR => self.received().to_be_bytes(),
            _ => return self.byte(register),
        };
        if register & 1 == 0 { high } else { low }
    }

    pub fn clear(&mut self) {
        for register in [TX_RD, TX_WR, RX_RD, RX_WR] {
            self.set_word(register, 0);
        }
        self.sending = false;
    }

    pub fn received(&self) -> u16 {
        self.word(RX_WR).wrapping_sub(self.word(RX_RD))
    }

    /// How much more the receive ring takes.
    pub fn room(&self) -> usize {
        usize::from(BUFFER - self.received())
    }

    /// Bytes from the network. They fit.
    pub fn arrive(&mut self, bytes: &[u8]) {
        let mut at = self.word(RX_WR);
        for byte in bytes {
            self.rx[usize::from(at % BUFFER)] = *byte;
            at = at.wrapping_add(1);
        }
        self.set_word(RX_WR, at);
        self.raise(IR_RECV);
    }

    /// What a SEND has still to send.
    pub fn outgoing(&self) -> Vec<u8> {
        let (from, to) = (self.word(TX_RD), self.word(TX_WR));
        (0..to.wrapping_sub(from))
            .map(|at| self.tx[usize::from(from.wrapping_add(at) % BUFFER)])
            .collect()
    }

    pub fn went_out(&mut self, count: usize) {
        let count = u16::try_from(count).unwrap();
        self.set_word(TX_RD, self.word(TX_RD).wrapping_add(count));
    }

    pub fn rx_byte(&self, at: u16) -> u8 {
        self.rx[usize::from(at % BUFFER)]
    }

    pub fn set_tx_byte(&mut self, at: u16, value: u8) {
        self.tx[usize::from(at % BUFFER)] = value;
    }
}
