#include "common.h"

static void ask(const char *path)
{
	printf("%s: r %d w %d x %d eaccess %d open %d\n", path, access(path, R_OK), access(path, W_OK),
	       access(path, X_OK), faccessat(AT_FDCWD, path, R_OK, AT_EACCESS), open(path, O_RDONLY) >= 0);
	fflush(stdout);
}

int main(void)
{
	make("zero", 0);
	make("x", 0100);
	make("group", 0040);
	make("other", 0004);
	mkdir("d", 0);
	chown("group", 1001, 1000);
	static const char *paths[] = {"zero", "x", "group", "other", "d"};

	for (int i = 0; i < 5; i++)
		ask(paths[i]);
	setgroups(0, NULL);
	setgid(1000);
	seteuid(1000);
	for (int i = 0; i < 5; i++)
		ask(paths[i]);
	seteuid(0);
	setuid(1000);
	for (int i = 0; i < 5; i++)
		ask(paths[i]);
	try(access("none", F_OK));
	try(unlink("zero"));
	return 0;
}
