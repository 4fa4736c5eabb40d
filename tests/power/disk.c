// A disk that loses what was not flushed when its power is cut: LD_PRELOAD puts this library before libc.
//
// A program works in the folder DISK/live, on the real file system. What is on the disk stands in DISK/stable, and only
// fsync() and fdatasync() move something there: of a file its bytes and its length (data/INODE), of a folder its names
// (names/INODE). Until its folder is flushed, a new file has no name, and a removed or renamed one still has its old one.
// disk.rs makes of both what a cut leaves.
//
// What the library does not see was not flushed: msync, O_SYNC, syncfs, system calls without libc. A gap can therefore
// only report a loss that would not have been one.
//
// Files that were flushed get a second name in DISK/pins, so that the file system gives no other file their inode.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, CHUNK = 128 * SECTOR };
enum { HONEST, FAILS, LIES };

// What the driver sets while the program runs: `Disk::set_room` and `Disk::set_flushes`.
struct control {
	int64_t room; // for so many bytes; INT64_MAX: no limit
	int64_t flushes;
};

static char disk[PATH_MAX];
static volatile struct control *control;

#define REAL(name)                                                                                                     \
	static __typeof__(name) *real;                                                                                     \
	if (!real)                                                                                                         \
	real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

// Whether a file or folder is on the disk. Also fills in its status.
static int is_ours(int fd, struct stat *status)
{
	char link[64], path[PATH_MAX], live[PATH_MAX + 8];
	if (!control || fstat(fd, status) || !status->st_nlink ||
	    !(S_ISREG(status->st_mode) || S_ISDIR(status->st_mode)))
		return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof path - 1);
	if (length < 0)
		return 0;
	path[length] = 0;
	size_t prefix = (size_t)snprintf(live, sizeof live, "%s/live", disk);
	return !strncmp(path, live, prefix) && (path[prefix] == '/' || !path[prefix]);
}

static void place(char *path, const char *folder, ino_t inode)
{
	snprintf(path, PATH_MAX + 64, "%s/%s/%ju", disk, folder, (uintmax_t)inode);
}

static int keep_file(int fd, const struct stat *status)
{
	static char new[CHUNK], old[CHUNK]; // Flushes hold a lock, and run one after the other.
	char link[64], path[PATH_MAX + 64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	place(path, "pins", status->st_ino);
	linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW);

	// Only if it has to be: closing a second descriptor gives up the process' locks on the file.
	int reopened = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;
	int from = reopened ? open(link, O_RDONLY | O_CLOEXEC) : fd;
	place(path, "stable/data", status->st_ino);
	int to = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (from < 0 || to < 0)
		abort();
	off_t at = 0;
	for (ssize_t size; (size = pread(from, new, CHUNK, at)) > 0; at += size) {
		ssize_t known = pread(to, old, (size_t)size, at), start = -1;
		for (ssize_t s = 0; s < size + SECTOR; s += SECTOR) {
			ssize_t end = s + SECTOR < size ? s + SECTOR : size;
			int differs = s < size && (end > known || memcmp(new + s, old + s, (size_t)(end - s)));
			if (differs && start < 0)
				start = s;
			if (!differs && start >= 0) {
				ssize_t stop = s < size ? s : size;
				if (pwrite(to, new + start, (size_t)(stop - start), at + start) != stop - start)
					abort();
				start = -1;
			}
		}
	}
	if (ftruncate(to, at))
		abort();
	close(to);
	if (reopened)
		close(from);
	return 0;
}

static int keep_names(int fd, const struct stat *status)
{
	char path[PATH_MAX + 64], draft[PATH_MAX + 64];
	snprintf(draft, sizeof draft, "%s/stable/draft", disk);
	DIR *folder = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	FILE *names = fopen(draft, "we");
	if (!folder || !names)
		abort();
	for (struct dirent *entry; (entry = readdir(folder));) {
		struct stat of;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    fstatat(fd, entry->d_name, &of, AT_SYMLINK_NOFOLLOW))
			continue;
		if (S_ISREG(of.st_mode)) {
			place(path, "pins", of.st_ino);
			linkat(fd, entry->d_name, AT_FDCWD, path, 0);
		}
		if (S_ISREG(of.st_mode) || S_ISDIR(of.st_mode))
			fprintf(names, "%ju %s%c", (uintmax_t)of.st_ino, entry->d_name, 0);
	}
	closedir(folder);
	place(path, "stable/names", status->st_ino);
	if (fclose(names) || rename(draft, path)) // all names at once, as in a journal
		abort();
	return 0;
}

static int keep(int fd, const struct stat *status)
{
	return S_ISDIR(status->st_mode) ? keep_names(fd, status) : keep_file(fd, status);
}

static int lock_disk(void)
{
	char path[PATH_MAX + 8];
	snprintf(path, sizeof path, "%s/lock", disk);
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX))
		abort();
	return lock;
}

static int flush(int fd, const struct stat *status)
{
	if (control->flushes == FAILS) {
		errno = EIO;
		return -1;
	}
	if (control->flushes == LIES)
		return 0;
	int lock = lock_disk();
	keep(fd, status);
	close(lock);
	return 0;
}

int fsync(int fd)
{
	REAL(fsync);
	struct stat status;
	return is_ours(fd, &status) ? flush(fd, &status) : real(fd);
}

int fdatasync(int fd)
{
	REAL(fdatasync);
	struct stat status;
	return is_ours(fd, &status) ? flush(fd, &status) : real(fd);
}

// How many of the bytes that are to be written there is room for; -1 and ENOSPC if for none. Only files that grow need any.
static ssize_t admit(int fd, off_t at, size_t count)
{
	struct stat status;
	if (!control || control->room == INT64_MAX || !count || !is_ours(fd, &status))
		return (ssize_t)count;
	int64_t growth = at + (int64_t)count - status.st_size;
	if (growth <= 0)
		return (ssize_t)count;
	int64_t room = control->room, taken, fits;
	do {
		taken = growth < room ? growth : room;
		fits = (int64_t)count - (growth - taken);
		if (fits <= 0) {
			errno = ENOSPC;
			return -1;
		}
	} while (!__atomic_compare_exchange_n(&control->room, &room, room - taken, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return fits;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
	REAL(pwrite);
	ssize_t fits = admit(fd, at, count);
	return fits < 0 ? fits : real(fd, bytes, (size_t)fits, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
	REAL(pwrite64);
	ssize_t fits = admit(fd, at, count);
	return fits < 0 ? fits : real(fd, bytes, (size_t)fits, at);
}

ssize_t write(int fd, const void *bytes, size_t count)
{
	REAL(write);
	ssize_t fits = (ssize_t)count;
	if (control && control->room != INT64_MAX)
		fits = admit(fd, lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR), count);
	return fits < 0 ? fits : real(fd, bytes, (size_t)fits);
}

static int visit(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)walk;
	int fd = kind == FTW_F || kind == FTW_D ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		keep(fd, status);
		close(fd);
	}
	return 0;
}

__attribute__((constructor)) static void attach(void)
{
	char path[PATH_MAX + 32];
	const char *folder = getenv("COUNTERSIGN_POWER_DISK");
	if (!folder)
		return;
	snprintf(disk, sizeof disk, "%s", folder);
	snprintf(path, sizeof path, "%s/control", disk);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || map == MAP_FAILED)
		abort();
	close(fd);
	control = map;

	// What stands there when the first program begins is on the disk.
	int lock = lock_disk();
	snprintf(path, sizeof path, "%s/stable/attached", disk);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		close(fd);
		snprintf(path, sizeof path, "%s/live", disk);
		nftw(path, visit, 16, FTW_PHYS);
	}
	close(lock);
}
