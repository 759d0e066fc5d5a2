template <int Depth> struct Names { using type = Names<Depth - 1>; typename type::missing x; typename type::other y; };
#define A0 { std::vector<std::map<std::string, std::vector<int>>> v; v << v; }
#include <iostream>
#include <map>
#include <vector>
#define A1 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 
int main() {
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
    A1
}
