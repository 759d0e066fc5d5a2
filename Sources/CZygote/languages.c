// The interpreters that can be zygotes. Their functions are looked up by name in the process they are in: this library is
// linked against none of them.
#include "library.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void nothing(void) {}

void *find_symbol(const char *name) {
    void *symbol = dlsym(RTLD_DEFAULT, name);
    if (!symbol) fprintf(stderr, "zygote: the interpreter has no %s\n", name);
    return symbol;
}

// MARK: - Interpreters that read their environment when asked, seed their random sources late, and have nothing to be told

static int plain_boot(char *modules) {
    if (!modules[0]) return 0;
    fprintf(stderr, "zygote: modules cannot be loaded in this language\n");
    return -1;
}

static void plain_apply(const struct nestbox_order *order, int is_same_environment) {
    (void)order;
    (void)is_same_environment;
}

// MARK: - Perl keeps the time of its start ($^T, -M), and nothing else that has to be told

static struct {
    void *get, *set;
    pthread_key_t *key; ///< of the thread's interpreter; NULL in a perl that is built without threads
} perl;

static int perl_boot(char *modules) {
    if (plain_boot(modules) < 0) return -1;
    FIND(perl.get, "Perl_get_sv");
    FIND(perl.set, "Perl_sv_setiv_mg");
    perl.key = dlsym(RTLD_DEFAULT, "PL_thr_key");
    return 0;
}

static void perl_apply(const struct nestbox_order *order, int is_same_environment) {
    (void)order;
    (void)is_same_environment;
    if (perl.key) {
        void *interpreter = pthread_getspecific(*perl.key);
        void *time_of_start = ((void *(*)(void *, const char *, int))perl.get)(interpreter, "\024", 1);
        ((void (*)(void *, void *, long))perl.set)(interpreter, time_of_start, time(NULL));
    } else {
        void *time_of_start = ((void *(*)(const char *, int))perl.get)("\024", 1);
        ((void (*)(void *, long))perl.set)(time_of_start, time(NULL));
    }
}

static const struct language others[] = {
    {"perl", perl_boot, {nothing, nothing, prime, NULL}, perl_apply, NULL, 0, NULL, NULL},
    {"php", plain_boot, {nothing, nothing, prime, NULL}, plain_apply, NULL, 0, NULL, NULL},
    // Seeds its random source when it boots: the warden has it run a line that looks at the script, and then seeds again.
    {"lua", plain_boot, {nothing, nothing, prime, NULL}, plain_apply, NULL, 0, NULL, NULL},
};

const struct language *find_language(const char *name) {
    if (strcmp(python_language.name, name) == 0) return &python_language;
    if (strcmp(ruby_language.name, name) == 0) return &ruby_language;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i].name, name) == 0) return &others[i];
    return NULL;
}
