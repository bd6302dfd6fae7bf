/* A test program of one group: SUITE_GROUP, over every store of this build. */
#include "tests/crypto/groups.h"

int main(void)
{
    return suite_run(&SUITE_GROUP);
}
