// The direct way to a program: compiler, assembler and linker without the driver that starts them.
#pragma once

/// The driver that this stands in for: gcc, g++.
extern char driver[];

/// Whether these are the words, without the first, of the command that plan.h was made from.
int is_usual(char **words);

/// Compiles and assembles, with `more` words for the compiler (NULL: none), whose messages go to the descriptor `messages`. Whether that succeeded.
int compile_directly(char **more, int messages);

/// Links what compile_directly has made, and ends this process. Without `word`, one of the linker's, if that goes (NULL: with all).
_Noreturn void link_directly(const char *word);

/// Becomes another program, or ends.
_Noreturn void become(const char *name, char **words);
