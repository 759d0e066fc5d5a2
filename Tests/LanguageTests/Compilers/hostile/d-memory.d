string hungry() {
    string text = "x";
    while (text.length > 0) text ~= text;
    return text;
}

enum answer = hungry();

void main() {}
