#include <iostream>
#include <memory>
#include <string>

struct Node {
    std::string word;
    int count = 1;
    std::unique_ptr<Node> left, right;
};

void insert(std::unique_ptr<Node> &node, const std::string &word) {
    if (!node) {
        node = std::make_unique<Node>();
        node->word = word;
    } else if (word < node->word) {
        insert(node->left, word);
    } else if (node->word < word) {
        insert(node->right, word);
    } else {
        node->count++;
    }
}

void print(const std::unique_ptr<Node> &node, int depth = 0) {
    if (!node) return;
    print(node->left, depth + 1);
    std::cout << std::string(depth * 2, ' ') << node->word << " x" << node->count << '\n';
    print(node->right, depth + 1);
}

int main() {
    std::unique_ptr<Node> root;
    for (const char *word : {"maple", "elm", "oak", "ash", "elm", "pine", "maple", "elm"}) insert(root, word);
    print(root);
}
