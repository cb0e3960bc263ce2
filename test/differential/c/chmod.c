#include "common.h"

int main(void)
{
	int fd;

	make("f", 0644);
	mkdir("d", 0755);
	symlink("f", "l");
	fd = open("f", O_RDWR);
	try(chmod("l", 04755));
	show("f");
	try(fchmod(fd, 02750));
	show("f");
	try(fchmodat(AT_FDCWD, "f", 01644, 0));
	show("f");
	try(chmod("d", 07777));
	show("d");
	try(chmod("f", 0));
	try(open("f", O_RDWR));
	try(chmod("d", 0));
	try(mkdir("d/e", 0700));
	show("d/e");
	try(chmod("none", 0644));
	try(fchmod(-1, 0644));
	return 0;
}
