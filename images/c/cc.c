// cc ARGUMENT...: what `gcc ARGUMENT...` does, sooner: the usual command without gcc's drivers, everything else by gcc.
#include "direct.h"
#include <unistd.h>

int main(int count, char **arguments) {
    if (count == 0 || !is_usual(arguments + 1)) become(driver, arguments);
    if (!compile_directly(NULL, STDERR_FILENO)) return 1;
    link_directly();
}
