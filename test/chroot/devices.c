// Devices that were made in another root directory: those that every user may use are the machine's; there is no driver for others.
#include "common.h"
#include <sys/sysmacros.h>

static void use(const char *path)
{
	struct stat s;
	char c;
	int fd = try(open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
	if (fd >= 0) {
		try(fstat(fd, &s));
		printf("%s: type %o, device %lx, descriptor %d, flags %d: read %zd\n", path, s.st_mode & S_IFMT, (long)s.st_rdev, fd, fcntl(fd, F_GETFD),
		       read(fd, &c, 1));
		close(fd);
	}
	fd = try(open(path, O_RDONLY | O_CLOEXEC));
	if (fd >= 0) {
		printf("descriptor %d, flags %d\n", fd, fcntl(fd, F_GETFD));
		close(fd);
	}
	fd = try(open(path, O_WRONLY | O_TRUNC | O_CREAT | O_NONBLOCK | O_NOCTTY, 0666));
	if (fd >= 0) {
		printf("write %zd\n", write(fd, "a", 1));
		close(fd);
	}
	try(lstat(path, &s));
	printf("%s: type %o, device %lx, %lld bytes\n", path, s.st_mode & S_IFMT, (long)s.st_rdev, (long long)s.st_size);
}

static const struct {
	const char *path;
	mode_t type;
	unsigned major, minor;
} nodes[] = {
	{"/work/null", S_IFCHR, 1, 3}, {"/dev/null", S_IFCHR, 1, 3}, {"/work/zero", S_IFCHR, 1, 5}, {"/dev/zero", S_IFCHR, 1, 5},
	{"/work/full", S_IFCHR, 1, 7}, {"/work/random", S_IFCHR, 1, 8}, {"/dev/urandom", S_IFCHR, 1, 9}, {"/dev/ptmx", S_IFCHR, 5, 2},
	{"/work/none", S_IFCHR, 240, 3}, {"/work/block", S_IFBLK, 240, 3},
};

int main(int argc, char **argv)
{
	const int count = sizeof(nodes) / sizeof(*nodes);
	if (argc == 1) {
		for (int i = 0; i < count; i++)
			try(mknod(nodes[i].path, nodes[i].type | 0666, makedev(nodes[i].major, nodes[i].minor)));
		fflush(stdout);
		execl(argv[0], argv[0], "again", NULL);
		return 1;
	}
	for (int i = 0; i < count; i++)
		use(nodes[i].path);
	// Without the file system of terminals beside it, there are none to be had.
	try(mkdir("/dev/pts", 0755));
	try(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	return 0;
}
