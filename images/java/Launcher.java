import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes classes whose main calls that of another class. */
class Launcher {
    static void write(Path folder, String name, String target, boolean isInterface) throws IOException {
        Path file = folder.resolve(name + ".class");
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, bytes(name, target, isInterface));
    }

    /** `public class NAME { public static void main(String[] arguments) { TARGET.main(arguments); } }`, JVMS 4. */
    private static byte[] bytes(String name, String target, boolean isInterface) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.writeInt(0xCAFEBABE);
        out.writeInt(52);
        out.writeShort(12);
        text(out, name); // 1
        reference(out, 7, 1); // 2
        text(out, "java/lang/Object"); // 3
        reference(out, 7, 3); // 4
        text(out, "main"); // 5
        text(out, "([Ljava/lang/String;)V"); // 6
        text(out, target); // 7
        reference(out, 7, 7); // 8
        reference(out, 12, 5, 6); // 9
        reference(out, isInterface ? 11 : 10, 8, 9); // 10
        text(out, "Code"); // 11
        // Public; no interfaces, no fields, one method: public static, with one attribute, its code.
        for (int word : new int[] {0x21, 2, 4, 0, 0, 1, 9, 5, 6, 1, 11}) out.writeShort(word);
        out.writeInt(17);
        out.writeShort(1);
        out.writeShort(1);
        out.writeInt(5);
        // aload_0; invokestatic 10; return
        out.write(new byte[] {0x2a, (byte) 0xb8, 0, 10, (byte) 0xb1});
        for (int word : new int[] {0, 0, 0}) out.writeShort(word);
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        out.writeByte(1);
        out.writeUTF(text);
    }

    private static void reference(DataOutputStream out, int tag, int... indices) throws IOException {
        out.writeByte(tag);
        for (int index : indices) out.writeShort(index);
    }
}
