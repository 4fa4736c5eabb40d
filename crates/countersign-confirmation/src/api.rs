//! One request to an API, within limits: it must not reach other hosts, nor use unlimited memory.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{
    Client, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, HeaderValue},
};
use tokio::{sync::Semaphore, time::timeout};

use crate::api_error::{ApiError, ApiErrorKind};

/// How large an answer may be, in bytes.
const ANSWER_LIMIT: usize = 64 * 1024;

/// A client of an API at one host.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) client: Client,
    pub(crate) base: Url,
    pub(crate) key: HeaderValue,
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) timeout: Duration,
}

impl Api {
    /// Returns the JSON at the base URL and these path segments, or `None` if the API does not know
    /// it.
    ///
    /// The time limit covers everything: the wait for a permit, the connection, the head and the
    /// body.
    pub(crate) async fn get(&self, segments: &[&str]) -> Result<Option<Vec<u8>>, ApiError> {
        let answer = async {
            let _permit = self.permits.acquire().await.map_err(|_| ApiErrorKind::Timeout)?;
            self.ask(segments).await
        };
        timeout(self.timeout, answer).await.unwrap_or_else(|_| Err(ApiErrorKind::Timeout.into()))
    }

    async fn ask(&self, segments: &[&str]) -> Result<Option<Vec<u8>>, ApiError> {
        let mut url = self.base.clone();
        // Each segment is escaped, so that none can add to the path. A base with a host always has a path.
        url.path_segments_mut().map_err(|()| ApiErrorKind::Unreachable)?.pop_if_empty().extend(segments);
        let request = self.client.get(url).header(AUTHORIZATION, &self.key).header(ACCEPT, "application/json");
        let mut answer = request.send().await.map_err(|_| ApiErrorKind::Unreachable)?;
        let status = answer.status();
        let undecided = match status {
            StatusCode::OK => None,
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(ApiErrorKind::KeyRejected),
            StatusCode::TOO_MANY_REQUESTS => Some(ApiErrorKind::RateLimited),
            other if other.is_redirection() => Some(ApiErrorKind::Redirected),
            _ => Some(ApiErrorKind::Status),
        };
        if let Some(kind) = undecided {
            return Err(ApiError::answered(kind, status.as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| ApiErrorKind::Unreachable)? {
            if chunk.len() > ANSWER_LIMIT.saturating_sub(body.len()) {
                return Err(ApiError::answered(ApiErrorKind::TooLarge, status.as_u16()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Some(body))
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("base", &self.base.as_str()).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
