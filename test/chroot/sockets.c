// Unix sockets in another root directory: their files are there, and their addresses are told as they were given.
#include "common.h"
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static socklen_t address(struct sockaddr_un *a, const char *path)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	strncpy(a->sun_path, path, sizeof(a->sun_path));
	return offsetof(struct sockaddr_un, sun_path) + strnlen(path, 107) + 1;
}

static void tell(const char *what, long result, struct sockaddr_un *a, socklen_t size)
{
	if (result < 0)
		printf("%s: error %d\n", what, errno);
	else if (size <= offsetof(struct sockaddr_un, sun_path))
		printf("%s: no name (%d)\n", what, (int)size);
	else
		printf("%s: %.*s (%d)\n", what, 108, a->sun_path, (int)size);
	fflush(stdout);
}

static void meet(const char *server, const char *client)
{
	struct sockaddr_un a;
	struct stat s;
	socklen_t size = sizeof(a);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), other = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t length = address(&a, server);
	try(bind(listener, (struct sockaddr *)&a, length));
	try(bind(listener, (struct sockaddr *)&a, length));
	try(listen(listener, 1));
	printf("%s %d\n", server, lstat(server, &s) == 0 && S_ISSOCK(s.st_mode));
	tell("own", getsockname(listener, (struct sockaddr *)&a, &size), &a, size);
	length = address(&a, client);
	try(bind(other, (struct sockaddr *)&a, length));
	length = address(&a, server);
	try(connect(other, (struct sockaddr *)&a, length));
	size = sizeof(a);
	int end = accept(listener, (struct sockaddr *)&a, &size);
	tell("accepted", end, &a, size);
	size = sizeof(a);
	tell("peer of the end", getpeername(end, (struct sockaddr *)&a, &size), &a, size);
	size = sizeof(a);
	tell("peer of the other", getpeername(other, (struct sockaddr *)&a, &size), &a, size);
	size = 5;
	memset(&a, 0, sizeof(a));
	tell("cut off", getpeername(other, (struct sockaddr *)&a, &size), &a, size);
	close(end);
	close(listener);
	close(other);
	try(unlink(server));
	try(unlink(client));
}

// several is sendmmsg(2) and recvmmsg(2).
static void several(int here, int there)
{
	struct sockaddr_un to[3], from[3];
	struct mmsghdr m[3];
	struct iovec data[3];
	char buf[3][10];
	const char *paths[3] = {"/work/here", "../work/here", "here"};
	memset(m, 0, sizeof(m));
	for (int i = 0; i < 3; i++) {
		data[i] = (struct iovec){"many", i + 1};
		m[i].msg_hdr = (struct msghdr){.msg_name = &to[i], .msg_namelen = address(&to[i], paths[i]), .msg_iov = &data[i], .msg_iovlen = 1};
	}
	for (int sent = 0, n; sent < 3; sent += n) {
		n = sendmmsg(there, m + sent, 3 - sent, 0);
		if (n <= 0) {
			printf("sendmmsg: error %d\n", errno);
			return;
		}
	}
	printf("sent %u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len);
	for (int i = 0; i < 3; i++) {
		data[i] = (struct iovec){buf[i], sizeof(buf[i])};
		m[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof(from[i]), .msg_iov = &data[i], .msg_iovlen = 1};
	}
	try(recvmmsg(here, m, 3, MSG_DONTWAIT, NULL));
	for (int i = 0; i < 3; i++)
		tell("one of several", m[i].msg_len, &from[i], m[i].msg_hdr.msg_namelen);
}

static void datagrams(void)
{
	struct sockaddr_un a;
	socklen_t size;
	char buf[100];
	int here = socket(AF_UNIX, SOCK_DGRAM, 0), there = socket(AF_UNIX, SOCK_DGRAM, 0);
	size = address(&a, "/work/here");
	try(bind(here, (struct sockaddr *)&a, size));
	size = address(&a, "there");
	try(bind(there, (struct sockaddr *)&a, size));
	size = address(&a, "/work/there");
	try(sendto(here, "one", 3, 0, (struct sockaddr *)&a, size));
	size = sizeof(a);
	tell("from", recvfrom(there, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&a, &size), &a, size);
	size = address(&a, "../work/here");
	struct iovec data = {"two", 3};
	struct msghdr m = {.msg_name = &a, .msg_namelen = size, .msg_iov = &data, .msg_iovlen = 1};
	try(sendmsg(there, &m, 0));
	data.iov_base = buf;
	m.msg_name = NULL;
	m.msg_name = &a;
	m.msg_namelen = sizeof(a);
	try(recvmsg(here, &m, MSG_DONTWAIT));
	tell("message from", 0, &a, m.msg_namelen);
	several(here, there);
	size = address(&a, "/work/none");
	try(sendto(here, "one", 3, 0, (struct sockaddr *)&a, size));
	size = address(&a, "/etc/name");
	try(connect(here, (struct sockaddr *)&a, size));
	size = address(&a, "/none/none");
	try(bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, size));
}

int main(void)
{
	alarm(20);
	try(chdir("/work"));
	meet("/work/server", "/work/client");
	meet("server", "../work/./client");
	meet("/work/link-to-nothing", "client");
	try(mkdir("/work/long", 0755));
	char path[110] = "/work/long/";
	memset(path + 11, 'x', 80 - 11);
	path[80] = 0;
	meet(path, "client");
	struct sockaddr_un a;
	memset(&a, 0, sizeof(a));
	a.sun_family = AF_UNIX;
	memset(a.sun_path, 'y', sizeof(a.sun_path));
	try(bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof(a)));
	int abstract = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(a.sun_path, "\0abstract", 9);
	try(bind(abstract, (struct sockaddr *)&a, offsetof(struct sockaddr_un, sun_path) + 9));
	socklen_t size = sizeof(a);
	printf("%ld %d\n", (long)getsockname(abstract, (struct sockaddr *)&a, &size), (int)size);
	datagrams();
	return 0;
}
