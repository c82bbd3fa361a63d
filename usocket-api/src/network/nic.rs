//! The interface object.

use core::cell::Cell;
use core::fmt;
use core::net::Ipv4Addr;
use core::time::Duration;

use nal_socket::{ErrorKind, NetworkRef};

use super::{
    Addresses, ApConfig, IfConfig, Join, Key, ScanEntry, Security, Ssid, WifiError, WifiErrorKind,
    WifiStack,
};
use crate::os_error::OSError;
use crate::profile::Profile;

/// How long [`connect`](Nic::connect) waits unless told otherwise. An ESP8285 needs up to 17 s to find out
/// that a key is wrong, and up to 10 s more for an address.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long each of the other methods waits. A radio that is joining answers when that is over.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// A Wi-Fi interface: what `network.ESP8285(uart)` or `network.WLAN(network.STA_IF)` gives.
///
/// Making one sends nothing, and several on one network are the same interface.
pub struct Nic<N> {
    pub(super) net: N,
    pub(super) profile: Profile,
    connect_timeout: Option<Duration>,
    /// A scan has begun of which nobody has seen the end.
    scanning: Cell<bool>,
}

impl<N> Nic<N> {
    /// The interface of `net`, whose errors have the numbers of `profile`.
    pub const fn new(net: N, profile: Profile) -> Self {
        Self {
            net,
            profile,
            connect_timeout: Some(CONNECT_TIMEOUT),
            scanning: Cell::new(false),
        }
    }

    /// The same, with a [`connect`](Self::connect) that waits so long; `None` is as long as the radio
    /// tries, and zero not at all: then the first call is `EINPROGRESS`, and a script polls
    /// [`isconnected`](Self::isconnected) or calls again, as on OpenMV's lwIP boards.
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The profile.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }
}

impl<N: NetworkRef> Nic<N>
where
    N::Stack: WifiStack,
{
    /// `connect(ssid, key)`: joins an access point and waits until there is an address. `None` as the key
    /// is for open networks. Open connections may end, even if it is the access point joined already.
    ///
    /// A connect that ended with `ETIMEDOUT` for this limit, or `EINTR`, goes on in the radio; calling
    /// again with the same arguments waits for its outcome.
    ///
    /// # Errors
    ///
    /// `EINVAL` for a name or key that cannot be sent, before anything is; `EACCES` if the key is wrong,
    /// `ENETUNREACH` if no such access point is in range, `ETIMEDOUT` if it or the radio took too long
    /// ([`CONNECT_TIMEOUT`]), `ECONNREFUSED` if joining failed otherwise, `ENODEV` if the radio does not
    /// answer, `ECONNRESET` if it restarted, `EINTR` if the idle hook ended the wait, `EINPROGRESS` if the
    /// time to wait is zero.
    pub fn connect<'a>(
        &self,
        ssid: &'a (impl AsRef<[u8]> + ?Sized),
        key: impl Into<Key<'a>>,
    ) -> Result<(), OSError> {
        self.connect_with(&Join::new(ssid, key))
    }

    /// [`connect`](Self::connect) to one of several access points, or with a certain security.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and `EOPNOTSUPP` for what the radio cannot choose.
    pub fn connect_with(&self, join: &Join<'_>) -> Result<(), OSError> {
        self.check(join.ssid, join.key)?;
        match self.wait_at_most(self.connect_timeout, |stack| stack.join(join)) {
            // Not the radio's own "not now".
            Err(error) if error.kind() == ErrorKind::WouldBlock => Err(OSError::kind_with(
                &self.profile,
                ErrorKind::InProgress,
                "the radio has begun to join; call isconnected, or connect again, to learn the outcome",
            )),
            outcome => self.outcome(outcome),
        }
    }

    /// `disconnect()`: leaves the access point. Open connections end.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the radio does not answer, and others as of [`connect`](Self::connect).
    pub fn disconnect(&self) -> Result<(), OSError> {
        self.wait(Some(ANSWER_TIMEOUT), WifiStack::leave)
    }

    /// `isconnected()`: whether the station is joined and has an address. The radio is asked.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the radio does not answer, and others as of [`connect`](Self::connect).
    pub fn isconnected(&self) -> Result<bool, OSError> {
        let started = self.now();
        let joined = self.ask(started, WifiStack::joined)?;
        Ok(joined.is_some() && self.ask(started, WifiStack::addresses)?.is_some())
    }

    /// `ifconfig()`: the interface's addresses; while it is not joined, none but its own hardware address.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the radio does not answer, and others as of [`connect`](Self::connect).
    pub fn ifconfig(&self) -> Result<IfConfig, OSError> {
        let started = self.now();
        let mut config = IfConfig::default();
        if let Some(mac) = self.ask_if_told(started, WifiStack::mac)? {
            config.mac = mac;
        }
        let Some(joined) = self.ask(started, WifiStack::joined)? else {
            return Ok(config);
        };
        config.ssid = joined.ssid;
        config.bssid = joined.bssid.unwrap_or_default();
        if let Some(addresses) = self.ask(started, WifiStack::addresses)? {
            config.ip = addresses.ip;
            config.netmask = addresses.netmask;
            config.gateway = addresses.gateway;
        }
        if let Some([first, second]) = self.ask_if_told(started, WifiStack::dns_servers)? {
            config.dns = first.unwrap_or(Ipv4Addr::UNSPECIFIED);
            config.dns2 = second.unwrap_or(Ipv4Addr::UNSPECIFIED);
        }
        Ok(config)
    }

    /// `ifconfig((ip, netmask, gateway, dns))`, as on OpenMV: gives the station a fixed address.
    /// `"0.0.0.0"` as the name server leaves that as it is.
    ///
    /// # Errors
    ///
    /// `EINVAL` for text that is not an address, and for addresses that cannot be; `EOPNOTSUPP` if the
    /// radio cannot do it; others as of [`connect`](Self::connect).
    pub fn ifconfig_with(&self, addresses: (&str, &str, &str, &str)) -> Result<(), OSError> {
        let parse = |text: &str| {
            text.parse::<Ipv4Addr>().map_err(|_| {
                OSError::invalid("ifconfig takes four IPv4 addresses, such as \"192.168.0.4\"")
            })
        };
        let (ip, netmask, gateway, dns) = addresses;
        let (ip, netmask, gateway) = (parse(ip)?, parse(netmask)?, parse(gateway)?);
        let dns = parse(dns)?;
        let fixed = Addresses {
            ip,
            netmask,
            gateway,
        };
        let started = self.now();
        // The one that more radios lack comes first, so that nothing is half done.
        if !dns.is_unspecified() {
            self.ask(started, |stack| stack.set_dns_server(Some(dns)))?;
        }
        self.ask(started, |stack| stack.set_addresses(Some(&fixed)))
    }

    /// `ifconfig("dhcp")`: takes the address and the name servers from DHCP again, as at first.
    ///
    /// # Errors
    ///
    /// As [`ifconfig_with`](Self::ifconfig_with).
    pub fn ifconfig_dhcp(&self) -> Result<(), OSError> {
        let started = self.now();
        self.ask_if_told(started, |stack| stack.set_dns_server(None))?;
        self.ask(started, |stack| stack.set_addresses(None))
    }

    /// `scan()` without a heap: hands each access point in range to `found`, in the radio's order; a name
    /// that several have comes several times. Returns how many more there were that could not be handed
    /// over: their lines came damaged, or the idle hook kept the radio waiting for long.
    ///
    /// Takes 1 to 3 s.
    ///
    /// # Errors
    ///
    /// `EAGAIN` if the radio cannot scan now, `ENODEV` if it does not answer, and others as of
    /// [`connect`](Self::connect). What has been handed over by then is right.
    pub fn scan_each(&self, mut found: impl FnMut(&ScanEntry)) -> Result<u32, OSError> {
        let started = self.now();
        if self.scanning.replace(true) {
            // What is left of a scan that was broken off is the end of another list. How it ended does
            // not matter.
            self.wait_within(started, |stack| stack.scan(|_| ()))
                .map_err(|error| self.unfinished(error))?
                .ok();
        }
        let outcome = self.wait_within(started, |stack| stack.scan(&mut found));
        self.scanning.set(outcome.is_err());
        self.outcome(outcome)
    }

    /// `scan()`: the access points in range. Each entry's text is what MaixPy's `scan` gives.
    ///
    /// Takes 1 to 3 s. Entries that the radio lists but that cannot be read are left out;
    /// [`scan_each`](Self::scan_each) counts them.
    ///
    /// # Errors
    ///
    /// As [`scan_each`](Self::scan_each).
    #[cfg(feature = "alloc")]
    pub fn scan(&self) -> Result<alloc::vec::Vec<ScanEntry>, OSError> {
        let mut list = alloc::vec::Vec::new();
        self.scan_each(|entry| list.push(*entry))?;
        Ok(list)
    }

    /// `enable_ap(ssid, key)`: starts an access point with WPA2 on channel 5. A joined station stays
    /// joined; then the channel is that of its access point.
    ///
    /// # Errors
    ///
    /// As [`enable_ap_with`](Self::enable_ap_with).
    pub fn enable_ap<'a>(
        &self,
        ssid: &'a (impl AsRef<[u8]> + ?Sized),
        key: impl Into<Key<'a>>,
    ) -> Result<(), OSError> {
        self.enable_ap_config(&ApConfig::new(ssid, key))
    }

    /// `enable_ap(ssid, key, chl, ecn)`. With [`OPEN`](super::OPEN) the key has no meaning.
    ///
    /// # Errors
    ///
    /// `EINVAL` for a name, key, channel or security that cannot be, before anything is sent;
    /// `EOPNOTSUPP` if the radio cannot do it; others as of [`connect`](Self::connect).
    pub fn enable_ap_with<'a>(
        &self,
        ssid: &'a (impl AsRef<[u8]> + ?Sized),
        key: impl Into<Key<'a>>,
        chl: i32,
        ecn: impl Into<Security>,
    ) -> Result<(), OSError> {
        let channel = u8::try_from(chl).unwrap_or(0);
        let config = ApConfig::new(ssid, key).channel(channel);
        self.enable_ap_config(&config.security(ecn.into()))
    }

    /// [`enable_ap`](Self::enable_ap) with everything that can be chosen, such as a hidden name.
    ///
    /// # Errors
    ///
    /// As [`enable_ap_with`](Self::enable_ap_with).
    pub fn enable_ap_config(&self, config: &ApConfig<'_>) -> Result<(), OSError> {
        let invalid = |kind| Err(WifiError::new(kind).os_error(&self.profile));
        let open = config.security == super::OPEN;
        let key = if open { Key::NONE } else { config.key };
        self.check(config.ssid, key)?;
        if !open && key.as_bytes().len() < 8 {
            return Err(OSError::invalid(
                "the access point's key must have 8 bytes or more; for none at all pass OPEN as ecn",
            ));
        }
        if !(1..=14).contains(&config.channel) {
            return invalid(WifiErrorKind::InvalidChannel);
        }
        let config = ApConfig { key, ..*config };
        self.wait(Some(ANSWER_TIMEOUT), |stack| {
            stack.start_access_point(&config)
        })
    }

    /// `disable_ap()`: stops the access point. Its stations lose it; a joined station stays joined.
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP` if the radio can be no access point, and others as of [`connect`](Self::connect).
    pub fn disable_ap(&self) -> Result<(), OSError> {
        self.wait(Some(ANSWER_TIMEOUT), WifiStack::stop_access_point)
    }

    fn check(&self, ssid: &[u8], key: Key<'_>) -> Result<(), OSError> {
        let kind = if !(1..=Ssid::MAX).contains(&ssid.len()) {
            WifiErrorKind::InvalidSsid
        } else if key.as_bytes().len() > Key::MAX {
            WifiErrorKind::InvalidKey
        } else {
            return Ok(());
        };
        Err(WifiError::new(kind).os_error(&self.profile))
    }
}

impl<N> fmt::Debug for Nic<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nic")
            .field("profile", &self.profile.name)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}
