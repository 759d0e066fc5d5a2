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

// MARK: - Ruby

static struct {
    unsigned long (*evaluate)(const char *, int *);
    unsigned long (*arguments)(void);
    unsigned long (*push)(unsigned long, unsigned long);
    unsigned long (*string)(const char *);
} ruby;

static int ruby_boot(char *modules) {
    FIND(ruby.evaluate, "rb_eval_string_protect");
    FIND(ruby.arguments, "rb_get_argv");
    FIND(ruby.push, "rb_ary_push");
    FIND(ruby.string, "rb_external_str_new_cstr");
    int failed = 0;
    for (char *rest = NULL, *name = strtok_r(modules, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        char code[160];
        if (snprintf(code, sizeof code, "require '%s'", name) >= (int)sizeof code) return -1;
        ruby.evaluate(code, &failed);
        if (failed) {
            ruby.evaluate("STDERR.puts $!.full_message; STDERR.flush", &failed);
            return -1;
        }
    }
    ruby.evaluate("[STDOUT, STDERR, $stdout, $stderr].each(&:flush)", &failed);
    if (failed) return -1;
    ruby.evaluate("GC.start", &failed);
    return 0;
}

/// Its own fork has much to do in both processes (timer, locks, random sources), none of which can be called from outside.
static void ruby_fork(void) {
    int failed = 0;
    ruby.evaluate("fork", &failed);
}

static void ruby_apply(const struct nestbox_order *order, int is_same_environment) {
    // ENV is the process's own environment.
    (void)is_same_environment;
    for (uint32_t i = 2; i < order->arguments; i++) ruby.push(ruby.arguments(), ruby.string(order->argument[i]));
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
    {"ruby", ruby_boot, {nothing, nothing, nothing, ruby_fork}, ruby_apply, NULL, 0},
    {"perl", perl_boot, {nothing, nothing, nothing, NULL}, perl_apply, NULL, 0},
    {"php", plain_boot, {nothing, nothing, nothing, NULL}, plain_apply, NULL, 0},
    // Seeds its random source when it boots: the warden has it run a line that looks at the script, and then seeds again.
    {"lua", plain_boot, {nothing, nothing, nothing, NULL}, plain_apply, NULL, 0},
};

const struct language *find_language(const char *name) {
    if (strcmp(python_language.name, name) == 0) return &python_language;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i].name, name) == 0) return &others[i];
    return NULL;
}
