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

/// Moves past one element of a pattern without star: a character, `?` or a class.
static const char *next_element(const char *pattern, const char *end) {
    if (*pattern == '[') match_class(&pattern, end, 0);
    else pattern++;
    return pattern;
}

/// Matches the element at *pattern with a character; moves past it when it matches.
static int match_element(const char **pattern, const char *end, char character) {
    const char *next = *pattern;
    int matched;
    if (*next == '[') {
        matched = match_class(&next, end, character);
    } else {
        matched = *next == '?' || *next == character;
        next++;
    }
    if (matched) *pattern = next;
    return matched;
}

/// Matches within one component: `*`, `?` and classes. What follows the last star is compared where alone it can stand, at
/// the end; before that, only the last star met is remembered. As in shells, none of these stands for the dot a hidden name
/// begins with.
static int match_component(const char *pattern, const char *pattern_end, const char *text, const char *text_end,
                           uint64_t *steps) {
    if (text < text_end && *text == '.' && (pattern == pattern_end || *pattern != '.')) return 0;
    const char *tail = NULL;
    ptrdiff_t elements = 0;
    for (const char *p = pattern; p < pattern_end;) {
        if (*p == '*') {
            tail = ++p;
            elements = 0;
        } else {
            p = next_element(p, pattern_end);
            elements++;
        }
    }
    *steps += (uint64_t)(pattern_end - pattern);
    // Without a star there is one element for each character.
    if (tail ? elements > text_end - text : elements != text_end - text) return 0;
    const char *rest = tail ? tail : pattern;
    for (const char *at = text_end - elements; at < text_end; at++, ++*steps)
        if (!match_element(&rest, pattern_end, *at)) return 0;
    if (!tail) return 1;
    text_end -= elements;
    pattern_end = tail;

    const char *star = NULL, *resume = NULL;
    while (text < text_end) {
        ++*steps;
        if (pattern < pattern_end && *pattern == '*') {
            // Nothing but what is compared already follows the last one.
            if (++pattern == pattern_end) return 1;
            star = pattern;
            resume = text;
        } else if (pattern < pattern_end && match_element(&pattern, pattern_end, *text)) {
            text++;
        } else {
            if (!star) return 0;
            pattern = star;
            text = ++resume;
        }
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
    uint64_t steps = 0;
    return nestbox_glob_counted(pattern, path, &steps);
}

int nestbox_glob_counted(const char *pattern, const char *path, uint64_t *steps) {
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
        ++*steps;
        if (*path && *pattern && (*pattern_end == 0) == (*path_end == 0) &&
            match_component(pattern, pattern_end, path, path_end, steps)) {
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
