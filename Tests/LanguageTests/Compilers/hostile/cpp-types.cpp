template <class T> struct Wrap { T a, b; };
int main() {
    auto f = [](auto x) { return Wrap<decltype(x)>{x, x}; };
    auto g = [=](auto x) { return f(f(f(f(x)))); };
    auto h = [=](auto x) { return g(g(g(g(x)))); };
    h(h(1));
}
