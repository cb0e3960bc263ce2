#include <config.h>
#include <stdio.h>

int main(void)
{
#ifdef DAEMON
    puts(PACKAGE_STRING " daemon");
#else
    puts(PACKAGE_STRING);
#endif
    return 0;
}
