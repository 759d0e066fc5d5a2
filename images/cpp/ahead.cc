// A plugin for the making of precompiled headers. g++ instantiates the templates that a header's own functions use at the end of each
// program, which takes longer than everything else about a short one. Where __nestbox_end is declared, at the end of the header, this has g++
// do it then: what comes of it is kept with the header. C++ allows both places, and asks that they make no difference [temp.point].
//
// These are g++ 12's own functions (plugin.def, pt.cc, error.cc), declared here because the package of their headers is larger than the compiler.
#include <cstdio>
#include <cstdlib>
#include <cstring>

union tree_node;
void instantiate_pending_templates(int retries);
const char *cxx_printable_name(tree_node *, int verbosity);

struct plugin_name_args {
    char *base_name;
    const char *full_name;
};

extern "C" {
enum { PLUGIN_FINISH_DECL = 4, PLUGIN_FINISH = 7 };
typedef void callback(void *event, void *data);
void register_callback(const char *plugin, int event, callback *, void *data);
int plugin_is_GPL_compatible;
int plugin_init(plugin_name_args *arguments, void *version);
}

static bool is_done;

static void after_declaration(void *declaration, void *) {
    const char *name = cxx_printable_name(static_cast<tree_node *>(declaration), 0);
    if (is_done || !name || strcmp(name, "__nestbox_end") != 0) return;
    is_done = true;
    instantiate_pending_templates(0);
}

static void at_end(void *, void *) {
    if (is_done) return;
    fputs("ahead: __nestbox_end was not declared\n", stderr);
    exit(1);
}

int plugin_init(plugin_name_args *arguments, void *) {
    register_callback(arguments->base_name, PLUGIN_FINISH_DECL, after_declaration, nullptr);
    register_callback(arguments->base_name, PLUGIN_FINISH, at_end, nullptr);
    return 0;
}
