//! Connections over TLS: certificates by openssl.

use std::{path::Path, process::Command};

use super::{PostgresStore, Settings, ports, says, sql, store, support::Postgres};
use crate::error::StoreErrorKind::Unusable;

fn openssl(folder: &Path, arguments: &str) {
    let status = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(status.status.success(), "{arguments}: {status:?}");
}

/// Makes the roots `ca.pem` and `other.pem`, and a certificate of `localhost` by the first one.
fn certificates(folder: &Path) {
    for name in ["ca", "other"] {
        openssl(
            folder,
            &format!(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN={name} -keyout {name}.key \
                 -out {name}.pem"
            ),
        );
    }
    openssl(folder, "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout key.pem -out csr.pem");
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl(
        folder,
        "x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile names -out cert.pem",
    );
}

#[tokio::test]
async fn the_certificate_and_the_name_of_a_server_are_verified() {
    let server = Postgres::start(ports::free(), &[]);
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let at = |host: &str, parameters: &str| {
        let path = folder.path().display();
        let parameters = parameters.replace("{}", &path.to_string());
        format!("postgres://postgres:hunter2@{host}:{}/postgres?{parameters}", server.port)
    };
    let connect = async |url: String| PostgresStore::connect(&url, Settings::default()).await;
    let no_tls = "there is no TLS to the inbox's server: check its certificate and its name, set `sslrootcert` to the \
                  roots, or append `?sslmode=disable` to the URL in a network that you trust";
    says(connect(at("localhost", "sslmode=require&sslrootcert={}/ca.pem")).await, Unusable, no_tls);

    let data = server.folder.join("data");
    for (file, name) in [("cert.pem", "server.crt"), ("key.pem", "server.key")] {
        // As the user of the server, whoever that is.
        let bytes = std::fs::read_to_string(folder.path().join(file)).unwrap();
        let admin = sql(&server.url("postgres")).await;
        let write = format!(
            "COPY (SELECT unnest(string_to_array('{}', E'\\n'))) TO '{}'",
            bytes.trim(),
            data.join(name).display()
        );
        admin.batch_execute(&write).await.unwrap();
    }
    let status = Command::new("chmod").arg("600").arg(data.join("server.key")).status().unwrap();
    assert!(status.success());
    sql(&server.url("postgres")).await.batch_execute("ALTER SYSTEM SET ssl = on").await.unwrap();
    server.stop("INT");
    server.restart();

    let one = connect(at("localhost", "sslmode=require&sslrootcert={}/ca.pem")).await.unwrap();
    store(&one, 1).await;
    let admin = sql(&server.url("postgres")).await;
    let tls = "SELECT count(*) FROM pg_stat_ssl AS s JOIN pg_stat_activity AS a USING (pid)
        WHERE a.application_name = 'countersign-inbox' AND NOT s.ssl";
    assert_eq!(super::number(&admin, tls).await, 0);
    for (host, parameters) in [
        ("localhost", "sslmode=verify-ca&sslrootcert={}/other.pem"),
        ("127.0.0.1", "sslmode=require&sslrootcert={}/ca.pem"),
        ("localhost", "sslmode=verify-full"),
    ] {
        let found = connect(at(host, parameters)).await;
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
        says(found, Unusable, no_tls);
    }
    let path = folder.path().join("names").display().to_string();
    let text = format!("{path} (`sslrootcert`) has no certificates: check the path");
    says(connect(at("localhost", "sslmode=require&sslrootcert={}/names")).await, Unusable, &text);
    store(&connect(at("localhost", "sslmode=disable")).await.unwrap(), 2).await;
}
