#include "common.h"

int main(void)
{
	mkdir("d", 0777);
	chmod("d", 0777);
	for (int i = 0; i < 3; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			char path[] = "d/0";

			path[2] += i;
			setgroups(0, NULL);
			setgid(1000 + i);
			setuid(2000 + i);
			show_ids("child");
			make(path, 0644);
			try(chown(path, 0, 0));
			if (fork() == 0) {
				show_ids("grandchild");
				_exit(0);
			}
			wait(NULL);
			_exit(i);
		}
		wait_for(pid);
	}
	show_ids("parent");
	show("d/0");
	show("d/1");
	show("d/2");
	return 0;
}
