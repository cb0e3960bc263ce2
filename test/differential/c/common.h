// What the C programs share: each call of the C library is printed with its
// outcome. The programs ask what test/victim asks the kernel, through a C
// library, which has its own ways: other spellings of the calls, ids that are
// changed in all threads, vfork under posix_spawn.
#ifndef COMMON_H
#define COMMON_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

// error_name names the errors that the programs meet: the C libraries have no
// common function that does.
static inline const char *error_name(int error)
{
	switch (error) {
	case EPERM: return "EPERM";
	case EACCES: return "EACCES";
	case ENOENT: return "ENOENT";
	case EEXIST: return "EEXIST";
	case EINVAL: return "EINVAL";
	case ENODATA: return "ENODATA";
	case ERANGE: return "ERANGE";
	case ENOTDIR: return "ENOTDIR";
	case EOPNOTSUPP: return "EOPNOTSUPP";
	case EBADF: return "EBADF";
	case ENOTEMPTY: return "ENOTEMPTY";
	}
	return strerror(error);
}

// try prints an expression that is -1 when it fails.
#define try(call) report(#call, (call))

static inline int report(const char *call, long result)
{
	if (result == -1)
		printf("%s: %s\n", call, error_name(errno));
	else
		printf("%s: ok\n", call);
	fflush(stdout);
	return result;
}

static inline void show_stat(const char *path, const struct stat *s)
{
	printf("%s: %06o %u:%u links %lu", path, s->st_mode, s->st_uid, s->st_gid,
	       S_ISDIR(s->st_mode) ? 0 : (unsigned long)s->st_nlink);
	if (S_ISCHR(s->st_mode) || S_ISBLK(s->st_mode))
		printf(" device %u:%u", major(s->st_rdev), minor(s->st_rdev));
	printf("\n");
	fflush(stdout);
}

static inline void show(const char *path)
{
	struct stat s;

	if (lstat(path, &s) == -1)
		report(path, -1);
	else
		show_stat(path, &s);
}

static inline void make(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);

	if (fd == -1 || fchmod(fd, mode) == -1 || close(fd) == -1)
		report(path, -1);
}

static inline void show_ids(const char *who)
{
	uid_t r, e, s;
	gid_t rg, eg, sg, groups[32];
	int n = getgroups(32, groups);

	getresuid(&r, &e, &s);
	getresgid(&rg, &eg, &sg);
	printf("%s: uid %u %u %u gid %u %u %u groups", who, r, e, s, rg, eg, sg);
	for (int i = 0; i < n; i++)
		printf(" %u", groups[i]);
	printf("\n");
	fflush(stdout);
}

static inline void wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) == -1)
		report("waitpid", -1);
	else if (WIFSIGNALED(status))
		printf("child: signal %d\n", WTERMSIG(status));
	else
		printf("child: exit %d\n", WEXITSTATUS(status));
	fflush(stdout);
}

#endif
