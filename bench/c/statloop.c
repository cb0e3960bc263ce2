/* Calls one system call over and over and prints what a call takes, in ns.
 * usage: statloop stat|fstat|statx|getppid CALLS */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv)
{
    const char *call = argc == 3 ? argv[1] : "";
    long n = argc == 3 ? atol(argv[2]) : 0;
    int fd = open(argv[0], O_RDONLY);
    volatile int bad = fd < 0 || n <= 0;
    struct stat st;
    struct statx stx;
    double start = now();

    if (!strcmp(call, "stat"))
        for (long i = 0; i < n; i++) bad |= stat(argv[0], &st);
    else if (!strcmp(call, "fstat"))
        for (long i = 0; i < n; i++) bad |= fstat(fd, &st);
    else if (!strcmp(call, "statx"))
        for (long i = 0; i < n; i++) bad |= statx(AT_FDCWD, argv[0], 0, STATX_BASIC_STATS, &stx);
    else if (!strcmp(call, "getppid"))
        for (long i = 0; i < n; i++) bad |= getppid() < 0;
    else
        bad = 1;
    if (bad) {
        fprintf(stderr, "usage: statloop stat|fstat|statx|getppid CALLS\n");
        return 1;
    }
    printf("%.1f\n", (now() - start) / n);
    return 0;
}
