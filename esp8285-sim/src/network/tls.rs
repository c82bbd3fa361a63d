//! TLS as far as a modem's user notices it: whether the two sides accept each other.

/// What the modem's side of a TLS connection offers and demands.
#[non_exhaustive]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// The server name it sends (SNI).
    pub server_name: Option<String>,
    /// The server's certificate must come from an authority the modem knows.
    pub verify: bool,
    /// The server's certificate must have this common name.
    pub common_name: Option<String>,
    /// It has a certificate of its own to show.
    pub certificate: bool,
    /// The application protocols it offers (ALPN).
    pub protocols: Vec<String>,
}

/// A TLS server in a [`MemoryNetwork`](crate::MemoryNetwork). Nothing is encrypted.
///
/// ```
/// use esp8285_sim::{Echo, MemoryNetwork, TlsServer};
///
/// let network = MemoryNetwork::new();
/// let server = TlsServer::new("example.com").strict_name();
/// network.listen_tls("10.0.0.1:443".parse().unwrap(), server, || Box::new(Echo));
/// ```
#[derive(Debug, Clone)]
pub struct TlsServer {
    name: String,
    trusted: bool,
    strict_name: bool,
    wants_certificate: bool,
    protocols: Vec<String>,
}

impl TlsServer {
    /// A server with a certificate for that name, from an authority the modem knows.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            trusted: true,
            strict_name: false,
            wants_certificate: false,
            protocols: Vec::new(),
        }
    }

    /// Its certificate comes from an authority the modem does not know.
    #[must_use]
    pub fn untrusted(mut self) -> Self {
        self.trusted = false;
        self
    }

    /// It refuses clients that do not send its name (SNI).
    #[must_use]
    pub fn strict_name(mut self) -> Self {
        self.strict_name = true;
        self
    }

    /// It refuses clients without a certificate.
    #[must_use]
    pub fn wants_certificate(mut self) -> Self {
        self.wants_certificate = true;
        self
    }

    /// It speaks this protocol; clients that offer only others (ALPN) are refused.
    #[must_use]
    pub fn protocol(mut self, name: &str) -> Self {
        self.protocols.push(name.to_owned());
        self
    }

    /// Whether both sides accept each other.
    pub(in crate::network) fn accepts(&self, client: &Tls) -> bool {
        let named = client.server_name.as_ref();
        let expected = client.common_name.as_ref();
        let offered = &client.protocols;
        (!self.strict_name || named.is_some_and(|name| name.eq_ignore_ascii_case(&self.name)))
            && (!client.verify || self.trusted)
            && (!client.verify || expected.is_none_or(|name| name.eq_ignore_ascii_case(&self.name)))
            && (!self.wants_certificate || client.certificate)
            && (offered.is_empty()
                || self.protocols.is_empty()
                || offered.iter().any(|name| self.protocols.contains(name)))
    }
}
