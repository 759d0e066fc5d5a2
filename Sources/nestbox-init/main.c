// The plain zygote: pid 1 of every sandbox is a fork of this program. See CSandbox.
#include "nestbox_sandbox.h"

// The warden starts this with its socket as descriptor 3, already without privilege.
int main(void) { nestbox_zygote_main(3); }
