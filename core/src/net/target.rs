//! Where a call goes, and the part of its request that both transports share.

use std::net::{IpAddr, SocketAddr};

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use rustls::pki_types::ServerName;
use url::{Host, Position, Url};

use crate::world::http::{Cause, Method, Secret, Setting};

/// More addresses than this are not tried: each would get too small a share of the time.
const ADDRESSES: usize = 8;

/// Set by the transport, or apt to change what "the body's last byte" means.
const OURS: [HeaderName; 10] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::EXPECT,
    header::TE,
    header::TRAILER,
    header::ACCEPT_ENCODING,
    header::PROXY_AUTHORIZATION,
];

/// A checked URL. No `Debug`: the query may hold a session.
pub(crate) struct Target {
    url: Url,
    host: Host<String>,
    port: u16,
    /// Plain HTTP, to this machine only.
    pub(crate) plain: bool,
}

impl Target {
    pub(crate) fn parse(url: &Secret<String>) -> Result<Self, Setting> {
        let url = Url::parse(url.reveal()).map_err(|_| Setting::Url)?;
        let (Some(host), Some(port)) = (url.host().map(|host| host.to_owned()), url.port_or_known_default())
        else {
            return Err(Setting::Url);
        };
        let plain = match url.scheme() {
            "https" => false,
            "http" if is_this_machine(&host) => true,
            "http" => return Err(Setting::PlainHttp),
            _ => return Err(Setting::Url),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Setting::Url);
        }
        Ok(Self { url, host, port, plain })
    }

    /// At least one address to try.
    pub(crate) async fn addresses(&self) -> Result<Vec<SocketAddr>, Cause> {
        let name = match &self.host {
            Host::Ipv4(ip) => return Ok(vec![((*ip), self.port).into()]),
            Host::Ipv6(ip) => return Ok(vec![((*ip), self.port).into()]),
            Host::Domain(name) => name.as_str(),
        };
        let found = tokio::net::lookup_host((name, self.port)).await.map_err(|_| Cause::Dns)?;
        let found = found.filter(|address| !self.plain || address.ip().is_loopback());
        let found: Vec<_> = found.take(ADDRESSES).collect();
        if found.is_empty() { Err(Cause::Dns) } else { Ok(found) }
    }

    /// The name that the certificate must have.
    pub(crate) fn server_name(&self) -> Result<ServerName<'static>, Setting> {
        match &self.host {
            Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| Setting::Url),
            Host::Ipv4(ip) => Ok(IpAddr::from(*ip).into()),
            Host::Ipv6(ip) => Ok(IpAddr::from(*ip).into()),
        }
    }

    /// The name, when it is one.
    pub(crate) fn domain(&self) -> Option<&str> {
        self.url.domain()
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// A request as it stands in HTTP/1.1: path and query alone, `Host` beside it.
    pub(crate) fn request<B>(
        &self,
        method: Method,
        headers: HeaderMap,
        body: B,
    ) -> Result<http::Request<B>, Setting> {
        let host = &self.url[Position::BeforeHost..Position::AfterPort];
        let mut request = http::Request::builder()
            .method(verb(method))
            .uri(&self.url[Position::BeforePath..Position::AfterQuery])
            .header(header::HOST, host)
            .header(header::CONNECTION, "close")
            .body(body)
            .map_err(|_| Setting::Url)?;
        request.headers_mut().extend(headers);
        Ok(request)
    }
}

fn is_this_machine(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

pub(crate) fn verb(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
    }
}

/// The caller's headers, checked, and the word that no reply may be compressed.
pub(crate) fn headers(given: &[(String, Secret<String>)]) -> Result<HeaderMap, Setting> {
    let mut headers = HeaderMap::with_capacity(given.len() + 1);
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for (name, value) in given {
        let name = HeaderName::try_from(name).map_err(|_| Setting::Header)?;
        if OURS.contains(&name) {
            return Err(Setting::Header);
        }
        let mut value = HeaderValue::try_from(value.reveal()).map_err(|_| Setting::Header)?;
        value.set_sensitive(true);
        headers.try_append(name, value).map_err(|_| Setting::Header)?;
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Target, Setting> {
        Target::parse(&url.into())
    }

    #[test]
    fn only_https_and_this_machine() {
        for good in
            ["https://bank.test/a?p=1", "http://localhost:9/", "http://127.0.0.9:1/", "http://[::1]:1/"]
        {
            assert!(parse(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("http://bank.test/", Setting::PlainHttp),
            ("http://10.0.0.1/", Setting::PlainHttp),
            ("http://localhost.bank.test/", Setting::PlainHttp),
            ("ftp://bank.test/", Setting::Url),
            ("https://user:word@bank.test/", Setting::Url),
            ("https:///nowhere:x", Setting::Url),
            ("bank.test/a", Setting::Url),
            ("", Setting::Url),
        ] {
            assert_eq!(parse(bad).err(), Some(why), "{bad}");
        }
    }

    #[test]
    fn a_request_names_host_and_port_and_no_fragment() {
        let target = parse("https://Bank.test:8443/api/Add?p=A%20B&msgid=x#part").unwrap();
        let request = target.request(Method::Post, headers(&[]).unwrap(), ()).unwrap();
        assert_eq!(request.uri(), "/api/Add?p=A%20B&msgid=x");
        assert_eq!(request.headers()["host"], "bank.test:8443");
        assert_eq!(request.headers()["accept-encoding"], "identity");
    }

    #[test]
    fn headers_are_checked() {
        let give = |name: &str, value: &str| headers(&[(name.to_owned(), value.into())]);
        assert!(give("apikey", "k").unwrap()["apikey"].is_sensitive());
        for (name, value) in
            [("Host", "x"), ("content-length", "1"), ("a b", "x"), ("a", "x\r\nb: y"), ("", "x")]
        {
            assert_eq!(give(name, value).err(), Some(Setting::Header), "{name}");
        }
    }
}
