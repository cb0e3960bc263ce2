#include "common.h"
#include <pthread.h>
#include <sys/syscall.h>

static pthread_barrier_t dropped;

// The C library changes the ids of all the threads.
static void *watch(void *unused)
{
	pthread_barrier_wait(&dropped);
	pthread_barrier_wait(&dropped);
	show_ids("thread");
	return unused;
}

static void *work(void *arg)
{
	long i = (long)arg;
	char path[32];

	for (int n = 0; n < 50; n++) {
		snprintf(path, sizeof path, "f%ld-%d", i, n);
		make(path, 0600);
		if (chown(path, i + 1, n) == -1)
			report("chown", -1);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[8];
	struct stat s;
	char path[32];
	int wrong = 0;

	for (long i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, work, (void *)i);
	for (int i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < 8; i++)
		for (int n = 0; n < 50; n++) {
			snprintf(path, sizeof path, "f%d-%d", i, n);
			if (lstat(path, &s) == -1 || (int)s.st_uid != i + 1 || (int)s.st_gid != n)
				wrong++;
		}
	printf("%d wrong\n", wrong);
	pthread_barrier_init(&dropped, NULL, 2);
	pthread_create(&t[0], NULL, watch, NULL);
	pthread_barrier_wait(&dropped);
	try(setgroups(0, NULL));
	try(setgid(1000));
	try(setuid(1000));
	pthread_barrier_wait(&dropped);
	pthread_join(t[0], NULL);
	show_ids("main");
	try(mkdir("d", 0755));
	return 0;
}
