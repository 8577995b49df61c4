//! Servers on the loopback that misbehave as a test tells them, and keep what they heard.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// A certificate authority that only tests trust.
pub(crate) struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A TLS server for `name`, its certificate changed by `change`.
    pub(crate) fn server(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        server(&certificate, &key)
    }
}

/// A TLS server for `name` for which nobody but itself vouches.
pub(crate) fn self_signed(name: &str) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap();
    server(&certificate, &key)
}

fn server(certificate: &Certificate, key: &KeyPair) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    Arc::new(builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap())
}

/// What was read on all connections, behind TLS.
#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    requests: Vec<String>,
    protocols: Vec<Vec<u8>>,
}

/// A server, until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    heard: Arc<Mutex<Heard>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Gives every connection to `treat`, behind TLS if `tls` is there.
    pub(crate) async fn start<F, T>(tls: Option<Arc<ServerConfig>>, treat: F) -> Self
    where
        F: Fn(Peer) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, heard) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let (count, ears, treat) = (Arc::clone(&connections), Arc::clone(&heard), Arc::new(treat));
        let task = tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                let (tls, ears, treat) = (tls.clone(), Arc::clone(&ears), Arc::clone(&treat));
                tokio::spawn(async move {
                    if let Some(stream) = open(tcp, tls, &ears).await {
                        treat(Peer { number, stream, heard: ears, last: String::new() }).await;
                    }
                });
            }
        });
        Self { address, connections, heard, task }
    }

    /// How many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Everything read, whole requests or not.
    pub(crate) fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap().bytes.clone()
    }

    /// The protocols agreed upon by ALPN.
    pub(crate) fn protocols(&self) -> Vec<Vec<u8>> {
        self.heard.lock().unwrap().protocols.clone()
    }

    /// The whole requests read.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.heard.lock().unwrap().requests.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

async fn open(tcp: TcpStream, tls: Option<Arc<ServerConfig>>, heard: &Mutex<Heard>) -> Option<Box<dyn Stream>> {
    let Some(config) = tls else { return Some(Box::new(tcp)) };
    let stream = TlsAcceptor::from(config).accept(tcp).await.ok()?;
    if let Some(protocol) = stream.get_ref().1.alpn_protocol() {
        heard.lock().unwrap().protocols.push(protocol.to_vec());
    }
    Some(Box::new(stream))
}

/// One connection, as the server sees it.
pub(crate) struct Peer {
    /// 1 for the server's first.
    pub(crate) number: usize,
    stream: Box<dyn Stream>,
    heard: Arc<Mutex<Heard>>,
    last: String,
}

impl Peer {
    /// Reads one request, head and body. False at the end of the connection.
    pub(crate) async fn request(&mut self) -> bool {
        let mut request = Vec::new();
        while !is_whole(&request) {
            let mut buffer = [0; 4096];
            let Ok(read @ 1..) = self.stream.read(&mut buffer).await else { return false };
            request.extend_from_slice(&buffer[..read]);
            self.heard.lock().unwrap().bytes.extend_from_slice(&buffer[..read]);
        }
        self.last = String::from_utf8_lossy(&request).into_owned();
        self.heard.lock().unwrap().requests.push(self.last.clone());
        true
    }

    /// The last whole request on this connection.
    pub(crate) fn last_request(&self) -> &str {
        &self.last
    }

    /// Reads whatever comes first.
    pub(crate) async fn hear(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let Ok(read @ 1..) = self.stream.read(&mut buffer).await else { return false };
        self.heard.lock().unwrap().bytes.extend_from_slice(&buffer[..read]);
        true
    }

    /// Sends `bytes` as they stand.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok() && self.stream.flush().await.is_ok()
    }

    /// Sends a whole answer.
    pub(crate) async fn answer(&mut self, status: &str, headers: &str, body: &str) -> bool {
        let length = body.len();
        self.send(format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")).await
    }

    /// Ends the connection as TLS and TCP want it ended.
    pub(crate) async fn finish(mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// Reads until the other side ends the connection.
    pub(crate) async fn hold(mut self) {
        while self.request().await {}
    }
}

/// Whether `bytes` are a head and the body that it announces.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    body.len() >= length
}
