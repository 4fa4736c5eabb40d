//! A certificate for `localhost`, valid until 2120. It signs itself; it was made with `openssl req` and `openssl ca
//! -selfsign`. The key protects nothing.

use std::sync::Arc;

use tokio_rustls::rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBhDCCASugAwIBAgIUavHzN9aJR77wMF+0Qf97h+RaCIEwCgYIKoZIzj0EAwIw
HjEcMBoGA1UEAwwTY291bnRlcnNpZ24ncyB0ZXN0czAgFw0yMDAxMDEwMDAwMDBa
GA8yMTIwMDEwMTAwMDAwMFowHjEcMBoGA1UEAwwTY291bnRlcnNpZ24ncyB0ZXN0
czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKVbwSKVcW+9Vxhn4xD28y8bU3lH
sbNBuOH39YPT6K/1JN261Pr/OR5kbQiQi8l+04GIql58Db+64/GdzPYMUkujRTBD
MBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAMBgNVHRMBAf8EAjAAMB0GA1UdDgQWBBQd
KVqK4B8INWPjXU0Tj8jI/+PuGjAKBggqhkjOPQQDAgNHADBEAiApSKneAP4ERNmy
PSsSL+fQq2vXifEWvXJDnF+X2dDBOQIgK9pOtjExs9T6qDVw4wNZXR7UICPor/Ep
rQbIehneT78=
-----END CERTIFICATE-----
";

const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgU+QIIGDjUSvoNOa0
+7Y3gaKNA3lTDQSjfP01MTteFfahRANCAASlW8EilXFvvVcYZ+MQ9vMvG1N5R7Gz
Qbjh9/WD0+iv9STdutT6/zkeZG0IkIvJftOBiKpefA2/uuPxncz2DFJL
-----END PRIVATE KEY-----
";

pub(crate) struct Localhost;

pub(crate) static OURS: Localhost = Localhost;

impl Localhost {
    pub(crate) fn pem(&self) -> &'static str {
        CERTIFICATE
    }

    /// Creates the settings of a server of this host.
    pub(crate) fn server_of(&self, host: &str) -> Arc<ServerConfig> {
        assert_eq!(host, "localhost", "the only name in the certificate");
        let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).expect("a certificate");
        let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a certificate and its key");
        Arc::new(config)
    }
}
