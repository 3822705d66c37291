//! The way between a tablet and its bank: a relay that carries bytes on, until it is told to break.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// So much is on its way at once: small, so that a break within a request is one within what the tablet has handed over.
const ON_ITS_WAY: u32 = 8 << 10;

/// What becomes of one upload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Break {
    /// It is taken to its last byte, and nothing of it gets through; then the connection is reset.
    Swallow,
    /// So many of its bytes are taken, head included; then the connection is reset.
    After(usize),
}

/// A listening relay. Dropping it ends it.
pub struct Line {
    port: u16,
    breaks: Arc<Mutex<VecDeque<Break>>>,
    task: JoinHandle<()>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Line {
    /// A whole line to a service on this machine.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn to(base_url: &str) -> Line {
        let to = base_url.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned();
        let listener = listen().expect("it listens");
        let port = listener.local_addr().expect("an address").port();
        let breaks = Arc::new(Mutex::new(VecDeque::new()));
        let all = breaks.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (to, breaks) = (to.clone(), all.clone());
                // An error is somebody's leaving: that is what is tested.
                tokio::spawn(async move { carry(stream, &to, &breaks).await.ok() });
            }
        });
        Line { port, breaks, task }
    }

    /// Where it begins.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/api/", self.port)
    }

    /// Breaks the uploads to come, one after another.
    pub fn breaks(&self, breaks: impl IntoIterator<Item = Break>) {
        self.breaks.lock().unwrap_or_else(PoisonError::into_inner).extend(breaks);
    }

    /// How many of them are still to come.
    #[must_use]
    pub fn left(&self) -> usize {
        self.breaks.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

fn listen() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(ON_ITS_WAY)?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    socket.listen(64)
}

async fn carry(mut tablet: TcpStream, to: &str, breaks: &Mutex<VecDeque<Break>>) -> std::io::Result<()> {
    let mut first = [0; 512];
    let n = tablet.read(&mut first).await?;
    let upload = first[..n].starts_with(b"POST /api/ProspectAddV2");
    let next = upload.then(|| breaks.lock().unwrap_or_else(PoisonError::into_inner).pop_front()).flatten();
    if let Some(how) = next {
        return broken(tablet, how, first[..n].to_vec()).await;
    }
    let mut bank = TcpStream::connect(to).await?;
    bank.write_all(&first[..n]).await?;
    copy_bidirectional(&mut tablet, &mut bank).await.map(drop)
}

/// Takes what is to be taken; closing with more unread resets the connection.
async fn broken(mut tablet: TcpStream, how: Break, mut taken: Vec<u8>) -> std::io::Result<()> {
    let enough = |taken: &[u8]| match how {
        Break::After(bytes) => taken.len() >= bytes,
        Break::Swallow => whole(taken),
    };
    while !enough(&taken) {
        let mut some = [0; 1024];
        let n = tablet.read(&mut some).await?;
        if n == 0 {
            return Ok(());
        }
        taken.extend_from_slice(&some[..n]);
    }
    Ok(())
}

/// Is this a request with all of its body?
fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}
