//! Commands about addresses: IP, DHCP, DNS servers, MAC and host name.

use core::net::Ipv4Addr;

use super::{commands, suffix};
use crate::Dialect;
use crate::at::writer::LineWriter;
use crate::machine::deadline;
use crate::wifi::{Interface, Ipv4Config, MacAddress};

commands! {
    /// `AT+CIFSR`: the addresses of both interfaces.
    Addresses {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIFSR"); }

    /// `AT+CWDHCP?`: which interfaces use DHCP?
    Dhcp {
        /// Use the form for settings that are not in flash.
        current: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CWDHCP").raw(suffix(this.current)).raw(b"?");
    }

    /// `AT+CWDHCP`: DHCP on or off. NonOS takes the interface first (0 access
    /// point, 1 station), ESP-AT the switch (and bits: 1 station, 2 access
    /// point).
    SetDhcp {
        /// Whose DHCP.
        interface: Interface,
        /// On or off.
        on: bool,
        /// The firmware, for the form.
        dialect: &'static Dialect,
    } timeout deadline::SETTING; |this, line| {
        line.raw(b"AT+CWDHCP").raw(suffix(this.dialect.cur_suffix)).raw(b"=");
        let station = this.interface == Interface::Station;
        if this.dialect.dhcp_switch_first {
            line.number(this.on.into()).raw(b",").number(if station { 1 } else { 2 });
        } else {
            line.number(station.into()).raw(b",").number(this.on.into());
        }
    }

    /// `AT+CIPSTA?` or `AT+CIPAP?`: address, gateway and mask.
    InterfaceAddress {
        /// Whose.
        interface: Interface,
        /// Use the form for settings that are not in flash.
        current: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+").raw(ip_command(this.interface)).raw(suffix(this.current)).raw(b"?");
    }

    /// `AT+CIPSTA` or `AT+CIPAP`: a fixed address. Turns DHCP off.
    SetInterfaceAddress {
        /// Whose.
        interface: Interface,
        /// Address, gateway and mask.
        config: Ipv4Config,
        /// Use the form that does not write flash.
        current: bool,
    } timeout deadline::SETTING; |this, line| {
        line.raw(b"AT+").raw(ip_command(this.interface)).raw(suffix(this.current)).raw(b"=");
        address(line, this.config.address);
        line.raw(b",");
        address(line, this.config.gateway);
        line.raw(b",");
        address(line, this.config.netmask);
    }

    /// `AT+CIPDNS?`: the DNS servers.
    DnsServers {
        /// Use the form for settings that are not in flash.
        current: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPDNS").raw(suffix(this.current)).raw(b"?");
    }

    /// `AT+CIPDNS`: DNS servers of the user's own, or (none) DHCP's.
    SetDnsServers<'a> {
        /// The servers.
        servers: &'a [Ipv4Addr],
        /// Use the form that does not write flash.
        current: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPDNS").raw(suffix(this.current)).raw(b"=")
            .number((!this.servers.is_empty()).into());
        for server in this.servers {
            line.raw(b",");
            address(line, *server);
        }
    }

    /// `AT+CWHOSTNAME?`: the name told to DHCP servers.
    HostName {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CWHOSTNAME?"); }

    /// `AT+CWHOSTNAME`: the name told to DHCP servers.
    SetHostName<'a> {
        /// At most 32 bytes of letters, digits and hyphens.
        name: &'a str,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CWHOSTNAME=\"").raw(this.name.as_bytes()).raw(b"\"");
    }

    /// `AT+CIPSTAMAC?`: the station's MAC address.
    StationMac {
        /// Use the form for settings that are not in flash.
        current: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPSTAMAC").raw(suffix(this.current)).raw(b"?");
    }

    /// `AT+CIPSTAMAC`: another MAC address for the station.
    SetStationMac {
        /// The address; its first byte is even.
        mac: MacAddress,
        /// Use the form that does not write flash.
        current: bool,
    } timeout deadline::SETTING; |this, line| {
        line.raw(b"AT+CIPSTAMAC").raw(suffix(this.current)).raw(b"=\"").mac(this.mac).raw(b"\"");
    }
}

fn ip_command(interface: Interface) -> &'static [u8] {
    match interface {
        Interface::Station => b"CIPSTA",
        Interface::AccessPoint => b"CIPAP",
    }
}

fn address(line: &mut LineWriter<'_>, address: Ipv4Addr) {
    line.raw(b"\"").ipv4(address).raw(b"\"");
}
