constexpr unsigned slow(unsigned depth) {
    unsigned sum = 1;
    for (unsigned n = 0; n < 200000 && depth > 0; n++) sum += slow(depth - 1);
    return sum;
}
constexpr unsigned answer = slow(8);
int main() { return answer; }
