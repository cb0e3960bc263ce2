// What the programs of this suite share: each call is printed with its outcome.
#ifndef COMMON_H
#define COMMON_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// try prints a call that is -1 when it fails. The C libraries have other texts for errors.
#define try(call) report(#call, (call))

static inline long report(const char *call, long result)
{
	if (result == -1)
		printf("%s: error %d\n", call, errno);
	else
		printf("%s: ok\n", call);
	fflush(stdout);
	return result;
}

// content prints what is in a file.
static inline void content(const char *path)
{
	char buf[200];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	if (n < 0)
		printf("%s: error %d\n", path, errno);
	else
		printf("%s: %.*s\n", path, (int)strcspn((buf[n] = 0, buf), "\n"), buf);
	if (fd >= 0)
		close(fd);
	fflush(stdout);
}

// leads prints where a link leads.
static inline void leads(const char *path)
{
	char buf[4096];
	ssize_t n = readlink(path, buf, sizeof(buf) - 1);
	if (n < 0)
		printf("%s: error %d\n", path, errno);
	else
		printf("%s -> %.*s\n", path, (int)n, buf);
	fflush(stdout);
}

// here prints the working directory, as the kernel tells it.
static inline void here(const char *what)
{
	char buf[4096];
	long n = syscall(SYS_getcwd, buf, sizeof(buf));
	if (n < 0)
		printf("%s: getcwd: error %d\n", what, errno);
	else
		printf("%s: in %s (%ld)\n", what, buf, n);
	fflush(stdout);
}

#endif
