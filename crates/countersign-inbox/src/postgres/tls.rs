//! TLS by rustls.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::unusable;
use crate::error::StoreError;

/// Verifies the server's certificate, and its name, with the roots in a file (PEM), or with those of the system.
pub(super) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    // The application may have chosen another provider for its own connections, or none.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let failed = |error| unusable("TLS to the inbox's server cannot be set up").with_source(error);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(failed)?;
    let config = match roots {
        Some(path) => builder.with_root_certificates(read(path)?).with_no_client_auth(),
        None => {
            let verifier = Arc::new(Verifier::new(provider).map_err(failed)?);
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

fn read(path: &Path) -> Result<RootCertStore, StoreError> {
    let unreadable = |error: Box<dyn std::error::Error + Send + Sync>| {
        let message = format!("{} (`sslrootcert`) has no certificates: check the path", path.display());
        unusable(message).with_source(error)
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.into()))? {
        let certificate = certificate.map_err(|error| unreadable(error.into()))?;
        roots.add(certificate).map_err(|error| unreadable(error.into()))?;
    }
    if roots.is_empty() { Err(unreadable("the file is empty".into())) } else { Ok(roots) }
}
