#include "common.h"
#include <sys/syscall.h>

int main(void)
{
	make("a", 0600);
	make("b", 0600);
	chown("a", 1, 2);
	chown("b", 3, 4);
	try(link("b", "c"));
	try(rename("a", "b"));
	show("b");
	show("c");
	make("a", 0644);
	show("a");
	try(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 2));
	show("a");
	show("b");
	try(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 1));
	try(unlink("a"));
	try(remove("c"));
	make("c", 0644);
	show("c");
	mkdir("d", 0755);
	chown("d", 5, 6);
	try(rename("d", "e"));
	show("e");
	try(rmdir("e"));
	mkdir("d", 0755);
	show("d");
	return 0;
}
