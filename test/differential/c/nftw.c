#include "common.h"
#include <ftw.h>

static unsigned long sum;
static int counts[8];

static int visit(const char *path, const struct stat *s, int type, struct FTW *ftw)
{
	counts[type]++;
	sum += s->st_uid * 31 + s->st_gid * 17 + (s->st_mode & 07777) + ftw->level;
	return 0;
}

static int take(const char *path, const struct stat *s, int type, struct FTW *ftw)
{
	return type == FTW_DP ? rmdir(path) : unlink(path);
}

int main(void)
{
	char path[64];

	mkdir("t", 0755);
	for (int i = 0; i < 10; i++) {
		snprintf(path, sizeof path, "t/%d", i);
		mkdir(path, 0700);
		for (int j = 0; j < 10; j++) {
			snprintf(path, sizeof path, "t/%d/%d", i, j);
			if (j % 3)
				make(path, 0640);
			else
				mknod(path, S_IFCHR | 0600, makedev(1, j));
			chown(path, i, j);
		}
		snprintf(path, sizeof path, "t/%d", i);
		chmod(path, 0);
		chown(path, i, i);
	}
	try(nftw("t", visit, 16, FTW_PHYS));
	printf("files %d directories %d unreadable %d sum %lu\n", counts[FTW_F], counts[FTW_D],
	       counts[FTW_DNR], sum);
	try(nftw("t", take, 16, FTW_PHYS | FTW_DEPTH));
	show("t");
	return 0;
}
