class Answer {
    public static void main(String[] arguments) {}
}
