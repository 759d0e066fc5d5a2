// Linked into programs: what they print with stdio comes as it is written, a line at a time, also through a pipe. Reading by the
// line makes no difference, but for what it says to the C library: before it waits for input, what stdout has goes out.
#include <stdio.h>

__attribute__((constructor(101))) static void live(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    setvbuf(stdin, NULL, _IOLBF, BUFSIZ);
}
