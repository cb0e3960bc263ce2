#include "common.h"

int main(void)
{
	make("f", 0644);
	try(chroot("none"));
	try(chroot("f"));
	try(chroot("/"));
	setgroups(0, NULL);
	setgid(1000);
	setuid(1000);
	try(chroot("/"));
	try(chroot("."));
	return 0;
}
