#include "common.h"

int main(int argc, char **argv)
{
	if (argc > 1) {
		show_ids(argv[1]);
		make(argv[1], 0644);
		show(argv[1]);
		return 7;
	}
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/proc/self/exe", "again", "vforked", NULL);
		_exit(1);
	}
	wait_for(pid);
	chown(".", 1000, 1000);
	pid = vfork();
	if (pid == 0)
		_exit(setuid(1000) == 0 ? 3 : 4);
	wait_for(pid);
	show_ids("parent");
	pid = vfork();
	if (pid == 0) {
		setuid(1000);
		execl("/proc/self/exe", "again", "dropped", NULL);
		_exit(1);
	}
	wait_for(pid);
	show_ids("parent");
	return 0;
}
