import java.io.File;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/** The compiler's front end. Where the program is not there yet, it compiles an example first: the compiler is warm then. */
public class Compile {
    private static final String EXAMPLE = "/usr/lib/nestbox/Training.java";

    public static void main(String[] arguments) throws Exception {
        // A look at the folder is none at the program, for which the sandbox would be parked.
        String[] there = new File(".").list();
        if (there == null || there.length == 0) rehearse();
        PrintWriter errors = new PrintWriter(System.err, true);
        System.exit(com.sun.tools.javac.Main.compile(arguments, errors));
    }

    private static void rehearse() throws Exception {
        Path classes = Files.createTempDirectory("rehearsal");
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        for (int round = 0; round < 3; round++)
            com.sun.tools.javac.Main.compile(
                new String[] {"-proc:none", "-encoding", "UTF-8", "-d", classes.toString(), EXAMPLE}, nowhere);
        try (var files = Files.walk(classes)) {
            for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }
}
