class N<Z> {}
class C<X> extends N<N<? super C<C<X>>>> {}
public class Main {
    N<? super C<Byte>> cast(C<Byte> c) { return c; }
    public static void main(String[] arguments) {}
}
