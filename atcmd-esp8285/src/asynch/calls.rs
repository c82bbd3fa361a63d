//! Everything that [`Esp8285`](crate::Esp8285) can do with one question to the
//! modem, as futures: one table.

use core::net::Ipv4Addr;

use embassy_sync::blocking_mutex::raw::RawMutex;

use super::Modem;
use crate::Clock;
use crate::error::{JoinError, ModemError};
use crate::machine::restart::Kind;
use crate::system::{
    Host, Memory, NetworkTime, PingError, RoundTrip, SleepMode, TimeError, Version,
};
use crate::wifi::{
    AccessPointConfig, AccessPointError, AccessPointStatus, Addresses, AssociatedStation,
    DhcpState, DnsServers, HostName, Interface, Ipv4Config, JoinOptions, JoinedNetwork, MacAddress,
    Network, ScanError, ScanOptions, SettingError, StationStatus,
};

macro_rules! calls {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $ok:ty, $err:ty = |$state:ident, $now:ident| $ask:expr;)*) => {
        impl<M: RawMutex, C: Clock, const RX: usize> Modem<'_, M, C, RX> {
            $(
                #[doc = concat!("As [`Esp8285::", stringify!($name), "`](crate::Esp8285::", stringify!($name), ").")]
                ///
                /// # Errors
                /// The same, without `WouldBlock`.
                pub async fn $name(&self, $($arg: $ty),*) -> Result<$ok, $err> {
                    self.control(|$state, $now| $ask).await
                }
            )*
        }
    };
}

calls! {
    join(ssid: &str, password: &str) -> (), JoinError =
        |state, now| state.join(&JoinOptions::new(ssid, password), now);
    join_with(options: &JoinOptions<'_>) -> (), JoinError = |state, now| state.join(options, now);
    leave() -> (), ModemError = |state, now| state.leave(now);
    station_status() -> StationStatus, ModemError = |state, now| state.station_status(now);
    joined_network() -> Option<JoinedNetwork>, ModemError = |state, now| state.joined_network(now);
    rssi() -> Option<i8>, ModemError = |state, now| state.rssi(now);
    addresses() -> Addresses, ModemError = |state, now| state.addresses(now);
    station_address() -> Option<Ipv4Config>, ModemError =
        |state, now| state.interface_address(Interface::Station, now);
    set_station_address(config: Ipv4Config) -> (), SettingError =
        |state, now| state.set_interface_address(Interface::Station, config, now);
    access_point_address() -> Option<Ipv4Config>, ModemError =
        |state, now| state.interface_address(Interface::AccessPoint, now);
    set_access_point_address(config: Ipv4Config) -> (), SettingError =
        |state, now| state.set_interface_address(Interface::AccessPoint, config, now);
    set_auto_join(on: bool) -> (), ModemError = |state, now| state.set_auto_join(on, now);
    set_reconnect(interval: u16, tries: u16) -> (), SettingError =
        |state, now| state.set_reconnect(interval, tries, now);
    dhcp() -> DhcpState, ModemError = |state, now| state.dhcp(now);
    set_dhcp(interface: Interface, on: bool) -> (), ModemError =
        |state, now| state.set_dhcp(interface, on, now);
    dns_servers() -> DnsServers, ModemError = |state, now| state.dns_servers(now);
    set_dns_servers(servers: &[Ipv4Addr]) -> (), SettingError =
        |state, now| state.set_dns_servers(servers, now);
    host_name() -> HostName, ModemError = |state, now| state.host_name(now);
    set_host_name(name: &str) -> (), SettingError = |state, now| state.set_host_name(name, now);
    station_mac() -> MacAddress, ModemError = |state, now| state.station_mac(now);
    set_station_mac(mac: MacAddress) -> (), SettingError =
        |state, now| state.set_station_mac(mac, now);
    start_access_point(config: &AccessPointConfig<'_>) -> (), AccessPointError =
        |state, now| state.start_access_point(config, now);
    stop_access_point() -> (), AccessPointError = |state, now| state.stop_access_point(now);
    access_point_status() -> AccessPointStatus, AccessPointError =
        |state, now| state.access_point_status(now);
    set_time_servers(timezone: i8, servers: &[&str]) -> (), TimeError =
        |state, now| state.set_time_servers(timezone, servers, now);
    network_time() -> NetworkTime, TimeError = |state, now| state.network_time(now);
    free_memory() -> Memory, ModemError = |state, now| state.free_memory(now);
    version() -> Version, ModemError = |state, now| state.version(now);
    sleep_mode(mode: SleepMode) -> (), ModemError = |state, now| state.sleep_mode(mode, now);
    deep_sleep(milliseconds: u32) -> (), ModemError =
        |state, now| state.deep_sleep(milliseconds, now);
    reset() -> (), ModemError = |state, now| state.restart(Kind::Reset, now);
}

impl<M: RawMutex, C: Clock, const RX: usize> Modem<'_, M, C, RX> {
    /// As [`Esp8285::ping`](crate::Esp8285::ping).
    ///
    /// # Errors
    /// The same, without `WouldBlock`.
    pub async fn ping<'a>(&self, host: impl Into<Host<'a>>) -> Result<RoundTrip, PingError> {
        let host = host.into();
        self.control(|state, now| state.ping(host, now)).await
    }

    /// As [`Esp8285::scan`](crate::Esp8285::scan): `network` is called for
    /// each network, while the scan goes on.
    ///
    /// # Errors
    /// The same, without `WouldBlock`.
    pub async fn scan(
        &self,
        options: &ScanOptions<'_>,
        mut network: impl FnMut(&Network),
    ) -> Result<(), ScanError> {
        self.control(|state, now| state.scan(options, &mut network, now))
            .await
    }

    /// As [`Esp8285::stations`](crate::Esp8285::stations).
    ///
    /// # Errors
    /// The same, without `WouldBlock`.
    pub async fn stations(
        &self,
        mut station: impl FnMut(&AssociatedStation),
    ) -> Result<(), AccessPointError> {
        self.control(|state, now| state.stations(&mut station, now))
            .await
    }
}
