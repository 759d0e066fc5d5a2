import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.io.File
import java.io.PrintStream
import java.lang.reflect.Modifier
import java.net.URLClassLoader
import org.jetbrains.kotlin.cli.common.CLITool
import org.jetbrains.kotlin.cli.common.ExitCode
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler

/**
 * The compiler's own front end, which compiles examples first where there is time: a long one once, a short one again and again; and where no class is called MainKt, makes one
 * that calls the class with main.
 */
object Compile {
    private const val FILE = "main.kt"
    private const val EXAMPLES = "/usr/lib/nestbox"
    private const val ROUNDS = 6

    @JvmStatic
    fun main(arguments: Array<String>) {
        // In a sandbox that is prepared ahead the program is not there yet. Listing the directory is no look at it.
        if (FILE !in File(".").list()!!) {
            compileExample(arguments, "Training.kt")
            repeat(ROUNDS) { compileExample(arguments, "Small.kt") }
        }
        CLITool.doMain(K2JVMCompiler(), arguments)
        launch(File("."), "MainKt")
    }

    private fun launch(folder: File, wanted: String) {
        if (File(folder, "$wanted.class").exists()) return
        val names = folder.walk().filter { it.extension == "class" }
            .map { it.relativeTo(folder).path.removeSuffix(".class").replace('/', '.') }.sorted().toList()
        val loader = URLClassLoader(arrayOf(folder.absoluteFile.toURI().toURL()), Compile::class.java.classLoader)
        // Looked at, never initialized: nothing of the program runs here. main.kt of a package goes before other files.
        val targets = names.filter { name ->
            try {
                Modifier.isStatic(Class.forName(name, false, loader).getMethod("main", Array<String>::class.java).modifiers)
            } catch (problem: Throwable) {
                false
            }
        }
        val target = targets.firstOrNull { it.endsWith(".$wanted") } ?: targets.firstOrNull() ?: return
        File(folder, "$wanted.class").writeBytes(launcher(wanted, target.replace('.', '/')))
    }

    /** `public class NAME { public static void main(String[] arguments) { TARGET.main(arguments); } }`, JVMS 4. */
    private fun launcher(name: String, target: String): ByteArray {
        val bytes = ByteArrayOutputStream()
        val out = DataOutputStream(bytes)
        fun words(vararg words: Int) = words.forEach { out.writeShort(it) }
        fun text(text: String) {
            out.writeByte(1)
            out.writeUTF(text)
        }
        fun reference(tag: Int, vararg indices: Int) {
            out.writeByte(tag)
            words(*indices)
        }
        out.writeInt(0xCAFEBABE.toInt())
        words(0, 52, 12)
        text(name)
        reference(7, 1)
        text("java/lang/Object")
        reference(7, 3)
        text("main")
        text("([Ljava/lang/String;)V")
        text(target)
        reference(7, 7)
        reference(12, 5, 6)
        reference(10, 8, 9)
        text("Code")
        // Public; no interfaces, no fields, one method: public static, with one attribute, its code.
        words(0x21, 2, 4, 0, 0, 1, 9, 5, 6, 1, 11)
        out.writeInt(17)
        words(1, 1)
        out.writeInt(5)
        // aload_0; invokestatic 10; return
        for (byte in intArrayOf(0x2a, 0xb8, 0, 10, 0xb1)) out.writeByte(byte)
        words(0, 0, 0)
        return bytes.toByteArray()
    }

    private fun compileExample(arguments: Array<String>, example: String) {
        System.setProperty("kotlin.environment.keepalive", "true")
        val folder = createTempDir()
        val changed = arguments.map { if (it == FILE) "$EXAMPLES/$example" else if (it == ".") folder.path else it }
        val messages = ByteArrayOutputStream()
        val status = K2JVMCompiler().exec(PrintStream(messages), *changed.toTypedArray())
        check(status == ExitCode.OK) { messages.toString() }
        folder.deleteRecursively()
    }
}
