#include "common.h"

int main(void)
{
	struct stat s;
	int fd;

	make("f", 06711);
	try(chown("f", 1, 2));
	try(chmod("f", 06711));
	symlink("f", "l");
	try(lchown("l", 3, 4));
	stat("l", &s);
	show_stat("stat l", &s);
	lstat("l", &s);
	show_stat("lstat l", &s);
	fd = open("f", O_RDONLY);
	fstat(fd, &s);
	show_stat("fstat f", &s);
	fstatat(AT_FDCWD, "l", &s, AT_SYMLINK_NOFOLLOW);
	show_stat("fstatat l", &s);
	try(fstatat(fd, "", &s, AT_EMPTY_PATH));
	show_stat("fstatat empty", &s);
	try(fstatat(fd, "x", &s, 0));
	try(stat("none", &s));
	try(stat("f/x", &s));
	try(stat("", &s));
	return 0;
}
