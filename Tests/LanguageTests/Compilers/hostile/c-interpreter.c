const char interpreter[] __attribute__((section(".interp"))) = "/nonexistent";
int main(void) { return 0; }
