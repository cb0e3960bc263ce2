// What a program finds out about itself, and what it executes, in another root directory.
#include "common.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

static void self(int argc, char **argv)
{
	char comm[17] = "";
	prctl(PR_GET_NAME, comm);
	printf("argv:");
	for (int i = 0; i < argc; i++)
		printf(" [%s]", argv[i]);
	printf("\nfile %s\nname %s\n", (char *)getauxval(AT_EXECFN), comm);
	leads("/proc/self/exe");
	leads("/proc/self/root");
	leads("/proc/self/cwd");
	leads("/proc/self/fd/77");
	FILE *f = fopen("/proc/self/cmdline", "r");
	if (f) {
		int c;
		printf("cmdline ");
		while ((c = getc(f)) != EOF)
			putchar(c ? c : '|');
		printf("\n");
		fclose(f);
	}
	f = fopen("/proc/self/exe", "r");
	char magic[4] = "";
	printf("exe %d\n", f && fread(magic, 1, 4, f) == 4 && !memcmp(magic, "\177ELF", 4));
	if (f)
		fclose(f);
	f = fopen("/proc/self/maps", "r");
	char line[4200];
	while (f && fgets(line, sizeof(line), f)) {
		char *path = strchr(line, '/');
		if (path && strstr(path, "program"))
			printf("mapped %s", path);
		if (path && strstr(path, "program"))
			break;
	}
	if (f)
		fclose(f);
	const char *libraries = getenv("LD_LIBRARY_PATH");
	printf("LD_LIBRARY_PATH=%s\n", libraries ? libraries : "");
	printf("ids %lu %lu secure %lu\n", getauxval(AT_UID), getauxval(AT_EUID), getauxval(AT_SECURE));
	fflush(stdout);
}

static char *const environment[] = {"PATH=/bin:/usr/bin", "LD_LIBRARY_PATH=/none", NULL};

static void run(const char *path, char *const argv[])
{
	pid_t pid = fork();
	if (pid == 0) {
		execve(path, argv, environment);
		printf("execve %s: error %d\n", path, errno);
		fflush(stdout);
		_exit(0);
	}
	int status;
	waitpid(pid, &status, 0);
	printf("%s: status %x\n", path, status);
	fflush(stdout);
}

static void runat(int dir, const char *path, int flags)
{
	char *argv[] = {"runat", "self", NULL};
	pid_t pid = fork();
	if (pid == 0) {
		syscall(SYS_execveat, dir, path, argv, environment, flags);
		printf("execveat %s: error %d\n", path, errno);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strncmp(argv[1], "self", 4)) {
		self(argc, argv);
		return 3;
	}
	if (argc > 1 && !strcmp(argv[1], "count")) {
		size_t all = 0;
		for (int i = 0; i < argc; i++)
			all += strlen(argv[i]);
		printf("%d arguments, %zu bytes\n", argc, all);
		return 0;
	}
	if (argc > 1) {
		printf("what is %s?\n", argv[1]);
		return 1;
	}
	char *program = argv[0];
	char *own[] = {"zero", "self", "a", "", "b c", NULL};
	dup2(open("/etc/name", O_RDONLY), 77);
	run(program, own);
	run("/work/../bin/program", own);
	run("/work/link", own);
	run("/work/script", own);
	run("/work/script-arg", own);
	run("/work/script-script", own);
	run("/work/script-loop", own);
	run("/work/script-none", own);
	run("/work/script-noexec", own);
	run("/work/no-magic", own);
	run("/etc/name", own);
	run("/etc", own);
	run("/none", own);
	run("/work/suid", own);
	if (chdir("/work"))
		return 1;
	run("link", own);
	run("./script", own);
	run("../bin/program", own);
	int bin = open("/bin", O_RDONLY), file = open("/bin/program", O_RDONLY), path = open("/work/link", O_PATH);
	runat(bin, "program", 0);
	runat(file, "", AT_EMPTY_PATH);
	runat(path, "", AT_EMPTY_PATH);
	runat(AT_FDCWD, "link", 0);
	runat(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW);
	runat(99, "link", 0);
	runat(99, "/work/link", 0);
	// More arguments than fit into a page.
	static char *many[5002];
	many[0] = "many";
	many[1] = "count";
	for (int i = 2; i < 5001; i++)
		many[i] = "argument";
	run("/work/script", many);
	run(program, many);
	return 0;
}
