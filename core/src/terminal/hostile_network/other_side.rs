//! The other side of a row, set up: the sockets behind a name, the certificates they show, and the script that each of
//! their connections follows.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rcgen::date_time_ymd;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::transport::hostile::{Ca, Peer, Server, self_signed};

/// The name that certificates are for.
const HOST: &str = "pay.example";

/// What stands behind the name.
pub(super) enum OtherSide {
    /// The name leads nowhere.
    NoName,
    /// A port that is taken and on which nobody listens.
    NotListening,
    /// A listener whose queue is full: the kernel lets every connection wait.
    Mute,
    /// A server that speaks no TLS.
    Tcp(&'static [Step]),
    /// A server that follows its script behind TLS.
    Tls(Certificate, &'static [Step]),
    /// The same with a good certificate, and with these protocols to choose from by ALPN.
    Offers(&'static [&'static str], &'static [Step]),
    /// The name leads to these addresses, in this order.
    LeadsTo(&'static [OtherSide]),
}

/// The certificate that a server shows.
#[derive(Clone, Copy)]
pub(super) enum Certificate {
    Good,
    WrongHost,
    Expired,
    NotYetValid,
    SelfSigned,
    /// Signed by an authority that the client does not know.
    Stranger,
}

/// One thing that a server does with a connection. At the end of its script it drops the connection.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// Reads whatever comes first.
    Hear,
    /// Reads a whole request.
    Request,
    Send(&'static [u8]),
    Repeat(&'static [u8], usize),
    /// Sends this until the client ends the connection.
    Forever(&'static [u8]),
    /// The same, slowly.
    Drip(&'static [u8]),
    /// Answers this status and another path.
    Redirect(u16),
    /// Begins its script again.
    Again,
    /// Reads, and says nothing more.
    Hold,
    /// Neither reads nor says anything more.
    Stall,
    /// Ends the connection as TLS and TCP want it ended.
    Finish,
}

/// Another path than any that the till knows; a request that comes there was sent by a redirect.
pub(super) const ELSEWHERE: &str = "/charge-again";

/// Between two bytes of a slow answer.
const DRIP: Duration = Duration::from_millis(20);

/// An other side that is up, until it is dropped.
pub(super) struct Site {
    pub(super) base_url: String,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) ca: Ca,
    servers: Vec<Server>,
    _ports: Vec<Port>,
}

/// What keeps an address dead.
enum Port {
    NotListening(#[expect(dead_code, reason = "it is only held")] TcpSocket),
    Mute(#[expect(dead_code, reason = "they are only held")] (TcpListener, TcpStream)),
}

impl Site {
    pub(super) async fn open(side: &'static OtherSide) -> Self {
        let (base_url, addresses) = (format!("https://{HOST}/gate"), Vec::new());
        let mut site = Self { base_url, addresses, ca: Ca::new(), servers: Vec::new(), _ports: Vec::new() };
        match side {
            // A label of 64 characters: every resolver refuses it without asking the network. Under https, TLS would first.
            OtherSide::NoName => site.base_url = format!("http://{}.invalid", "a".repeat(64)),
            OtherSide::LeadsTo(sides) => {
                for side in *sides {
                    site.add(side).await;
                }
            }
            side => site.add(side).await,
        }
        site
    }

    /// The whole requests that came in anywhere.
    pub(super) fn requests(&self) -> Vec<String> {
        self.servers.iter().flat_map(Server::requests).collect()
    }

    /// Everything that came in anywhere, behind TLS.
    pub(super) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.servers.iter().flat_map(Server::heard).collect::<Vec<_>>()).into_owned()
    }

    /// The protocols that were agreed upon by ALPN.
    pub(super) fn protocols(&self) -> Vec<Vec<u8>> {
        self.servers.iter().flat_map(Server::protocols).collect()
    }

    async fn add(&mut self, side: &'static OtherSide) {
        let (tls, script) = match side {
            OtherSide::NotListening => return self.add_dead_port(),
            OtherSide::Mute => return self.add_mute_port().await,
            OtherSide::Tcp(script) => (None, *script),
            OtherSide::Tls(certificate, script) => (Some(certificate.server(&self.ca)), *script),
            OtherSide::Offers(protocols, script) => {
                let mut tls = Arc::unwrap_or_clone(Certificate::Good.server(&self.ca));
                tls.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
                (Some(Arc::new(tls)), *script)
            }
            OtherSide::NoName | OtherSide::LeadsTo(_) => panic!("an address leads to no name"),
        };
        let server = Server::start(tls, |peer| follow(script, peer)).await;
        self.addresses.push(server.address);
        self.servers.push(server);
    }

    fn add_dead_port(&mut self) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        self.addresses.push(socket.local_addr().unwrap());
        self._ports.push(Port::NotListening(socket));
    }

    async fn add_mute_port(&mut self) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        // The kernel takes one connection into the queue.
        let waiting = TcpStream::connect(address).await.unwrap();
        self.addresses.push(address);
        self._ports.push(Port::Mute((listener, waiting)));
    }
}

impl Certificate {
    fn server(self, ca: &Ca) -> Arc<ServerConfig> {
        match self {
            Self::Good => ca.server(HOST, |_| ()),
            Self::WrongHost => ca.server("pay.example.net", |_| ()),
            Self::Expired => ca.server(HOST, |params| params.not_after = date_time_ymd(2001, 1, 1)),
            Self::NotYetValid => ca.server(HOST, |params| params.not_before = date_time_ymd(2100, 1, 1)),
            Self::SelfSigned => self_signed(HOST),
            Self::Stranger => Ca::new().server(HOST, |_| ()),
        }
    }
}

async fn follow(script: &'static [Step], mut peer: Peer) {
    let mut steps = script.iter();
    while let Some(step) = steps.next() {
        let goes_on = match *step {
            Step::Hear => peer.hear().await,
            Step::Request => peer.request().await,
            Step::Send(bytes) => peer.send(bytes).await,
            Step::Repeat(bytes, times) => peer.send(bytes.repeat(times)).await,
            Step::Forever(bytes) => loop {
                if !peer.send(bytes).await {
                    break false;
                }
            },
            Step::Drip(bytes) => loop {
                if !peer.send(bytes).await {
                    break false;
                }
                tokio::time::sleep(DRIP).await;
            },
            Step::Redirect(status) => peer.answer(&status.to_string(), &format!("location: {ELSEWHERE}\r\n"), "").await,
            Step::Again => {
                steps = script.iter();
                true
            }
            Step::Hold => return peer.hold().await,
            Step::Stall => std::future::pending().await,
            Step::Finish => return peer.finish().await,
        };
        if !goes_on {
            return;
        }
    }
}
