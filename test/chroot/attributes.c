// Attributes with ids in them that a disk has had before: ACLs, and the capabilities of files.
#include "common.h"
#include <sys/xattr.h>

static void show(const char *path, const char *name)
{
	unsigned char value[200];
	ssize_t n = try(getxattr(path, name, value, sizeof(value)));
	printf("%s %s: length %zd, %zd:", path, name, getxattr(path, name, NULL, 0), n);
	for (ssize_t i = 0; i < n; i++)
		printf(" %02x", value[i]);
	printf("\n");
}

static const char *const paths[] = {"/etc/dressed", "/etc/dressed/file", "/etc/name", "/etc/none", "/proc/self/status"};
static const char *const names[] = {"system.posix_acl_access", "system.posix_acl_default", "security.capability", "user.mine"};

static void show_all(void)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		for (size_t j = 0; j < sizeof(names) / sizeof(*names); j++)
			show(paths[i], names[j]);
}

int main(void)
{
	char list[200];
	struct stat s;
	show_all();
	try(getxattr(paths[1], names[0], list, 5));
	ssize_t n = try(listxattr(paths[1], list, sizeof(list)));
	for (ssize_t i = 0; i < n; i += strlen(list + i) + 1)
		printf("%s\n", list + i);
	// What changes the mode changes the ACL, and what is made below a default ACL has it.
	try(chmod(paths[1], 0751));
	try(stat(paths[1], &s));
	printf("mode %o\n", s.st_mode);
	try(chown(paths[1], 7, 8));
	try(setxattr("/etc/name", "trusted.any", "x", 1, 0));
	show_all();
	close(try(open("/etc/dressed/new", O_CREAT | O_WRONLY, 0660)));
	show("/etc/dressed/new", names[0]);
	try(removexattr(paths[1], names[0]));
	try(removexattr(paths[0], names[1]));
	show_all();
	return 0;
}
