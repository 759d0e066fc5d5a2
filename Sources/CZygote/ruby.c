// Ruby as a zygote. It opens its script and reads the first bytes long before it has booted: RubyGems and the rest of its prelude,
// most of its start, come after that, and then what RUBYOPT names. So its moment is the first look at the image's own line of
// RUBYOPT, and the script that it has open by then is put in the place of the one that it had when it booted.
#include "library.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    unsigned long (*evaluate)(const char *, int *);
    unsigned long (*arguments)(void);
    unsigned long (*push)(unsigned long, unsigned long);
    unsigned long (*string)(const char *);
} ruby;

/// The number of the script's descriptor, which it has had open since before it booted.
static int ruby_script;

static void nothing(void) {}

/// What makes output live (images/ruby): the last that Ruby loads itself.
static const char *ruby_last_file(void) {
    const char *options = getenv("RUBYOPT");
    return options && strcmp(options, "-r/usr/lib/nestbox/live") == 0 ? "/usr/lib/nestbox/live.rb" : NULL;
}

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
    if (!ruby_last_file()) return 0;
    ruby_script = (int)((long)ruby.evaluate("ObjectSpace.each_object(File).find { |f| !f.closed? && f.path == $0 }.fileno", &failed) >> 1);
    if (failed) fprintf(stderr, "zygote: Ruby has not opened its script\n");
    return failed ? -1 : 0;
}

/// Its own fork has much to do in both processes (timer, locks, random sources), none of which can be called from outside.
static void ruby_fork(void) {
    int failed = 0;
    pid_t zygote = getpid();
    ruby.evaluate("fork", &failed);
    if (getpid() != zygote) prime();
}

static void ruby_practise(void) {
    int failed = 0;
    ruby.evaluate("puts 'x'", &failed);
}

/// A first line that begins with `#!` is read when the script is opened, for options and whether it means Ruby at all.
static int ruby_is_overtaken(const char *script) {
    if (!ruby_last_file()) return 0;
    char line[1024];
    int file = open(script, O_RDONLY | O_CLOEXEC);
    ssize_t count = file < 0 ? -1 : read(file, line, sizeof line - 1);
    if (file >= 0) close(file);
    if (count < 0) return 1; // Ruby will say so
    line[count] = 0;
    if (strncmp(line, "#!", 2) != 0) return 0;
    char *end = strchr(line, '\n');
    if (!end) return 1;
    *end = 0;
    const char *name = strstr(line, "ruby");
    return !name || strstr(name, " -") || strchr(line, '\r');
}

static void ruby_apply(const struct nestbox_order *order, int is_same_environment) {
    // ENV is the process's own environment.
    (void)is_same_environment;
    for (uint32_t i = 2; i < order->arguments; i++) ruby.push(ruby.arguments(), ruby.string(order->argument[i]));
    if (!ruby_last_file()) return;
    // Its number has been free since the fork, and the new file would get it.
    int failed = 0, null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0) _exit(125);
    if (null != ruby_script) {
        if (dup3(null, ruby_script, O_CLOEXEC) < 0) _exit(125);
        close(null);
    }
    ruby.evaluate("ObjectSpace.each_object(File) { |f| f.reopen($0) if !f.closed? && f.path == $0 }", &failed);
    if (failed) _exit(125);
}

const struct language ruby_language = {
    "ruby", ruby_boot, {nothing, nothing, nothing, ruby_fork}, ruby_apply, ruby_is_overtaken, 0, ruby_last_file, ruby_practise,
};
