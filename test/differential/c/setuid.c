#include "common.h"

int main(void)
{
	gid_t groups[] = {7, 5, 6};

	show_ids("start");
	try(setgroups(3, groups));
	try(setresgid(1, 2, 3));
	try(setresuid(1000, 1001, 0));
	show_ids("setres");
	try(seteuid(0));
	show_ids("seteuid");
	try(setegid(5));
	try(setreuid(1002, 1003));
	show_ids("setreuid");
	try(setuid(0));
	try(setgid(0));
	try(setgroups(0, groups));
	try(setregid(5, -1));
	show_ids("end");
	try(chown(".", 1003, 1));
	try(mkdir("d", 0755));
	return 0;
}
