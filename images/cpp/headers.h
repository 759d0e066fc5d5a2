// Which precompiled header a source may take.
#pragma once

enum place {
    NOWHERE,   ///< none: the source is compiled as it is
    USUAL,     ///< the header is included where the precompiled one was, in line 1 of main.cpp
    FIRST,     ///< it is included first, elsewhere
    AMONG,     ///< it is among the includes that the source begins with
};

struct choice {
    enum place place;
    const char *name; ///< below PRECOMPILED, without .gch
};

/// Where they are.
#define PRECOMPILED "/usr/lib/nestbox/pch"

/// Looks at the first lines of a source.
struct choice choose(const char *source);

/// Whether messages, those of a file from its beginning, would be others without the precompiled header.
int are_affected(int messages, enum place place);
