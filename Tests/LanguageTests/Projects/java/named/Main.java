package zoo;

class Helper {}

// Not called Main, and not public: the first class of the main file that has a main.
class Keeper {
    public static void main(String[] arguments) {
        System.out.println(new Animal("ape").name + " " + Keeper.class.getName());
    }
}
