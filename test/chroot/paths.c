// Paths in another root directory: they lead where the kernel says.
#include "common.h"
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <utime.h>

static void make(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd >= 0) {
		if (write(fd, text, strlen(text)) < 0)
			perror(path);
		close(fd);
	} else {
		printf("make %s: error %d\n", path, errno);
	}
}

static void links(void)
{
	struct stat s;
	content("/etc/name");
	content("/etc/abs");
	content("/etc/up");
	content("/etc/../../../etc/./name");
	content("/../etc/name");
	content("/etc/abs/");
	content("/etc/loop");
	content("/etc/none/../name");
	content("/etc/name/..");
	content("/etc/dangling");
	leads("/etc/abs");
	leads("/etc/abs/");
	leads("/etc/dir/");
	try(lstat("/etc/abs", &s));
	printf("link %d\n", S_ISLNK(s.st_mode));
	try(stat("/etc/abs", &s));
	printf("link %d\n", S_ISLNK(s.st_mode));
	try(lstat("/etc/dir/", &s));
	printf("directory %d\n", S_ISDIR(s.st_mode));
	try(open("/etc/abs", O_RDONLY | O_NOFOLLOW));
	try(open("/etc/dangling", O_WRONLY | O_CREAT | O_EXCL, 0600));
	try(open("/etc/dangling", O_WRONLY | O_CREAT, 0600));
	content("/etc/made");
	try(unlink("/etc/made"));
	try(access("/etc/up", R_OK));
	try(access("/etc/up/x", R_OK));
	try(syscall(SYS_faccessat, AT_FDCWD, "etc/none", F_OK));
	try(rmdir("/etc/dir"));
	try(unlink("/etc/dir/"));
	try(rmdir("/"));
	try(rmdir("/work/."));
	try(mkdir("/..", 0755));
	try(mkdir("/work/new/", 0755));
	try(rename("/work/new/", "/work/newer"));
	try(rename("/work/newer", "/etc/abs"));
	try(rmdir("/work/newer"));
	char name[300] = "/etc/";
	memset(name + 5, 'x', 256);
	try(access(name, F_OK));
	char deep[5000] = "";
	for (int i = 0; i < 1600; i++)
		strcat(deep, "/./");
	try(access(deep, F_OK));
	deep[4000] = 0;
	try(access(deep, F_OK));
}

// text prints what readlinkat(2) puts into a buffer of 64 bytes, what is behind it included.
static void text(int dir, const char *path, int size)
{
	char buf[64];
	memset(buf, '#', sizeof(buf));
	errno = 0;
	long n = syscall(SYS_readlinkat, dir, path, buf, size);
	printf("readlinkat %s, %d bytes: %ld, error %d, %.64s\n", path, size, n, errno, buf);
}

static void reads(void)
{
	static const char *const paths[] = {
		"/", "/etc", "/etc/", "/etc/name", "/etc/name/", "/etc/name/x", "/etc/abs", "/etc/abs/", "/etc/up", "/etc/dir", "/etc/dir/", "/etc/dir/f",
		"/etc/../etc/dir", "/etc/./dir", "/etc/dir/.", "/etc/dir/..", "/etc/dangling", "/etc/dangling/", "/etc/dangling/x", "/etc/loop",
		"/etc/loop/x", "/etc/none", "/etc/none/", "/etc/none/x", "/etc/none/../abs", "/../etc/abs", "//etc//abs", "", ".", "..", "etc/abs", "./etc/abs",
		"work/link", "/work/./link", "/bound", "/bound/f", "/bound/none", "/dev", "/proc", "/proc/self/none", "/proc/none/x", "/proc/self/cwd/etc/abs",
	};
	char name[300] = "/etc/", *end;
	try(chdir("/"));
	for (unsigned i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		text(AT_FDCWD, paths[i], 64);
	memset(name + 5, 'x', 255);
	text(AT_FDCWD, name, 64);
	name[260] = 'x';
	text(AT_FDCWD, name, 64);
	for (int size = -1; size < 12; size++) {
		text(AT_FDCWD, "/etc/abs", size);
		text(AT_FDCWD, "/etc/name", size);
		text(AT_FDCWD, "/etc/loop/x", size);
		text(AT_FDCWD, "/none/x", size);
	}
	int etc = open("/etc", O_RDONLY), file = open("/etc/name", O_RDONLY), link = open("/etc/abs", O_PATH | O_NOFOLLOW);
	text(etc, "abs", 64);
	text(etc, "../etc/abs", 64);
	text(etc, "/etc/abs", 64);
	text(etc, "name", 64);
	text(etc, "none", 64);
	text(etc, "", 64);
	text(link, "", 64);
	text(file, "x", 64);
	text(file, "", 64);
	text(99, "abs", 64);
	text(99, "/etc/abs", 64);
	text(99, "", 64);
	close(etc), close(file), close(link);
	try(syscall(SYS_readlinkat, AT_FDCWD, "/etc/abs", (char *)8, 64));
	try(syscall(SYS_readlinkat, AT_FDCWD, "/etc/name", (char *)8, 64));
	try(syscall(SYS_readlinkat, AT_FDCWD, "/etc/abs", (char *)8, 0));
	try(syscall(SYS_readlinkat, AT_FDCWD, (char *)8, (char *)8, 64));
	try(syscall(SYS_readlinkat, AT_FDCWD, (char *)8, (char *)8, 0));
	// A buffer of which only the beginning can be written.
	end = (char *)mmap(NULL, 2 * 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + 65536;
	mprotect(end, 65536, PROT_READ);
	try(syscall(SYS_readlinkat, AT_FDCWD, "/etc/abs", end - 4, 4));
	printf("%.4s\n", end - 4);
	try(syscall(SYS_readlinkat, AT_FDCWD, "/etc/abs", end - 4, 5));
	// The links of /proc are everybody's own.
	char self[64] = "", want[64];
	snprintf(want, sizeof(want), "%d", (int)getpid());
	printf("self %d\n", readlink("/proc/self", self, sizeof(self)) == (ssize_t)strlen(want) && !strcmp(self, want));
	leads("/proc/self/root");
	leads("/proc/self/cwd");
	leads("/proc/self/exe");
	leads("/proc/thread-self/exe");
	leads("/proc/mounts");
	try(symlink("/work/closed-to", "/work/new-link"));
	leads("/work/new-link");
	try(unlink("/work/new-link"));
	leads("/work/new-link");
}

// missing is looked for by calls that only look, below directories that are missing too.
static void missing(void)
{
	static const char *const paths[] = {"/etc/none", "/etc/none/x", "/etc/none/x/y/", "etc/none/x", "/etc/name/x", "/bound/none/x", "/etc/dir/none/x", "/etc/dangling/x"};
	struct stat s;
	char buf[256];
	for (unsigned i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		printf("%s\n", paths[i]);
		try(open(paths[i], O_RDONLY));
		try(open(paths[i], O_RDONLY | O_DIRECTORY));
		try(open(paths[i], O_RDONLY | O_NOFOLLOW));
		try(stat(paths[i], &s));
		try(lstat(paths[i], &s));
		try(fstatat(AT_FDCWD, paths[i], &s, 0x40000000));
		try(stat(paths[i], (void *)8));
		try(access(paths[i], R_OK));
		try(access(paths[i], 8));
		try(syscall(SYS_faccessat, AT_FDCWD, paths[i], X_OK));
		try(syscall(SYS_faccessat, AT_FDCWD, paths[i], -1));
#ifdef SYS_statx
		try(syscall(SYS_statx, AT_FDCWD, paths[i], 0, 0x7ff, buf));
		try(syscall(SYS_statx, AT_FDCWD, paths[i], AT_SYMLINK_NOFOLLOW, 0x80000000, buf));
		try(syscall(SYS_statx, AT_FDCWD, paths[i], 0x6000, 0x7ff, buf));
#endif
#ifdef SYS_faccessat2
		try(syscall(SYS_faccessat2, AT_FDCWD, paths[i], R_OK, AT_EACCESS));
		try(syscall(SYS_faccessat2, AT_FDCWD, paths[i], 8, 0));
		try(syscall(SYS_faccessat2, AT_FDCWD, paths[i], 0, 0x40000000));
#endif
		try(mkdir(paths[i], 0755));
		try(rmdir(paths[i]));
		try(rename(paths[i], "/work/moved"));
		try(getxattr(paths[i], "user.a", buf, 10));
	}
}

static void directories(void)
{
	struct stat s, t;
	try(chdir("/work"));
	here("work");
	make("f", "relative");
	content("f");
	content("../work/f");
	content("../../../work/f");
	try(mkdir("a", 0755));
	try(mkdir("a/b", 0755));
	int b = open("a/b", O_RDONLY | O_DIRECTORY), root = open("/", O_RDONLY);
	try(mkdirat(b, "c", 0755));
	try(symlinkat("/work/f", b, "to"));
	int fd = openat(b, "to", O_RDONLY);
	printf("openat %d\n", fd >= 0);
	close(fd);
	try(fstatat(b, "../../f", &s, 0));
	try(fstatat(b, "to", &t, 0));
	printf("same %d\n", s.st_ino == t.st_ino);
	try(fstatat(b, "to", &t, AT_SYMLINK_NOFOLLOW));
	printf("same %d\n", s.st_ino == t.st_ino);
	try(fstatat(b, "", &t, AT_EMPTY_PATH));
	try(fstatat(b, "", &t, 0));
	try(fstatat(b, "../../../../../etc/name", &t, 0));
	try(fstatat(99, "f", &t, 0));
	try(fstatat(99, "/work/f", &t, 0));
	try(fstatat(open("f", O_RDONLY), "x", &t, 0));
	try(linkat(AT_FDCWD, "f", b, "hard", 0));
	try(linkat(b, "to", b, "hard2", AT_SYMLINK_FOLLOW));
	try(linkat(b, "to", b, "soft2", 0));
	leads("/work/a/b/soft2");
	try(renameat(b, "hard", root, "work/moved"));
	try(unlinkat(b, "soft2", 0));
	try(unlinkat(b, "c", AT_REMOVEDIR));
	try(fchdir(b));
	here("b");
	try(chdir(".."));
	here("a");
	try(chdir("../.."));
	here("root");
	try(chdir(".."));
	here("above");
	try(chdir("etc/dir"));
	here("by a link");
	try(chdir("/etc/name"));
	try(rename("/work/a", "/work/z"));
	try(fchdir(b));
	here("moved");
	try(mkdir("/work/gone", 0755));
	try(chdir("/work/gone"));
	try(rmdir("/work/gone"));
	here("gone");
	content("../f");
	try(chdir("/"));
	char small[4];
	printf("small %ld\n", syscall(SYS_getcwd, small, 1L));
}

// deep has a path of almost PATH_MAX, which is longer where the root directory has a path too.
static void deep(void)
{
	char path[4096] = "/work/deep", name[200];
	struct stat s;
	size_t end = strlen(path);
	memset(name, 'd', sizeof(name));
	name[0] = '/', name[sizeof(name) - 1] = 0;
	try(mkdir(path, 0755));
	for (; end + sizeof(name) + 60 < sizeof(path); end += strlen(name)) {
		strcpy(path + end, name);
		if (mkdir(path, 0755)) {
			printf("mkdir at %zu: error %d\n", end, errno);
			return;
		}
	}
	memset(path + end, 'f', sizeof(path) - end);
	path[end] = '/', path[end + 95] = 0;
	printf("%zu characters\n", strlen(path));
	make(path, "deep");
	content(path);
	try(chown(path, 1, 2));
	try(stat(path, &s));
	printf("%u:%u\n", s.st_uid, s.st_gid);
	path[end + 95] = 'f', path[end + 100] = 0;
	try(symlink("../deep", path));
	try(lstat(path, &s));
	printf("link %d\n", S_ISLNK(s.st_mode));
	try(unlink(path));
	path[end] = 0;
	try(chdir(path));
	try(stat(".", &s));
	path[end] = '/', path[end + 95] = 0;
	try(rename(path, "/work/short"));
	content("/work/short");
	try(stat("/work/short", &s));
	printf("%u:%u\n", s.st_uid, s.st_gid);
	path[end + 95] = 'f', path[4095] = 0;
	try(stat(path, &s));
	try(chdir("/"));
}

static void changes(void)
{
	struct statfs fs;
	struct stat s;
	char value[10];
	make("/work/g", "changed");
	try(chmod("/work/g", 04750));
	try(chown("/work/g", 7, 8));
	try(lchown("/etc/abs", 9, 10));
	try(stat("/work/g", &s));
	printf("%o %u:%u\n", s.st_mode, s.st_uid, s.st_gid);
	try(lstat("/etc/abs", &s));
	printf("%o %u:%u\n", s.st_mode, s.st_uid, s.st_gid);
	try(stat("/etc/abs", &s));
	printf("%o %u:%u\n", s.st_mode, s.st_uid, s.st_gid);
	try(truncate("/work/../work/g", 3));
	content("/work/g");
	struct utimbuf times = {1, 2};
	try(utime("/work/g", &times));
	try(utimensat(AT_FDCWD, "/etc/abs", NULL, AT_SYMLINK_NOFOLLOW));
	try(stat("/work/g", &s));
	printf("%ld\n", (long)s.st_mtime);
	try(statfs("/work/g", &fs));
	try(statfs("/work/none", &fs));
	try(setxattr("/work/g", "trusted.a", "b", 1, 0));
	printf("%d\n", (int)getxattr("/work/g", "trusted.a", value, 10));
	printf("%d\n", (int)lgetxattr("/etc/abs", "trusted.a", value, 10));
	try(mknod("/work/null", S_IFCHR | 0666, 0x103));
	try(stat("/work/null", &s));
	printf("%o %lx\n", s.st_mode, (long)s.st_rdev);
	int watch = inotify_init1(IN_NONBLOCK);
	try(inotify_add_watch(watch, "/work", IN_CREATE));
	make("/work/watched", "");
	char event[500];
	ssize_t n = read(watch, event, sizeof(event));
	printf("watched %s\n", n > 0 ? ((struct inotify_event *)event)->name : "nothing");
#ifdef SYS_openat2
	struct { unsigned long long flags, mode, resolve; } how = {O_RDONLY, 0, 0};
	int dir = open("/etc", O_RDONLY);
	for (how.resolve = 0; how.resolve < 0x20; how.resolve++) {
		const char *paths[] = {"name", "/etc/name", "abs", "up", "../etc/name", "/etc/dir/f", "/proc/self/cwd"};
		for (unsigned i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
			int fd = syscall(SYS_openat2, dir, paths[i], &how, sizeof(how));
			printf("resolve %llx %s: %d\n", how.resolve, paths[i], fd < 0 ? errno : 0);
			if (fd >= 0)
				close(fd);
		}
	}
#endif
}

// busy is a name at which something is mounted: it stays, and what is mounted too.
static void busy(void)
{
	make("/work/to-move", "moved");
	try(mkdir("/work/dir-to-move", 0755));
	try(rmdir("/bound"));
	try(rmdir("/bound/"));
	try(unlink("/bound"));
	try(unlink("/work/../bound"));
	try(unlinkat(AT_FDCWD, "/bound", AT_REMOVEDIR));
	try(unlinkat(AT_FDCWD, "/bound", 0x40000000));
	try(rename("/bound", "/work/none"));
	try(rename("/bound", "/bound"));
	try(rename("/bound", "/work/to-move"));
	try(rename("/bound", "/work/dir-to-move"));
	try(rename("/work/to-move", "/bound"));
	try(rename("/work/to-move/", "/bound"));
	try(rename("/work/dir-to-move", "/bound"));
	try(rename("/work/none", "/bound"));
#ifdef SYS_renameat2
	for (unsigned flags = 0; flags < 4; flags++) {
		printf("flags %u\n", flags);
		try(syscall(SYS_renameat2, AT_FDCWD, "/work/to-move", AT_FDCWD, "/bound", flags));
		try(syscall(SYS_renameat2, AT_FDCWD, "/work/dir-to-move", AT_FDCWD, "/bound", flags));
		try(syscall(SYS_renameat2, AT_FDCWD, "/bound", AT_FDCWD, "/work/none", flags));
		try(syscall(SYS_renameat2, AT_FDCWD, "/bound", AT_FDCWD, "/work/to-move", flags));
	}
#endif
	try(mkdir("/bound", 0755));
	try(symlink("a", "/bound"));
	try(mknod("/bound", S_IFREG | 0644, 0));
	try(link("/work/to-move", "/bound"));
	try(rmdir("/proc"));
	content("/bound/f");
	try(unlink("/work/to-move"));
	try(rmdir("/work/dir-to-move"));
}

static void roots(void)
{
	int outside = open("/", O_RDONLY);
	try(mkdir("/work/jail", 0755));
	try(mkdir("/work/jail/inner", 0755));
	make("/work/jail/f", "in the jail");
	symlink("/f", "/work/jail/inner/up");
	try(chroot("/work/g"));
	try(chroot("/work/none"));
	try(chroot("/work/jail/inner/.."));
	here("outside of the new root");
	content("/f");
	content("work/jail/f");
	content("/inner/up");
	content("/../../etc/name");
	try(chdir("/inner"));
	here("inner");
	content("up");
	content("../../../f");
	// chroot(2) is no wall for root: descriptors that are kept lead out.
	try(fchdir(outside));
	here("by a descriptor");
	content("etc/name");
	content("etc/abs");
	try(chroot("."));
	here("back");
	content("/etc/abs");
}

// dropped is what a user without privileges is refused.
static void dropped(void)
{
	make("/work/open", "for all");
	try(mkdir("/work/closed", 0700));
	make("/work/closed/f", "not for all");
	try(symlink("/work/open", "/work/closed/out"));
	try(symlink("/work/closed/f", "/work/in"));
	try(setgid(1000));
	try(setuid(1000));
	content("/work/open");
	content("/work/closed/f");
	content("/work/closed/out");
	content("/work/in");
	content("/work/closed/../open");
	try(access("/work/open", W_OK));
	try(mkdir("/work/mine", 0755));
	try(chdir("/work/closed"));
	try(unlink("/work/open"));
	try(chroot("/work"));
	try(rmdir("/bound"));
	try(rename("/bound", "/work/none"));
	leads("/work/closed/out");
	text(AT_FDCWD, "/work/closed/out", 64);
	text(AT_FDCWD, "/work/closed/out", 0);
	text(AT_FDCWD, "/work/closed/none", 64);
	text(AT_FDCWD, "/work/closed/none/x", 64);
	text(AT_FDCWD, "/work/closed", 64);
	text(AT_FDCWD, "/work/in", 64);
	text(AT_FDCWD, "/work/none/x", 64);
	text(AT_FDCWD, "/work/open", 64);
	text(AT_FDCWD, "/work/open/x", 64);
	here("dropped");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	umask(022);
	links();
	reads();
	missing();
	directories();
	deep();
	changes();
	busy();
	roots();
	dropped();
	return 0;
}
