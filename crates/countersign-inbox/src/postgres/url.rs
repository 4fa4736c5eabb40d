//! The URL of a server, and whether it is reached over TLS.

use std::{path::PathBuf, time::Duration};

use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

use crate::error::{StoreError, StoreErrorKind::Unusable};

/// A server.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

/// Whether the connection is encrypted. If it is, the certificate is verified, and the host's name with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tls {
    Off,
    /// With the roots in this file; `None`: those of the system.
    Verified(Option<PathBuf>),
}

/// Reads a URL. No error has a part of it, because it has a password.
pub(super) fn read(url: &str, deadline: Duration) -> Result<Target, StoreError> {
    let malformed = || unusable("the URL of the inbox cannot be read: write `postgres://user:password@host/database`");
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(malformed());
    }
    let (rest, mode, roots) = without_tls(url);
    let mut config: Config = rest.parse().map_err(|_| malformed())?;
    let tls = match mode.as_deref() {
        _ if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() => return Err(malformed()),
        None if is_here(&config) => Tls::Off,
        Some("disable") => Tls::Off,
        None | Some("require" | "verify-ca" | "verify-full") => Tls::Verified(roots),
        Some(_) => {
            return Err(unusable(
                "the URL of the inbox has an `sslmode` that leaves it to the network whether the connection is safe: \
                 write `require` (the certificate is verified) or `disable`",
            ));
        }
    };
    config.ssl_mode(if tls == Tls::Off { SslMode::Disable } else { SslMode::Require });
    let hosts = u32::try_from(config.get_hosts().len().max(config.get_hostaddrs().len())).unwrap_or(u32::MAX).max(1);
    if hosts > 1 {
        // Of several, the one that is the primary now.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    // The first one may be off, and a deadline is enough for all.
    let each = deadline.checked_div(hosts).unwrap_or(deadline);
    config.connect_timeout(config.get_connect_timeout().map_or(each, |given| each.min(*given)));
    // The server may vanish with something unanswered, such as a COMMIT. (And by keep-alives, who only listens notices.)
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(60));
    }
    config.keepalives_idle(Duration::from_secs(30)).keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
    if config.get_application_name().is_none() {
        config.application_name("countersign-inbox");
    }
    Ok(Target { config, tls })
}

/// Whether the server is on this machine.
fn is_here(config: &Config) -> bool {
    let is_here = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    config.get_hosts().iter().all(is_here) && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

/// Takes `sslmode` and `sslrootcert` out of a URL.
fn without_tls(url: &str) -> (String, Option<String>, Option<PathBuf>) {
    // A password may have a question mark, and ends at the first `@`.
    let authority = url.find('@').unwrap_or_default();
    let Some((before, parameters)) = url.get(authority..).and_then(|rest| rest.split_once('?')) else {
        return (url.to_owned(), None, None);
    };
    let (mut mode, mut roots, mut others) = (None, None, Vec::new());
    for parameter in parameters.split('&') {
        match parameter.split_once('=') {
            Some(("sslmode", value)) => mode = Some(decoded(value)),
            // What libpq calls the roots of the system.
            Some(("sslrootcert", "system")) => roots = None,
            Some(("sslrootcert", value)) => roots = Some(decoded(value).into()),
            _ => others.push(parameter),
        }
    }
    let mut rest = format!("{}{before}", url.get(..authority).unwrap_or_default());
    if !others.is_empty() {
        rest = format!("{rest}?{}", others.join("&"));
    }
    (rest, mode, roots)
}

/// Decodes `%2F` and the like; what is malformed stays.
fn decoded(value: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), value.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) if byte == b'%' => {
                bytes.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn unusable(message: impl Into<String>) -> StoreError {
    StoreError::new(Unusable, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_is_reached_over_tls_unless_the_url_says_no() {
        for (url, expected) in [
            ("postgres://u:p@localhost/db", Tls::Off),
            ("postgres://u:p@127.0.0.1:5433/db", Tls::Off),
            ("postgresql://u@[::1]/db", Tls::Off),
            ("postgres://u@%2Fvar%2Frun%2Fpostgresql/db", Tls::Off),
            ("postgres://u:p@localhost,db.example/db", Tls::Verified(None)),
            ("postgres://u:p@db.example/db", Tls::Verified(None)),
            ("postgres://u:p@localhost.example/db", Tls::Verified(None)),
            ("postgres://u:p@localhost/db?sslmode=require", Tls::Verified(None)),
            ("postgres://u:p@db.example/db?sslmode=verify-full&sslrootcert=system", Tls::Verified(None)),
            ("postgres://u:p@db.example/db?sslrootcert=%2Fetc%2Fca.pem", Tls::Verified(Some("/etc/ca.pem".into()))),
            ("postgres://u:p@db.example/db?sslmode=disable", Tls::Off),
            ("postgres://u:p?sslmode=disable@db.example/db", Tls::Verified(None)),
        ] {
            let target = read(url, Duration::from_secs(5)).unwrap();
            assert_eq!(target.tls, expected, "{url}");
            let mode = if expected == Tls::Off { SslMode::Disable } else { SslMode::Require };
            assert_eq!(target.config.get_ssl_mode(), mode, "{url}");
        }
        let url = "postgres://u:p%3F@db.example:1/db?sslmode=require&connect_timeout=2&application_name=me";
        let Target { config, .. } = read(url, Duration::from_secs(5)).unwrap();
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(2)));
        assert_eq!((config.get_application_name(), config.get_password()), (Some("me"), Some(&b"p?"[..])));
        assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::Any);
        // Of several, the primary is looked for.
        let Target { config, .. } = read("postgres://u@a.example,b.example/db", Duration::from_secs(5)).unwrap();
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_millis(2_500)));
        assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_it() {
        let malformed = "the URL of the inbox cannot be read: write `postgres://user:password@host/database`";
        let mode = "the URL of the inbox has an `sslmode` that leaves it to the network whether the connection is \
                    safe: write `require` (the certificate is verified) or `disable`";
        for (url, expected) in [
            ("mysql://u:hunter2@h/db", malformed),
            ("postgres://u:hunter2@h:port/db", malformed),
            ("postgres://u:hunter2@h/db?hunter2=1", malformed),
            ("postgres://u:hunter2", malformed),
            ("postgres:///db", malformed),
            ("postgres://u:hunter2@h/db?sslmode=prefer", mode),
            ("postgres://u:hunter2@h/db?sslmode=hunter2", mode),
        ] {
            let error = read(url, Duration::from_secs(5)).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.kind()), (expected, Unusable), "{url}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
