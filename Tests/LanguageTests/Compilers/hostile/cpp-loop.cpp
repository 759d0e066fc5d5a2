constexpr unsigned endless() {
    unsigned n = 0;
    while (true) n = n * 3 + 1;
    return n;
}
constexpr unsigned answer = endless();
int main() { return answer; }
