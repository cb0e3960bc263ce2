#include "common.h"
#include <spawn.h>

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	pid_t pid;

	if (argc > 1) {
		show_ids(argv[1]);
		try(chown("f", 9, 9));
		return 5;
	}
	char *child[] = {"spawned", "spawned", NULL}, *env[] = {NULL};

	make("f", 0644);
	chown("f", 1, 1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 5, "made", O_CREAT | O_WRONLY, 04755);
	posix_spawnattr_init(&attr);
	if (posix_spawn(&pid, "/proc/self/exe", &actions, &attr, child, env) == 0)
		wait_for(pid);
	show("f");
	show("made");
	setreuid(1000, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_RESETIDS);
	if (posix_spawn(&pid, "/proc/self/exe", NULL, &attr, child, env) == 0)
		wait_for(pid);
	printf("%s\n", error_name(posix_spawn(&pid, "./none", NULL, NULL, child, env)));
	fflush(stdout);
	printf("%d\n", WEXITSTATUS(system("exit 6")));
	FILE *p = popen("id -u", "r");
	char line[32] = "";
	fgets(line, sizeof line, p);
	printf("%s%d\n", line, pclose(p));
	return 0;
}
