//! A radio of another kind than the modem: a WINC1500, as its host driver has it. Requests are answered by
//! events; scan results are fetched one by one by index; security has its own numbers; the access point
//! and the station exclude each other; there is no name server query, but DHCP tells of one.

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

use embedded_nal::{AddrType, Dns, TcpClientStack, TcpError, TcpErrorKind, nb};
use nal_socket::{Hooks, Idle, Network};
use usocket_api::network::{
    Addresses, ApConfig, Join, Joined, MacAddr, OPEN, ScanEntry, Security, Ssid, WPA_PSK,
    WPA_WPA2_PSK, WPA2_PSK, WifiError, WifiErrorKind, WifiStack,
};
use usocket_api::{Nic, OSError, Profile};

/// The chip's own numbers.
pub(super) mod m2m {
    pub(crate) const OPEN: u8 = 1;
    pub(crate) const WPA_PSK: u8 = 2;
    pub(crate) const WEP: u8 = 3;
    pub(crate) const ENTERPRISE: u8 = 4;
    pub(crate) const ANY_CHANNEL: u8 = 255;
}

/// What the chip is asked, with the time at which its event comes.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Request {
    Connect {
        ssid: Vec<u8>,
        auth: u8,
        channel: u8,
    },
    Disconnect,
    Scan,
    Result(usize),
    StartAp {
        ssid: Vec<u8>,
        auth: u8,
        channel: u8,
        hidden: bool,
    },
    StopAp,
}

pub(super) struct Winc {
    clock: Rc<Cell<u64>>,
    asked: Option<(Request, u64)>,
    log: Rc<RefCell<Vec<Request>>>,
    joined: bool,
    ap: bool,
    next_result: Option<usize>,
    /// No event comes any more.
    pub(super) stuck: bool,
    /// What leaving fails with.
    trouble: Option<WifiErrorKind>,
}

/// (name, RSSI, the chip's auth number, channel)
const IN_RANGE: [(&[u8], i8, u8, u8); 4] = [
    (b"office", -40, m2m::WPA_PSK, 1),
    (b"", -70, m2m::ENTERPRISE, 6),
    (b"caf\xe9", -81, m2m::OPEN, 14),
    (b"old", -90, m2m::WEP, 11),
];

impl Winc {
    /// The event that answers a request, which takes 100 ms.
    fn event(&mut self, request: Request) -> nb::Result<(), WifiError> {
        let now = self.clock.get();
        if self.stuck {
            return Err(nb::Error::WouldBlock);
        }
        match &self.asked {
            Some((asked, at)) if *asked == request => {
                if now < *at {
                    return Err(nb::Error::WouldBlock);
                }
                self.asked = None;
                Ok(())
            }
            // Another request is under way; its event is for nobody any more.
            Some((_, at)) if now < *at => Err(nb::Error::WouldBlock),
            _ => {
                self.log.borrow_mut().push(request.clone());
                self.asked = Some((request, now + 100_000));
                Err(nb::Error::WouldBlock)
            }
        }
    }
}

fn failed<T>(kind: WifiErrorKind) -> nb::Result<T, WifiError> {
    Err(nb::Error::Other(kind.into()))
}

impl WifiStack for Winc {
    fn join(&mut self, join: &Join<'_>) -> nb::Result<(), WifiError> {
        let auth = match join.security {
            None if join.key.is_empty() => m2m::OPEN,
            None | Some(WPA_PSK | WPA2_PSK | WPA_WPA2_PSK) => m2m::WPA_PSK,
            Some(OPEN) => m2m::OPEN,
            Some(Security::WEP) => m2m::WEP,
            Some(_) => return failed(WifiErrorKind::Unsupported),
        };
        if self.ap {
            return failed(WifiErrorKind::NotNow);
        }
        self.event(Request::Connect {
            ssid: join.ssid.to_vec(),
            auth,
            channel: join.channel.unwrap_or(m2m::ANY_CHANNEL),
        })?;
        match IN_RANGE.iter().find(|(ssid, ..)| *ssid == join.ssid) {
            None => failed(WifiErrorKind::NoSuchAccessPoint),
            Some((_, _, has, _)) if *has != auth => failed(WifiErrorKind::JoinFailed),
            Some(_) if auth != m2m::OPEN && join.key.as_bytes() != b"12345678" => {
                failed(WifiErrorKind::WrongKey)
            }
            Some(_) => {
                self.joined = true;
                Ok(())
            }
        }
    }

    fn leave(&mut self) -> nb::Result<(), WifiError> {
        self.event(Request::Disconnect)?;
        if let Some(trouble) = self.trouble.take() {
            return failed(trouble);
        }
        self.joined = false;
        Ok(())
    }

    // What this chip's driver keeps up to date by events.
    fn joined(&mut self) -> nb::Result<Option<Joined>, WifiError> {
        let mut joined = Joined::new(Ssid::new("office").unwrap());
        joined.rssi = Some(-40);
        Ok(self.joined.then_some(joined))
    }

    fn addresses(&mut self) -> nb::Result<Option<Addresses>, WifiError> {
        Ok(self.joined.then_some(Addresses {
            ip: Ipv4Addr::new(10, 0, 0, 9),
            netmask: Ipv4Addr::new(255, 0, 0, 0),
            gateway: Ipv4Addr::new(10, 0, 0, 1),
        }))
    }

    fn dns_servers(&mut self) -> nb::Result<[Option<Ipv4Addr>; 2], WifiError> {
        Ok([Some(Ipv4Addr::new(10, 0, 0, 2)), None])
    }

    fn scan(&mut self, mut found: impl FnMut(&ScanEntry)) -> nb::Result<u32, WifiError> {
        if self.next_result.is_none() {
            self.event(Request::Scan)?;
            self.next_result = Some(0);
        }
        while let Some(n) = self.next_result
            && let Some((ssid, rssi, auth, channel)) = IN_RANGE.get(n)
        {
            self.event(Request::Result(n))?;
            let security = match *auth {
                m2m::OPEN => OPEN,
                m2m::WEP => Security::WEP,
                m2m::ENTERPRISE => Security::WPA2_ENTERPRISE,
                // The chip does not say which of the two.
                _ => WPA_WPA2_PSK,
            };
            let mut entry = ScanEntry::new(Ssid::new(ssid).unwrap(), *rssi, security);
            entry.bssid = Some(MacAddr([2, 0, 0, 0, 0, n as u8]));
            entry.channel = Some(*channel);
            found(&entry);
            self.next_result = Some(n + 1);
        }
        self.next_result = None;
        Ok(0)
    }

    fn start_access_point(&mut self, config: &ApConfig<'_>) -> nb::Result<(), WifiError> {
        let auth = match config.security {
            OPEN => m2m::OPEN,
            WPA2_PSK | WPA_WPA2_PSK => m2m::WPA_PSK,
            _ => return failed(WifiErrorKind::Unsupported),
        };
        if self.joined {
            return failed(WifiErrorKind::NotNow);
        }
        self.event(Request::StartAp {
            ssid: config.ssid.to_vec(),
            auth,
            channel: config.channel,
            hidden: config.hidden,
        })?;
        self.ap = true;
        Ok(())
    }

    fn stop_access_point(&mut self) -> nb::Result<(), WifiError> {
        self.event(Request::StopAp)?;
        self.ap = false;
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct NoSockets;

impl TcpError for NoSockets {
    fn kind(&self) -> TcpErrorKind {
        TcpErrorKind::Other
    }
}

impl TcpClientStack for Winc {
    type TcpSocket = ();
    type Error = NoSockets;

    fn socket(&mut self) -> Result<(), NoSockets> {
        Err(NoSockets)
    }
    fn connect(&mut self, (): &mut (), _: SocketAddr) -> nb::Result<(), NoSockets> {
        Err(nb::Error::Other(NoSockets))
    }
    fn send(&mut self, (): &mut (), _: &[u8]) -> nb::Result<usize, NoSockets> {
        Err(nb::Error::Other(NoSockets))
    }
    fn receive(&mut self, (): &mut (), _: &mut [u8]) -> nb::Result<usize, NoSockets> {
        Err(nb::Error::Other(NoSockets))
    }
    fn close(&mut self, (): ()) -> Result<(), NoSockets> {
        Err(NoSockets)
    }
}

impl Dns for Winc {
    type Error = NoSockets;

    fn get_host_by_name(&mut self, _: &str, _: AddrType) -> nb::Result<IpAddr, NoSockets> {
        Err(nb::Error::Other(NoSockets))
    }
    fn get_host_by_address(&mut self, _: IpAddr, _: &mut [u8]) -> nb::Result<usize, NoSockets> {
        Err(nb::Error::Other(NoSockets))
    }
}

pub(super) type Log = Rc<RefCell<Vec<Request>>>;

type Platform = Hooks<Box<dyn Fn() -> u64>, Box<dyn Fn(Option<u64>) -> Idle>>;
pub(super) type Net = Network<Winc, Platform>;

/// A radio whose time passes in steps of 10 ms while a call waits.
pub(super) fn with_radio(test: impl FnOnce(&Net, &Cell<u64>, &Log)) {
    let clock = Rc::new(Cell::new(0));
    let log = Log::default();
    let winc = Winc {
        clock: clock.clone(),
        asked: None,
        log: log.clone(),
        joined: false,
        ap: false,
        next_result: None,
        stuck: false,
        trouble: None,
    };
    let (now, idle) = (clock.clone(), clock.clone());
    let now: Box<dyn Fn() -> u64> = Box::new(move || now.get());
    let idle: Box<dyn Fn(Option<u64>) -> Idle> = Box::new(move |until| {
        let step = idle.get() + 10_000;
        idle.set(until.map_or(step, |until| until.min(step)));
        Idle::Continue
    });
    let network = Network::new(winc, Hooks::new(now, idle));
    test(&network, &clock, &log);
}

/// What leaving comes to when the radio reports that.
pub(super) fn leaving(profile: Profile, trouble: WifiErrorKind) -> OSError {
    let mut error = None;
    with_radio(|net, _, _| {
        net.with_stack(|winc| winc.trouble = Some(trouble)).unwrap();
        error = Some(Nic::new(net, profile).disconnect().unwrap_err());
    });
    error.unwrap()
}
