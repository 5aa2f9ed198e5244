//! Why a request is refused, and with what status and words.

use http::StatusCode;
use serde_json::json;

use crate::csrf;
use crate::password::HashError;
use crate::rest::form::TooMany;
use crate::rest::reply::Reply;
use crate::store::StoreError;
use crate::validate::FieldErrors;

/// Every way a request can fail. None of them is a 500 (HTTP-5).
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("Could not satisfy the request Accept header.")]
    NotAcceptable,
    #[error("CSRF Failed: {0}")]
    Csrf(#[from] csrf::Refusal),
    #[error("Authentication credentials were not provided.")]
    NotAuthenticated,
    #[error("Method \"{0}\" not allowed.")]
    MethodNotAllowed(String),
    /// The id in the path is none.
    #[error("Not found.")]
    NotFound,
    /// Unknown, or somebody else's: which of both is not said.
    #[error("No {0} matches the given query.")]
    NoMatch(&'static str),
    #[error("{0}")]
    Parse(String),
    #[error("Unsupported media type \"{0}\" in request.")]
    UnsupportedMediaType(String),
    #[error("Request body exceeded the server's limit.")]
    TooLarge,
    /// The client broke off, or fell silent.
    #[error("The request body is incomplete.")]
    Unfinished,
    #[error("the data is not valid")]
    Invalid(FieldErrors),
    #[error("the credentials are wrong")]
    InvalidCredentials,
    /// An HTML page instead of DRF's answer.
    #[error("the form has too many fields")]
    TooManyFields,
    /// As before, for a session that was deleted while its user logged in again.
    #[error("the session was deleted meanwhile")]
    SessionInterrupted,
    /// The store or the hasher cannot do it now.
    #[error("The server cannot answer at the moment.")]
    Unavailable,
}

impl Refusal {
    /// The answer that says so.
    pub(crate) fn into_reply(self) -> Reply {
        match self {
            Self::Invalid(errors) => Reply::json(StatusCode::BAD_REQUEST, &errors),
            Self::InvalidCredentials => Reply::json(
                StatusCode::UNAUTHORIZED,
                &json!({"error": "Invalid credentials"}),
            ),
            Self::TooManyFields | Self::SessionInterrupted => Reply::bad_request_page(),
            other => Reply::json(other.status(), &json!({"detail": other.to_string()})),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::Csrf(_) | Self::NotAuthenticated => StatusCode::FORBIDDEN,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotFound | Self::NoMatch(_) => StatusCode::NOT_FOUND,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::InvalidCredentials => StatusCode::UNAUTHORIZED,
            Self::Parse(_)
            | Self::Unfinished
            | Self::Invalid(_)
            | Self::TooManyFields
            | Self::SessionInterrupted => StatusCode::BAD_REQUEST,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request could not be answered");
        Self::Unavailable
    }
}

impl From<HashError> for Refusal {
    fn from(error: HashError) -> Self {
        tracing::warn!(%error, "a request could not be answered");
        Self::Unavailable
    }
}

impl From<FieldErrors> for Refusal {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<TooMany> for Refusal {
    fn from(_: TooMany) -> Self {
        Self::TooManyFields
    }
}
