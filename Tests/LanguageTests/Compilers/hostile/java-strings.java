public class Main {
    static final String a0 = "xxxxxxxxxxxxxxxx";
    static final String a1 = a0 + a0;
    static final String a2 = a1 + a1;
    static final String a3 = a2 + a2;
    static final String a4 = a3 + a3;
    static final String a5 = a4 + a4;
    static final String a6 = a5 + a5;
    static final String a7 = a6 + a6;
    static final String a8 = a7 + a7;
    static final String a9 = a8 + a8;
    static final String a10 = a9 + a9;
    static final String a11 = a10 + a10;
    static final String a12 = a11 + a11;
    static final String a13 = a12 + a12;
    static final String a14 = a13 + a13;
    static final String a15 = a14 + a14;
    static final String a16 = a15 + a15;
    static final String a17 = a16 + a16;
    static final String a18 = a17 + a17;
    static final String a19 = a18 + a18;
    static final String a20 = a19 + a19;
    static final String a21 = a20 + a20;
    static final String a22 = a21 + a21;
    static final String a23 = a22 + a22;
    static final String a24 = a23 + a23;
    static final String a25 = a24 + a24;
    static final String a26 = a25 + a25;
    static final String a27 = a26 + a26;
    static final String a28 = a27 + a27;
    static final String a29 = a28 + a28;
    static final String a30 = a29 + a29;
    public static void main(String[] arguments) { System.out.println(a30.length()); }
}
