//! Other people's errors as our [`Cause`]s. Their texts name hosts, addresses and queries, and are never kept.
//!
//! Only the words for people come from here; whether a call was executed is never read from an error.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter::successors;

use rustls::{AlertDescription, CertificateError};

use crate::world::http::{Cause, TrustProblem};

/// The innermost error that we know; a connection that just ended if there is none.
pub(crate) fn of(error: &(dyn Error + 'static)) -> Cause {
    successors(Some(error), |error| inner(*error)).filter_map(known).last().unwrap_or(Cause::Closed)
}

fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    // `source` of a wrapping io::Error skips the very error that it wraps.
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn known(error: &(dyn Error + 'static)) -> Option<Cause> {
    if let Some(cause) = error.downcast_ref::<Cause>() {
        Some(*cause)
    } else if let Some(problem) = error.downcast_ref::<TrustProblem>() {
        Some(Cause::Untrusted(*problem))
    } else if let Some(error) = error.downcast_ref::<rustls::Error>() {
        Some(tls(error))
    } else if let Some(error) = error.downcast_ref::<hyper::Error>() {
        http(error)
    } else if let Some(error) = error.downcast_ref::<reqwest::Error>() {
        error.is_timeout().then_some(Cause::Timeout)
    } else {
        error.downcast_ref::<io::Error>().map(|error| of_kind(error.kind()))
    }
}

fn of_kind(kind: ErrorKind) -> Cause {
    match kind {
        ErrorKind::TimedOut => Cause::Timeout,
        ErrorKind::ConnectionRefused
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable
        | ErrorKind::PermissionDenied => Cause::Offline,
        ErrorKind::InvalidData | ErrorKind::InvalidInput => Cause::Undecodable,
        _ => Cause::Closed,
    }
}

fn http(error: &hyper::Error) -> Option<Cause> {
    // hyper has a question for the first only in its server; a test of both transports holds on to the words.
    match error.is_parse() {
        true if error.to_string() == "message head is too large" => Some(Cause::HeadTooLong),
        true => Some(Cause::Undecodable),
        false => None,
    }
}

fn tls(error: &rustls::Error) -> Cause {
    match error {
        rustls::Error::InvalidCertificate(error) => Cause::Untrusted(certificate(error)),
        rustls::Error::NoCertificatesPresented | rustls::Error::FailedToGetCurrentTime => {
            Cause::Untrusted(TrustProblem::Other)
        }
        rustls::Error::AlertReceived(AlertDescription::CloseNotify | AlertDescription::UserCanceled)
        | rustls::Error::DecryptError => Cause::Closed,
        _ => Cause::NotTls,
    }
}

fn certificate(error: &CertificateError) -> TrustProblem {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TrustProblem::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TrustProblem::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TrustProblem::WrongHost
        }
        CertificateError::UnknownIssuer => TrustProblem::UnknownAuthority,
        CertificateError::BadSignature => TrustProblem::BadSignature,
        CertificateError::Other(other) => {
            other.0.downcast_ref::<TrustProblem>().copied().unwrap_or(TrustProblem::Other)
        }
        _ => TrustProblem::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::OtherError;
    use std::sync::Arc;

    #[test]
    fn the_innermost_known_error_counts() {
        let pin = CertificateError::Other(OtherError(Arc::new(TrustProblem::Pin)));
        let wrapped = io::Error::new(ErrorKind::InvalidData, rustls::Error::InvalidCertificate(pin));
        assert_eq!(of(&io::Error::other(wrapped)), Cause::Untrusted(TrustProblem::Pin));
        assert_eq!(of(&io::Error::other("a text")), Cause::Closed);
        assert_eq!(of(&io::Error::from(Cause::ReplyTooLong)), Cause::ReplyTooLong);
        assert_eq!(of(&io::Error::from(ErrorKind::ConnectionRefused)), Cause::Offline);
    }

    #[test]
    fn certificates_are_told_apart() {
        for (error, problem) in [
            (CertificateError::Expired, TrustProblem::Expired),
            (CertificateError::NotValidYet, TrustProblem::NotYetValid),
            (CertificateError::NotValidForName, TrustProblem::WrongHost),
            (CertificateError::UnknownIssuer, TrustProblem::UnknownAuthority),
            (CertificateError::Revoked, TrustProblem::Other),
        ] {
            assert_eq!(of(&rustls::Error::InvalidCertificate(error)), Cause::Untrusted(problem));
        }
    }
}
