import std.stdio;

void main() {
    writeln(answer);
}
