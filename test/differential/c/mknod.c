#include "common.h"
#include <dirent.h>

int main(void)
{
	struct dirent *e;
	DIR *d;
	int types[16] = {0};

	umask(027);
	mkdir("d", 0755);
	try(mknod("d/c", S_IFCHR | 0666, makedev(1, 3)));
	try(mknod("d/b", S_IFBLK | 0660, makedev(259, 70000)));
	try(mkfifo("d/p", 0666));
	try(mknod("d/s", S_IFSOCK | 0777, 0));
	try(mknod("d/f", S_IFREG | 06755, 0));
	try(mknodat(AT_FDCWD, "d/n", S_IFCHR | 0600, makedev(5, 1)));
	try(mknod("d/n", S_IFCHR | 0600, makedev(5, 1)));
	show("d/c");
	show("d/b");
	show("d/p");
	show("d/s");
	show("d/f");
	show("d/n");
	d = opendir("d");
	while ((e = readdir(d)))
		types[e->d_type]++;
	printf("char %d block %d fifo %d socket %d file %d dir %d\n", types[DT_CHR],
	       types[DT_BLK], types[DT_FIFO], types[DT_SOCK], types[DT_REG], types[DT_DIR]);
	return 0;
}
