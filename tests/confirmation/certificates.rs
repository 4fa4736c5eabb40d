//! Certificates, made anew for each run.

use std::sync::{Arc, LazyLock};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// Somebody who vouches for hosts.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// Whom the clients under test trust.
pub(crate) static OURS: LazyLock<Authority> = LazyLock::new(|| Authority::new("countersign's tests"));

/// Whom they do not.
pub(crate) static ANOTHER: LazyLock<Authority> = LazyLock::new(|| Authority::new("somebody else"));

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// What a server of this host needs.
    pub(crate) fn server_of(&self, host: &str) -> Arc<ServerConfig> {
        self.server(&CertificateParams::new(vec![host.to_owned()]).unwrap())
    }

    /// The same, with a certificate that has expired.
    pub(crate) fn server_of_yesterday(&self, host: &str) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_after = date_time_ymd(2001, 1, 1);
        self.server(&params)
    }

    fn server(&self, params: &CertificateParams) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}
