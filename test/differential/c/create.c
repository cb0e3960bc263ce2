#include "common.h"

int main(void)
{
	static const mode_t masks[] = {0, 022, 077, 0777};
	static const mode_t modes[] = {0, 0644, 0666, 0777, 02755, 04755, 01777};
	int fd;

	for (int m = 0; m < 4; m++)
		for (int i = 0; i < 7; i++) {
			umask(masks[m]);
			fd = open("f", O_CREAT | O_EXCL | O_WRONLY, modes[i]);
			show("f");
			close(fd);
			unlink("f");
			mkdir("d", modes[i]);
			show("d");
			rmdir("d");
		}
	umask(022);
	mkdir("g", 0755);
	chown("g", 0, 50);
	chmod("g", 02755);
	fclose(fopen("g/f", "w"));
	mkdir("g/d", 0755);
	show("g/f");
	show("g/d");
	char name[] = "g/XXXXXX";
	fd = mkstemp(name);
	rename(name, "g/tmp");
	show("g/tmp");
	return 0;
}
