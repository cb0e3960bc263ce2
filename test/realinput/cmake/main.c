#include <stdio.h>

int shelf_height(void);

int main(void)
{
    return printf("%d\n", shelf_height()) < 0;
}
