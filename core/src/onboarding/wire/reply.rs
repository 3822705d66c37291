//! What a reply says. Its size has been bounded, its HTTP status has been looked at.

use crate::json::Object;
use crate::prospect::shows;

/// What a reply says of its call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict<T> {
    /// Yes, with what the operation gives.
    Done(T),
    /// No, in the service's documented way.
    Refused(Refusal),
    /// Neither: what became of the call is not known from this.
    Unusable,
}

impl<T> Verdict<T> {
    pub(in crate::onboarding) fn and_then<U>(self, next: impl FnOnce(T) -> Verdict<U>) -> Verdict<U> {
        match self {
            Verdict::Done(done) => next(done),
            Verdict::Refused(refusal) => Verdict::Refused(refusal),
            Verdict::Unusable => Verdict::Unusable,
        }
    }
}

/// A no.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `opstatus_8009` or `http_400`. Made of digits: safe to log.
    pub code: String,
    /// What it was made of.
    pub tail: Tail,
    /// The server's words (`errmsg`), for the officer's eyes; no document shows any. At most 500 characters.
    pub words: String,
}
shows!(Refusal { code });

impl Refusal {
    /// Is it the session? The seed has no word for that; HTTP's own, 401, is taken for it.
    #[must_use]
    pub fn sign_in(&self) -> bool {
        self.tail.http_status_code == Some(401)
    }

    /// Does the service say that something behind it broke (500 and up)? It is a no like any other by the contract, but
    /// not one that proves that nothing was done: for what must never happen twice that is a doubt.
    #[must_use]
    pub fn broke(&self) -> bool {
        self.tail.http_status_code.is_some_and(|code| code >= 500)
    }
}

/// What every reply of this service says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tail {
    /// `opstatus`: 0 is a yes.
    pub opstatus: Option<i64>,
    /// `httpStatusCode`: 0 and 200 are a yes, 400 and up a no.
    pub http_status_code: Option<i64>,
}

impl Tail {
    /// Yes (`Ok`), no (`Err` with its code), or neither (`None`).
    #[must_use]
    pub fn judge(self) -> Option<Result<(), String>> {
        match (self.opstatus, self.http_status_code) {
            (Some(opstatus), _) if opstatus != 0 => Some(Err(format!("opstatus_{opstatus}"))),
            (_, Some(http)) if http >= 400 => Some(Err(format!("http_{http}"))),
            (Some(_), None) | (_, Some(0 | 200..=299)) => Some(Ok(())),
            (_, None | Some(_)) => None,
        }
    }
}

/// What createProspectProfile gives.
#[derive(Clone, PartialEq, Eq)]
pub struct Created {
    /// `Application_id`.
    pub application_id: String,
    /// `Party_Id`, where it was given.
    pub party_id: Option<String>,
}
shows!(Created {});

/// What uploadDocument gives.
#[derive(Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// `documentId`, where it was given.
    pub document_id: Option<String>,
}
shows!(Uploaded {});

/// What updateUserAction gives.
#[derive(Clone, PartialEq, Eq)]
pub struct Answered {
    /// `id`, where it was given.
    pub id: Option<String>,
}
shows!(Answered {});

/// Reads the reply of createProspectProfile. A yes without an `Application_id`, and a no with one, are neither.
#[must_use]
pub fn created(body: &[u8]) -> Verdict<Created> {
    let Some(reply) = Object::read(body) else { return Verdict::Unusable };
    let application_id = reply.text("Application_id");
    match (judged(&reply), application_id) {
        (Verdict::Done(()), Some(application_id)) => {
            let party_id = reply.any(&["Party_Id", "/Party_Id", "PartyId", "Party_id"]);
            Verdict::Done(Created { application_id, party_id })
        }
        (Verdict::Refused(refusal), None) => Verdict::Refused(refusal),
        _ => Verdict::Unusable,
    }
}

/// Reads the reply of updateProspectProfile.
#[must_use]
pub fn updated(body: &[u8]) -> Verdict<()> {
    Object::read(body).map_or(Verdict::Unusable, |reply| judged(&reply))
}

/// Reads the reply of uploadDocument to the paper that was sent as `client_id`, its `fileClientId`. A yes that does not
/// speak of exactly this one is neither yes nor no; nor is a no that gives it a `documentId`.
#[must_use]
pub fn uploaded(body: &[u8], client_id: i64) -> Verdict<Uploaded> {
    let Some(reply) = Object::read(body) else { return Verdict::Unusable };
    let document_id = paper(&reply, client_id).map(|paper| paper.text("documentId"));
    match (judged(&reply), document_id) {
        (Verdict::Done(()), Some(document_id)) => Verdict::Done(Uploaded { document_id }),
        (Verdict::Refused(refusal), None | Some(None)) => Verdict::Refused(refusal),
        _ => Verdict::Unusable,
    }
}

/// Reads the reply of updateUserAction.
#[must_use]
pub fn answered(body: &[u8]) -> Verdict<Answered> {
    let Some(reply) = Object::read(body) else { return Verdict::Unusable };
    judged(&reply).and_then(|()| Verdict::Done(Answered { id: reply.text("id") }))
}

/// The one entry of `Response` with that id. None, or several, is none.
fn paper(reply: &Object, client_id: i64) -> Option<Object> {
    let papers: Vec<Object> = serde_json::from_str(reply.get("Response")?).ok()?;
    let mut ours = papers.into_iter().filter(|paper| paper.whole("fileClientId") == Ok(Some(client_id)));
    ours.next().filter(|_| ours.next().is_none())
}

/// Yes, no, or neither.
pub(in crate::onboarding) fn judged(reply: &Object) -> Verdict<()> {
    let (Ok(opstatus), Ok(http_status_code)) = (reply.whole("opstatus"), reply.whole("httpStatusCode"))
    else {
        return Verdict::Unusable;
    };
    let tail = Tail { opstatus, http_status_code };
    match tail.judge() {
        Some(Ok(())) => Verdict::Done(()),
        Some(Err(code)) => {
            let words = reply.text("errmsg").unwrap_or_default().chars().take(500).collect();
            Verdict::Refused(Refusal { code, tail, words })
        }
        None => Verdict::Unusable,
    }
}
