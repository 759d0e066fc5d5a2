package zoo;

class Animal {
    final String name;

    Animal(String name) {
        this.name = name;
    }
}
