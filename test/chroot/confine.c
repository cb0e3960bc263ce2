/* Runs a command where user namespaces are of no use for another root directory,
 * and no filter is in force that would tell.
 *
 *   confine landlock CMD...      the kernel lets nobody mount (Landlock), though
 *                                user namespaces and all capabilities are to be had
 *   confine nouserns UID CMD...  there are no more user namespaces; started by root
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(const char *what, long result)
{
	if (result < 0) {
		fprintf(stderr, "confine: %s: %s\n", what, strerror(errno));
		exit(2);
	}
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	must(path, fd);
	must(path, write(fd, text, strlen(text)));
	close(fd);
}

/* Any ruleset refuses mounts (security/landlock/fs.c, hook_sb_mount). This one refuses nothing else: what it is about, files that come
 * to other directories, it allows everywhere. */
static void landlock(void)
{
	const uint64_t refer = 1 << 13; /* LANDLOCK_ACCESS_FS_REFER */
	struct {
		uint64_t allowed;
		int32_t fd;
	} __attribute__((packed)) everywhere = {refer, open("/", O_PATH | O_CLOEXEC)};
	int rules = syscall(444, &refer, sizeof(refer), 0);
	must("landlock_create_ruleset", rules);
	must("landlock_add_rule", syscall(445, rules, 1 /* LANDLOCK_RULE_PATH_BENEATH */, &everywhere, 0));
	must("no_new_privs", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must("landlock_restrict_self", syscall(446, rules, 0));
	close(everywhere.fd);
	close(rules);
}

/* A user namespace in which all ids are the same, and which may have none below it. The parent, who may, writes the ids. */
static void nouserns(uid_t uid)
{
	int made[2], mapped[2];
	char path[64], byte = 0;
	must("pipe", pipe(made) | pipe(mapped));
	pid_t pid = fork();
	must("fork", pid);
	if (pid > 0) {
		int status = 0;
		must("read", read(made[0], &byte, 1));
		for (const char *const *file = (const char *const[]){"uid_map", "gid_map", NULL}; *file; file++) {
			snprintf(path, sizeof(path), "/proc/%d/%s", pid, *file);
			put(path, "0 0 4294967295");
		}
		must("write", write(mapped[1], &byte, 1));
		must("wait", waitpid(pid, &status, 0));
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	must("unshare", unshare(CLONE_NEWUSER));
	must("write", write(made[1], &byte, 1));
	must("read", read(mapped[0], &byte, 1));
	for (int i = 0; i < 2; i++) {
		close(made[i]);
		close(mapped[i]);
	}
	put("/proc/sys/user/max_user_namespaces", "0");
	must("setgroups", setgroups(0, NULL));
	must("setresgid", setresgid(uid, uid, uid));
	must("setresuid", setresuid(uid, uid, uid));
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "landlock")) {
		landlock();
		argv += 2;
	} else if (argc > 3 && !strcmp(argv[1], "nouserns")) {
		nouserns(atoi(argv[2]));
		argv += 3;
	} else {
		fprintf(stderr, "usage: confine landlock CMD... | confine nouserns UID CMD...\n");
		return 2;
	}
	execvp(argv[0], argv);
	perror(argv[0]);
	return 127;
}
