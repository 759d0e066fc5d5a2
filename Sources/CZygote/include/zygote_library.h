// The library that a warm interpreter is started with (LD_PRELOAD). It has no interface: its constructor reads the
// NESTBOX_ZYGOTE_* variables, takes them out of the environment, and interposes the calls by which an interpreter looks at
// its script. At the first look the interpreter has booted and has not begun: there it becomes a zygote, or is parked.
#pragma once
