import std.stdio;

void main() {
    writeln(import("/etc/shadow"));
}
