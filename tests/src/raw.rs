//! A peer that speaks as badly as it is told to, and remembers every byte that it was sent.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What it answers to one request, before it closes the connection.
#[derive(Clone, Default)]
pub struct Answer {
    /// Sent as it is.
    pub bytes: Vec<u8>,
    /// So many bytes `A` after that, as long as the client takes them.
    pub filler: u64,
}

impl Answer {
    /// A body with status 200 and its length.
    #[must_use]
    pub fn ok(body: &[u8]) -> Answer {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        Answer { bytes: [head.as_bytes(), body].concat(), filler: 0 }
    }
}

#[derive(Default)]
struct Seen {
    bytes: Mutex<Vec<u8>>,
    wrote: AtomicU64,
}

/// A listening peer. Dropping it ends it.
pub struct Raw {
    port: u16,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Raw {
    /// Listens on a free port; `answer` is asked with the request's first line.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Raw {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
        let port = listener.local_addr().expect("an address").port();
        let (seen, answer) = (Arc::new(Seen::default()), Arc::new(answer));
        let all = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, answer) = (all.clone(), answer.clone());
                // An error is the client's leaving: that is what is tested.
                tokio::spawn(async move { serve(stream, &seen, &*answer).await.ok() });
            }
        });
        Raw { port, seen, task }
    }

    /// Where it is, under that scheme.
    #[must_use]
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}/api/", self.port)
    }

    /// Every byte that it was sent, over all connections.
    #[must_use]
    pub fn seen(&self) -> Vec<u8> {
        self.seen.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many bytes of filler were taken from it.
    #[must_use]
    pub fn wrote(&self) -> u64 {
        self.seen.wrote.load(SeqCst)
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: &Seen,
    answer: &(impl Fn(&str) -> Answer + Sync),
) -> std::io::Result<()> {
    let mut request = vec![];
    while !whole(&request) {
        let mut some = [0; 16 << 10];
        let n = stream.read(&mut some).await?;
        if n == 0 {
            return Ok(());
        }
        request.extend_from_slice(&some[..n]);
        seen.bytes.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&some[..n]);
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let Answer { bytes, mut filler } = answer(text.lines().next().unwrap_or_default());
    stream.write_all(&bytes).await?;
    let some = [b'A'; 64 << 10];
    while filler > 0 {
        let n = stream.write(&some[..filler.min(some.len() as u64) as usize]).await?;
        seen.wrote.fetch_add(n as u64, SeqCst);
        filler -= n as u64;
    }
    stream.shutdown().await
}

/// A request with all of its body; what is no HTTP (a TLS greeting) is answered as soon as it comes.
fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    if !request.is_empty() && !text.starts_with("POST ") {
        return true;
    }
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    request.len() >= head.len() + 4 + length.unwrap_or(0)
}
