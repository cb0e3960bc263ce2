#include "common.h"

int main(int argc, char **argv)
{
	if (argc > 1) {
		show_ids(argv[1]);
		if (strcmp(argv[1], "suid") == 0) {
			try(seteuid(getuid()));
			show_ids("lowered");
			try(seteuid(0));
			show_ids("raised");
		}
		return 0;
	}
	// A copy that may be changed.
	int in = open("/proc/self/exe", O_RDONLY), out = open("copy", O_CREAT | O_WRONLY, 0755);
	char block[65536];
	ssize_t n;

	while ((n = read(in, block, sizeof block)) > 0)
		if (write(out, block, n) != n)
			return 1;
	close(out);
	for (int i = 0; i < 3; i++) {
		static const char *names[] = {"suid", "sgid", "plain"};
		static const mode_t modes[] = {04755, 02755, 0755};

		try(chmod("copy", modes[i]));
		pid_t pid = fork();
		if (pid == 0) {
			setgroups(0, NULL);
			setgid(1000);
			setuid(1000);
			execl("./copy", "copy", names[i], NULL);
			_exit(9);
		}
		wait_for(pid);
	}
	try(chmod("copy", 0644));
	try(execl("./copy", "copy", "never", NULL));
	return 0;
}
