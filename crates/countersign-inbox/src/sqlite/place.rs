//! Where the file of an inbox may be.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::error::{StoreError, StoreErrorKind::Unusable};

/// A file beside the inbox's: its name with `suffix`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Options under which a new file can be read by its owner only.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Checks the folder, and creates the file unless it is there. SQLite gives the files beside it the same
/// permissions.
pub(super) fn prepare(path: &Path) -> Result<(), StoreError> {
    let folder = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(unusable(path, "is not a file", "choose a file in a folder")),
    };
    if !folder.is_dir() {
        return Err(unusable(folder, "is not a folder", "create it, or choose another path for the inbox"));
    }
    if path.is_dir() {
        return Err(unusable(path, "is a folder", "choose a file in it"));
    }
    #[cfg(target_os = "linux")]
    if let Ok(of) = rustix::fs::statfs(folder)
        && let Some(name) = network_file_system(of.f_type.cast_unsigned())
    {
        return Err(on_network(path, name));
    }
    let failed = |error| unusable(path, "cannot be created", "check the folder's permissions").with_source(error);
    // One that is there is never opened here: closing it would take SQLite's locks from this process.
    if path.exists() { Ok(()) } else { create(path, b"").map_err(failed) }
}

/// Creates a file that only its owner can read. It gets its name when it is whole, durable and closed. If
/// there is one of this name by then, that one stays.
pub(super) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut number = [0; 8];
    getrandom::fill(&mut number)?;
    let draft = beside(path, &format!(".{:016x}", u64::from_be_bytes(number)));
    let mut file = private().write(true).create_new(true).open(&draft)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    drop(file);
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(path),
    }
}

fn on_network(path: &Path, name: &str) -> StoreError {
    let what = format!("is on a network file system ({name}), where SQLite's locks do not hold");
    unusable(path, &what, "use a local disk")
}

/// The name of a file system over a network, by its number in `linux/magic.h`.
#[cfg(target_os = "linux")]
fn network_file_system(number: u64) -> Option<&'static str> {
    Some(match number & 0xffff_ffff {
        0x6969 => "NFS",
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => "SMB",
        0x0102_1997 => "9p",
        0x00c3_6400 => "Ceph",
        0x0bd0_0bd0 => "Lustre",
        0x4750_4653 => "GPFS",
        0x5346_414f | 0x6b41_4653 => "AFS",
        _ => return None,
    })
}

/// Says what is wrong with a path, and what to do.
pub(super) fn unusable(path: &Path, what: &str, remedy: &str) -> StoreError {
    StoreError::new(Unusable, format!("`{}` {what}: {remedy}", path.display()))
}

/// Which file it is that a connection has open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

impl Identity {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::from(&metadata))
    }
}

#[cfg(unix)]
impl From<&Metadata> for Identity {
    fn from(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(metadata.dev(), metadata.ino())
    }
}

/// Elsewhere, a file that is open cannot be removed.
#[cfg(not(unix))]
impl From<&Metadata> for Identity {
    fn from(_: &Metadata) -> Self {
        Self(0, 0)
    }
}

/// Makes the names in a folder durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        // statfs(2) lists them.
        for (number, name) in [
            (0x6969, Some("NFS")),
            (0x517b, Some("SMB")),
            (0xff53_4d42, Some("SMB")),
            (0xffff_ffff_ff53_4d42, Some("SMB")), // `f_type` is signed on some machines
            (0xfe53_4d42, Some("SMB")),
            (0x0102_1997, Some("9p")),
            (0x00c3_6400, Some("Ceph")),
            (0x0bd0_0bd0, Some("Lustre")),
            (0x4750_4653, Some("GPFS")),
            (0x5346_414f, Some("AFS")),
            (0xef53, None),      // ext4
            (0x0102_1994, None), // tmpfs
            (0x794c_7630, None), // overlayfs
            (0x5846_5342, None), // XFS
            (0x9123_683e, None), // Btrfs
        ] {
            assert_eq!(network_file_system(number), name, "{number:#x}");
        }
        assert_eq!(
            on_network(Path::new("/mnt/inbox.db"), "NFS").to_string(),
            "`/mnt/inbox.db` is on a network file system (NFS), where SQLite's locks do not hold: use a local disk"
        );
    }
}
