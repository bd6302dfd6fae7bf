/* Files of what is expected to differ, each line with its reason. */
#include "tests/certpolicy/limbo/limbo.h"

#define LINES_MAX 600
#define FIELD_MAX 96

typedef struct deviation {
    char id[FIELD_MAX];
    char engine[FIELD_MAX];
    char what[FIELD_MAX];
    bool asked;
} deviation;

struct limbo_deviations {
    size_t count;
    deviation lines[LINES_MAX];
};

static limbo_deviations read_ones[2];

limbo_deviations *limbo_deviations_read(const char *file)
{
    char path[512], line[512], reason[400];
    static unsigned turn;
    limbo_deviations *all = &read_ones[turn++ % 2]; /* two files are open at once at most */

    all->count = 0;
    (void)snprintf(path, sizeof path, "%s/%s", LWSEC_TEST_LIMBO_FOLDER, file);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    while (fgets(line, sizeof line, stream) != NULL) {
        deviation *one = &all->lines[all->count];
        if (line[0] == '#' || line[0] == '\n') {
            continue;
        }
        assert_true(all->count < LINES_MAX);
        if (sscanf(line, "%95[^| ] | %95[^| ] | %95[^|] | %399[^\n]", one->id, one->engine,
                   one->what, reason) != 4) {
            fail_msg("%s: not ID | ENGINE | WHAT | REASON: %s", file, line);
        }
        for (size_t end = strlen(one->what); end > 0 && one->what[end - 1] == ' '; end--) {
            one->what[end - 1] = '\0';
        }
        one->asked = false;
        all->count++;
    }
    (void)fclose(stream);
    return all;
}

static bool is_for(const deviation *one, const char *engine)
{
    return strcmp(one->engine, "both") == 0 || strcmp(one->engine, engine) == 0;
}

const char *limbo_deviation(limbo_deviations *all, const char *id, const char *engine)
{
    for (size_t i = 0; i < all->count; i++) {
        deviation *one = &all->lines[i];
        if (is_for(one, engine) && strcmp(one->id, id) == 0) {
            one->asked = true;
            return one->what;
        }
    }
    return NULL;
}

void limbo_deviations_end(limbo_deviations *all, const char *engine)
{
    for (size_t i = 0; i < all->count; i++) {
        if (!all->lines[i].asked && is_for(&all->lines[i], engine)) {
            fail_msg("%s, %s: expected to differ, and there is no such case", all->lines[i].id,
                     all->lines[i].engine);
        }
    }
}
