#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

class Door {
public:
    explicit Door(std::string name) : name(std::move(name)) { std::cout << "open  " << this->name << '\n'; }
    ~Door() { std::cout << "close " << name << '\n'; }
    Door(const Door &) = delete;
    Door &operator=(const Door &) = delete;

private:
    std::string name;
};

void visit(bool fails) {
    Door garden("garden");
    Door house("house");
    if (fails) throw std::runtime_error("nobody is at home");
    std::cout << "tea\n";
}

int main() {
    visit(false);
    try {
        visit(true);
    } catch (const std::exception &error) {
        std::cout << "caught: " << error.what() << '\n';
    }
}
