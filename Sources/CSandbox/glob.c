#include "nestbox_sandbox.h"
#include <string.h>

/// Matches one character class at *pattern ("[a-z]"); advances past it. An unclosed bracket stands for itself.
static int match_class(const char **pattern, const char *end, char character) {
    const char *p = *pattern + 1;
    int negate = p < end && *p == '!', found = 0;
    if (negate) p++;
    for (int first = 1; p < end && (first || *p != ']'); first = 0, p++) {
        if (p + 2 < end && p[1] == '-' && p[2] != ']') {
            if (*p <= character && character <= p[2]) found = 1;
            p += 2;
        } else if (*p == character) {
            found = 1;
        }
    }
    if (p >= end) { // no closing bracket
        *pattern += 1;
        return character == '[';
    }
    *pattern = p + 1;
    return found != negate;
}

/// Matches within one component: `*`, `?` and classes. Linear but for one remembered star. As in shells, none of these
/// stands for the dot a hidden name begins with.
static int match_component(const char *pattern, const char *pattern_end, const char *text, const char *text_end) {
    const char *star = NULL, *resume = NULL;
    if (text < text_end && *text == '.' && (pattern == pattern_end || *pattern != '.')) return 0;
    while (text < text_end) {
        if (pattern < pattern_end && *pattern == '*') {
            star = ++pattern;
            resume = text;
            continue;
        }
        if (pattern < pattern_end) {
            const char *next = pattern;
            int matched;
            if (*pattern == '[') matched = match_class(&next, pattern_end, *text);
            else {
                matched = *pattern == '?' || *pattern == *text;
                next++;
            }
            if (matched) {
                pattern = next;
                text++;
                continue;
            }
        }
        if (!star) return 0;
        pattern = star;
        text = ++resume;
    }
    while (pattern < pattern_end && *pattern == '*') pattern++;
    return pattern == pattern_end;
}

static const char *component_end(const char *text) {
    const char *slash = strchr(text, '/');
    return slash ? slash : text + strlen(text);
}

/// Whether some component of a path is hidden.
static int has_hidden(const char *path) {
    for (; *path; path = component_end(path) + (*component_end(path) == '/'))
        if (*path == '.') return 1;
    return 0;
}

int nestbox_glob(const char *pattern, const char *path) {
    // Backtracks over whole components only, and only to the last `**`: earlier ones can give up nothing more.
    const char *star = NULL, *resume = NULL;
    for (;;) {
        if (*path == 0 && *pattern == 0) return 1;
        const char *pattern_end = component_end(pattern), *path_end = component_end(path);
        if (pattern_end - pattern == 2 && strncmp(pattern, "**", 2) == 0) {
            star = *pattern_end ? pattern_end + 1 : pattern_end;
            resume = path;
            // A trailing ** takes everything below that is not hidden.
            if (!*star) return *pattern_end == 0 && *path != 0 && !has_hidden(path);
            pattern = star;
            continue;
        }
        if (*path && *pattern && match_component(pattern, pattern_end, path, path_end) &&
            (*pattern_end == 0) == (*path_end == 0)) {
            pattern = *pattern_end ? pattern_end + 1 : pattern_end;
            path = *path_end ? path_end + 1 : path_end;
            continue;
        }
        if (!star) return 0;
        const char *next = component_end(resume);
        if (!*next || *resume == '.') return 0;
        path = resume = next + 1;
        pattern = star;
    }
}
