//! Request bodies: taken in up to the limit, and read as what their `Content-Type` says, as DRF does.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use http::request::Parts;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout, timeout_at};

use crate::json;
use crate::rest::charset::Charset;
use crate::rest::form::{self, Input};
use crate::rest::headers::joined;
use crate::rest::media_type::MediaType;
use crate::rest::multipart::{self, MultipartError};
use crate::rest::refusal::Refusal;
use crate::validate::{Body as Data, Form, FormValue};

/// A body that has been received, not yet looked into.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    bytes: Bytes,
    content_type: String,
}

/// What a body says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    /// DRF's `request.data`.
    pub(crate) data: Data,
    /// The field `csrfmiddlewaretoken` of a form.
    pub(crate) csrf_token: Option<String>,
}

/// Takes a body in, whatever it is for: like Daphne, nothing is answered before it is complete.
///
/// # Errors
/// [`Refusal::TooLarge`] as soon as it is known that there are more than `limit` bytes;
/// [`Refusal::Unfinished`] if the client breaks off, or falls silent.
pub(crate) async fn receive(
    head: &Parts,
    mut body: Body,
    limit: usize,
) -> Result<Received, Refusal> {
    let declared = head
        .headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let deadline = Instant::now() + WHOLE_BODY;
    let mut bytes = BytesMut::new();
    let mut too_large = declared.is_some_and(|length| length > limit as u64);
    while !too_large {
        let next = timeout(PATIENCE, timeout_at(deadline, body.frame())).await;
        let next = next.map_err(|_| Refusal::Unfinished)?;
        let Some(frame) = next.map_err(|_| Refusal::Unfinished)? else {
            break;
        };
        let Ok(data) = frame.map_err(|_| Refusal::Unfinished)?.into_data() else {
            continue;
        };
        too_large = data.len() > limit - bytes.len();
        bytes.extend_from_slice(&data);
    }
    if too_large {
        if !head.headers.contains_key(EXPECT) {
            tokio::spawn(linger(body));
        }
        return Err(Refusal::TooLarge);
    }
    // Without a declared length DRF takes the body for empty, so chunked ones say nothing.
    let bytes = if declared.is_some() {
        bytes.freeze()
    } else {
        Bytes::new()
    };
    Ok(Received {
        bytes,
        content_type: joined(&head.headers, &CONTENT_TYPE).unwrap_or_default(),
    })
}

impl Received {
    /// The `Content-Type` as it came.
    pub(crate) fn content_type(&self) -> &str {
        &self.content_type
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads it by its media type. Long ones are read off the async threads.
    ///
    /// # Errors
    /// [`Refusal::UnsupportedMediaType`], [`Refusal::Parse`], [`Refusal::TooManyFields`].
    pub(crate) async fn read(&self) -> Result<Read, Refusal> {
        if self.bytes.len() < LONG {
            return self.parse();
        }
        let own = self.clone();
        tokio::task::spawn_blocking(move || own.parse())
            .await
            .map_err(|_| Refusal::Unavailable)?
    }

    fn parse(&self) -> Result<Read, Refusal> {
        let media_type = MediaType::parse(&self.content_type);
        if self.bytes.is_empty() {
            return Ok(match media_type.full.as_str() {
                FORM | MULTIPART => Read::form(Vec::new()),
                _ => Read::json(Data::empty()),
            });
        }
        let charset = media_type
            .parameter("charset")
            .map_or(Charset::Utf8, Charset::named);
        if media_type.covers(JSON) {
            let unreadable = || {
                Refusal::Parse("JSON parse error - the body is not text in its charset".to_owned())
            };
            let text = charset.decode(&self.bytes).ok_or_else(unreadable)?;
            let value = json::parse(&text)
                .map_err(|error| Refusal::Parse(format!("JSON parse error - {error}")))?;
            Ok(Read::json(value.into()))
        } else if media_type.covers(FORM) {
            Ok(Read::form(form::parse(&self.bytes, charset)?))
        } else if media_type.covers(MULTIPART) {
            let inputs = multipart::parse(&self.bytes, &self.content_type, charset);
            Ok(Read::form(inputs.map_err(|error| match error {
                MultipartError::Malformed(why) => {
                    Refusal::Parse(format!("Multipart form parse error - {why}"))
                }
                MultipartError::TooMany => Refusal::TooManyFields,
            })?))
        } else {
            Err(Refusal::UnsupportedMediaType(self.content_type.clone()))
        }
    }
}

impl Read {
    fn json(data: Data) -> Self {
        Self {
            data,
            csrf_token: None,
        }
    }

    fn form(inputs: Vec<Input>) -> Self {
        let csrf_token = inputs.iter().rev().find_map(|(name, value)| match value {
            FormValue::Text(text) if name == "csrfmiddlewaretoken" => Some(text.clone()),
            _ => None,
        });
        Self {
            data: Data::Form(Form::new(inputs)),
            csrf_token,
        }
    }
}

/// Swallows a little of what a refused client is still sending: were the connection closed over unread
/// bytes, TCP would reset it, and the client might never see the answer.
async fn linger(mut body: Body) {
    let mut left = LINGER_BYTES;
    let swallow = async {
        while let Some(Ok(frame)) = body.frame().await {
            let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else {
                break;
            };
            left = rest;
        }
    };
    let _ = timeout(LINGER_TIME, swallow).await;
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";
/// From this length on, reading a body takes longer than an async thread should be held.
const LONG: usize = 64 * 1024;
/// How long a client may send nothing in the middle of a body.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the whole of a body may take: 8 MiB at a modem's pace, not a byte a second.
const WHOLE_BODY: Duration = Duration::from_secs(300);
const LINGER_BYTES: usize = 64 * 1024 * 1024;
const LINGER_TIME: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn read(content_type: &str, body: &[u8]) -> Result<Read, Refusal> {
        Received {
            bytes: Bytes::copy_from_slice(body),
            content_type: content_type.to_owned(),
        }
        .parse()
    }

    fn is_json(read: &Read) -> bool {
        matches!(read.data, Data::Json(_))
    }

    #[test]
    fn the_first_parser_that_the_type_covers_reads_it() {
        for content_type in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "*/*",
            "application/*",
        ] {
            assert!(
                is_json(&read(content_type, b"{}").unwrap()),
                "{content_type}"
            );
        }
        for content_type in [FORM, "*/x-www-form-urlencoded"] {
            assert!(
                !is_json(&read(content_type, b"{}").unwrap()),
                "{content_type}"
            );
        }
        for content_type in ["", "text/plain", "application/json,application/json"] {
            let error = read(content_type, b"{}").unwrap_err();
            assert!(matches!(error, Refusal::UnsupportedMediaType(given) if given == content_type));
        }
    }

    #[test]
    fn no_body_is_no_error_whatever_the_type() {
        for content_type in ["", "text/plain", "application/json", FORM, MULTIPART] {
            assert_eq!(
                is_json(&read(content_type, b"").unwrap()),
                !matches!(content_type, FORM | MULTIPART)
            );
        }
    }

    #[test]
    fn json_that_is_not_json_says_so() {
        for (content_type, body) in [
            ("application/json", &b"{bad"[..]),
            ("application/json", b"\xff"),
            ("application/json", b"\xef\xbb\xbf{}"),
            ("application/json", b"NaN"),
            ("application/json; charset=ascii", "\"é\"".as_bytes()),
        ] {
            let error = read(content_type, body).unwrap_err();
            assert!(matches!(error, Refusal::Parse(why) if why.starts_with("JSON parse error - ")));
        }
    }

    #[tokio::test]
    async fn a_long_body_is_refused_before_its_end() {
        let endless = futures_util::stream::repeat_with(|| {
            Ok::<_, std::io::Error>(Bytes::from_static(&[0; 1000]))
        });
        let (head, body) = http::Request::new(Body::from_stream(endless)).into_parts();
        assert!(matches!(
            receive(&head, body, 10_000).await,
            Err(Refusal::TooLarge)
        ));

        let (head, body) = http::Request::builder()
            .header(CONTENT_LENGTH, 11)
            .body(Body::empty())
            .unwrap()
            .into_parts();
        assert!(matches!(
            receive(&head, body, 10).await,
            Err(Refusal::TooLarge)
        ));
    }
}
