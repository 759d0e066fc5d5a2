class Answer {
    static int main(String[] arguments) { return 0; }
}
