// Calls that look at attributes, in all spellings, so often that whatever spares them is in effect: while nothing is
// claimed about any attribute, after another process has claimed something, and as another user.
#include "common.h"
#include <sys/xattr.h>

enum { ROUNDS = 5 };

static int fd, path_only;

// answer prints what a call came to, and how often it was the same.
static void answer(const char *call, const char *what, ssize_t (*look)(const char *, void *, size_t), const char *arg, size_t size)
{
	char first[256], value[256];
	ssize_t n = 0, got;
	int same = 0, error = 0;

	for (int i = 0; i < ROUNDS; i++) {
		memset(value, '-', sizeof value);
		errno = 0;
		got = look(arg, value, size);
		if (i == 0) {
			n = got;
			error = errno;
			memcpy(first, value, sizeof value);
		}
		same += got == n && errno == error && !memcmp(first, value, sizeof value);
	}
	printf("%s %s %s: %zd %s", what, call, arg, n, n < 0 ? error_name(error) : "");
	if (n > 0 && size > 0)
		for (ssize_t i = 0; i < n; i++)
			putchar(first[i] > ' ' && first[i] < 127 ? first[i] : '.');
	printf(" (%d alike)\n", same);
	fflush(stdout);
}

static ssize_t get(const char *n, void *v, size_t s) { return getxattr("l", n, v, s); }
static ssize_t lget(const char *n, void *v, size_t s) { return lgetxattr("l", n, v, s); }
static ssize_t fget(const char *n, void *v, size_t s) { return fgetxattr(fd, n, v, s); }
static ssize_t oget(const char *n, void *v, size_t s) { return fgetxattr(path_only, n, v, s); }

static int by_name(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

// sorted puts a list of n bytes in order: the file system's own is as it happens.
static ssize_t sorted(char *list, ssize_t n, size_t size)
{
	char copy[256], *name[50];
	int count = 0;

	if (n <= 0 || size == 0)
		return n;
	memcpy(copy, list, n);
	for (char *p = copy; p < copy + n; p += strlen(p) + 1)
		name[count++] = p;
	qsort(name, count, sizeof *name, by_name);
	for (int i = 0; i < count; i++)
		list = stpcpy(list, name[i]) + 1;
	return n;
}

static ssize_t list(const char *p, void *v, size_t s) { return sorted(v, listxattr(p, v, s), s); }
static ssize_t llist(const char *p, void *v, size_t s) { return sorted(v, llistxattr(p, v, s), s); }
static ssize_t flist(const char *p, void *v, size_t s) { (void)p; return sorted(v, flistxattr(fd, v, s), s); }
static ssize_t olist(const char *p, void *v, size_t s) { (void)p; return flistxattr(path_only, v, s); }

static void look(const char *what)
{
	static const char *names[] = {
		"user.a", "user.none", "trusted.t", "security.s", "security.capability", "system.posix_acl_access",
		"system.posix_acl_default", "system.none", "none", "user.", "",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		answer("getxattr", what, get, names[i], 100);
		answer("lgetxattr", what, lget, names[i], 100);
		answer("fgetxattr", what, fget, names[i], 100);
	}
	answer("getxattr for the size", what, get, "user.a", 0);
	answer("getxattr without room", what, get, "user.a", 1);
	answer("fgetxattr by O_PATH", what, oget, "user.a", 100);
	for (size_t size = 0; size <= 200; size += 200) {
		answer("listxattr", what, list, "f", size);
		answer("listxattr", what, list, "l", size);
		answer("llistxattr", what, llist, "l", size);
		answer("flistxattr", what, flist, "f", size);
	}
	answer("listxattr without room", what, list, "f", 1);
	answer("flistxattr by O_PATH", what, olist, "f", 200);
	answer("listxattr", what, list, "none", 200);
	answer("llistxattr", what, llist, "f/f", 200);
	answer("listxattr", what, list, "closed/f", 200);
	answer("listxattr", what, list, "plain", 200);
}

// child runs what in another process.
static void child(void (*what)(void))
{
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		what();
		fflush(stdout);
		_exit(0);
	}
	wait_for(pid);
}

static void trust(void) { try(setxattr("f", "trusted.t", "told", 4, 0)); }
static void secure(void) { try(lsetxattr("l", "security.s", "link", 4, 0)); }
static void untrust(void) { try(removexattr("f", "trusted.t")); }
static void drop(void)
{
	setgroups(0, NULL);
	setgid(1000);
	setuid(1000);
	look("another user");
}

int main(void)
{
	make("f", 0640);
	make("plain", 0600);
	symlink("f", "l");
	mkdir("closed", 0700);
	make("closed/f", 0600);
	chmod("closed", 0);
	fd = open("f", O_RDONLY);
	path_only = open("f", O_PATH);
	try(setxattr("f", "user.a", "abc", 3, 0));
	look("nothing claimed");
	try(chown("f", 0, 33));
	look("an owner claimed");
	child(drop);
	child(trust);
	look("by another process");
	child(secure);
	look("of the link too");
	child(drop);
	try(rename("plain", "f"));
	look("another file");
	child(untrust);
	look("removed");
	try(unlink("f"));
	look("without a name");
	return 0;
}
