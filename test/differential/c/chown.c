#include "common.h"

int main(void)
{
	int fd;

	make("f", 0755);
	symlink("f", "l");
	fd = open("f", O_RDWR);
	try(chown("l", 1, 2));
	show("f");
	try(lchown("l", 3, 4));
	show("l");
	try(fchown(fd, 5, 6));
	show("f");
	try(fchownat(AT_FDCWD, "l", 7, 8, AT_SYMLINK_NOFOLLOW));
	show("l");
	try(fchownat(fd, "", 9, 10, AT_EMPTY_PATH));
	show("f");
	try(chown("f", -1, 11));
	show("f");
	try(chmod("f", 06755));
	try(chown("f", -1, -1));
	show("f");
	try(chown("none", 1, 1));
	try(fchown(-1, 1, 1));
	try(fchownat(AT_FDCWD, "f", 1, 1, 0x40));
	return 0;
}
