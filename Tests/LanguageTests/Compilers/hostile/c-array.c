int numbers[1 << 30] = {1};
int main(void) { return numbers[0]; }
