template <int N> struct Fib { static const long long value = Fib<N - 1>::value + Fib<N + 1>::value; };
int main() { return Fib<0>::value; }
