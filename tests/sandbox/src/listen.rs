//! Two listeners around one router. The accept loop is written out, because a connection that is closed without an
//! answer has to be really closed.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use hyper::body::{Frame, Incoming};
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};
use tokio_rustls::TlsAcceptor;

/// Where a request came from; stands among its extensions.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) connection: u64,
    pub(crate) place: u64,
    pub(crate) tls: bool,
}

/// Among a response's extensions: close the connection without a byte.
#[derive(Clone, Copy)]
pub(crate) struct Cut;

/// Serves a listener until the runtime ends.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router, next: Arc<AtomicU64>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: give the others time to end.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let connection = next.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::spawn(connect(stream, tls.clone(), router.clone(), connection));
    }
}

async fn connect(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router, connection: u64) {
    let _ = stream.set_nodelay(true);
    match tls {
        None => speak(stream, router, connection, false).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                speak(stream, router, connection, true).await;
            }
        }
    }
}

async fn speak<S>(stream: S, router: Router, connection: u64, tls: bool)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = TowerToHyperService::new(router);
    let place = AtomicU64::new(0);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        let place = place.fetch_add(1, Ordering::Relaxed) + 1;
        request.extensions_mut().insert(Origin { connection, place, tls });
        let answer = router.call(request.map(Body::new) as Request);
        async move {
            let response: Response = answer.await.map_err(io::Error::other)?;
            match response.extensions().get::<Cut>() {
                Some(Cut) => Err(io::Error::other("the connection is to be cut")),
                None => Ok(response),
            }
        }
    });
    // An error here is a connection that was cut, by either side.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// A body in pieces, with a pause after each, and with or without its end.
pub(crate) struct Pieces {
    pieces: std::vec::IntoIter<Bytes>,
    pause: Duration,
    resting: Option<Pin<Box<Sleep>>>,
    is_cut: bool,
}

impl Pieces {
    /// Byte by byte.
    pub(crate) fn drip(body: Vec<u8>, pause: Duration) -> Pieces {
        let pieces: Vec<Bytes> = body.into_iter().map(|byte| Bytes::from(vec![byte])).collect();
        Pieces { pieces: pieces.into_iter(), pause, resting: None, is_cut: false }
    }

    /// The beginning of a body, then the connection ends.
    pub(crate) fn cut(body: &[u8], after: usize) -> Pieces {
        let begin = Bytes::copy_from_slice(&body[..after.min(body.len())]);
        // The pause lets the beginning reach the wire before the error closes the connection.
        Pieces { pieces: vec![begin].into_iter(), pause: Duration::from_millis(5), resting: None, is_cut: true }
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(rest) = self.resting.as_mut() {
            std::task::ready!(rest.as_mut().poll(cx));
            self.resting = None;
        }
        match self.pieces.next() {
            Some(piece) => {
                // Even a pause of nothing gives the piece to the wire alone.
                self.resting = Some(Box::pin(sleep(self.pause)));
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            None if self.is_cut => Poll::Ready(Some(Err(io::Error::other("the body is to be cut")))),
            None => Poll::Ready(None),
        }
    }
}
