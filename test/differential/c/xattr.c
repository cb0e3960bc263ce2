#include "common.h"
#include <sys/xattr.h>

static int by_name(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static void names(const char *path)
{
	char list[1000], *name[50];
	ssize_t n = listxattr(path, list, sizeof list);
	int count = 0;

	for (char *p = list; p < list + n; p += strlen(p) + 1)
		name[count++] = p;
	qsort(name, count, sizeof *name, by_name);
	printf("%s:", path);
	for (int i = 0; i < count; i++)
		printf(" %s", name[i]);
	printf(" (%zd)\n", n);
}

int main(void)
{
	char value[100];
	int fd;

	make("f", 0644);
	symlink("f", "l");
	fd = open("f", O_RDONLY);
	try(setxattr("l", "trusted.a", "1", 1, 0));
	try(lsetxattr("l", "trusted.b", "22", 2, 0));
	try(fsetxattr(fd, "security.c", "333", 3, XATTR_CREATE));
	try(fsetxattr(fd, "security.c", "333", 3, XATTR_CREATE));
	try(setxattr("f", "user.d", "", 0, XATTR_REPLACE));
	try(setxattr("f", "user.d", "", 0, 0));
	names("f");
	printf("%zd %zd %zd\n", getxattr("f", "trusted.a", value, 100),
	       lgetxattr("l", "trusted.b", value, 0), fgetxattr(fd, "security.c", value, 100));
	try(getxattr("f", "security.c", value, 2));
	try(removexattr("f", "trusted.a"));
	try(removexattr("f", "trusted.a"));
	try(lremovexattr("l", "trusted.b"));
	try(fremovexattr(fd, "security.c"));
	names("f");
	try(setxattr("f", "other.x", "1", 1, 0));
	return 0;
}
