import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.File;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticListener;
import javax.tools.ForwardingJavaFileObject;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The compiler's front end. It takes the main file's public class by whatever name it has, and where no class is called as the
 * file is, makes one that calls the class with main. Where the program is not there yet, it compiles an example first: the
 * compiler is warm then.
 */
public class Compile {
    private static final Path EXAMPLES = Path.of("/usr/lib/nestbox");
    /** How often a short example is compiled: twice as often makes the next program no faster. */
    private static final int ROUNDS = 16;

    public static void main(String[] arguments) throws Exception {
        // A look at the folder is none at the program, for which the sandbox would be parked.
        String[] there = new File(".").list();
        if (there == null || there.length == 0) rehearse();
        PrintWriter errors = new PrintWriter(System.err, true);
        int status = compile(List.of(arguments), errors);
        errors.flush();
        // Nothing is registered for the end.
        Runtime.getRuntime().halt(status);
    }

    private static int compile(List<String> arguments, PrintWriter errors) throws Exception {
        List<String> options = new ArrayList<>();
        List<String> sources = new ArrayList<>();
        for (String argument : arguments) (argument.endsWith(".java") ? sources : options).add(argument);
        String main = sources.get(sources.size() - 1);
        JavaCompiler tool = ToolProvider.getSystemJavaCompiler();
        // What is wrong with the bytes of a source is told by those who read it.
        boolean[] isDamaged = {false};
        DiagnosticListener<JavaFileObject> listener = (problem) -> {
            errors.println(problem);
            isDamaged[0] |= problem.getKind() == Diagnostic.Kind.ERROR;
        };
        try (StandardJavaFileManager files = tool.getStandardFileManager(listener, null, StandardCharsets.UTF_8)) {
            List<JavaFileObject> units = new ArrayList<>();
            for (JavaFileObject unit : files.getJavaFileObjectsFromStrings(sources))
                units.add(unit.getName().equals(main) ? new AnyName(unit) : unit);
            JavacTask task = (JavacTask) tool.getTask(errors, files, null, options, null, units);
            Mains mains = new Mains(task, main);
            task.addTaskListener(mains);
            if (!task.call() || isDamaged[0]) return 1;
            Path folder = Path.of(options.get(options.indexOf("-d") + 1));
            if (!main.startsWith("/")) mains.launch(folder, main.substring(0, main.length() - ".java".length()));
            return 0;
        } catch (IllegalArgumentException problem) {
            errors.println("error: " + problem.getMessage());
            return 2;
        }
    }

    /** A source whose public class may have any name. */
    private static final class AnyName extends ForwardingJavaFileObject<JavaFileObject> {
        AnyName(JavaFileObject file) {
            super(file);
        }

        @Override
        public boolean isNameCompatible(String name, Kind kind) {
            return kind == Kind.SOURCE;
        }
    }

    /** The classes with a main, as the compiler has understood them, in the order of the sources; those of the main file first. */
    private static final class Mains implements TaskListener {
        private final JavacTask task;
        private final String main;
        private final List<TypeElement> found = new ArrayList<>();
        private int ofMainFile;

        Mains(JavacTask task, String main) {
            this.task = task;
            this.main = main;
        }

        @Override
        public void finished(TaskEvent event) {
            TypeElement type = event.getTypeElement();
            if (event.getKind() != TaskEvent.Kind.ANALYZE || type == null || !hasMain(type)) return;
            boolean isMainFile = event.getSourceFile() != null && event.getSourceFile().getName().equals(main);
            found.add(isMainFile ? ofMainFile++ : found.size(), type);
        }

        private boolean hasMain(TypeElement type) {
            return task.getElements().getAllMembers(type).stream().anyMatch(
                (member) -> member.getKind() == ElementKind.METHOD
                    && member.toString().matches("main\\(java\\.lang\\.String(\\[\\]|\\.\\.\\.)\\)")
                    && member.getModifiers().containsAll(List.of(Modifier.PUBLIC, Modifier.STATIC)));
        }

        /** Sees to it that what the run step starts, the class that is called as the main file, is there. */
        void launch(Path folder, String wanted) throws Exception {
            if (found.isEmpty() || Files.exists(folder.resolve(wanted + ".class"))) return;
            TypeElement type = found.stream().filter((one) -> one.getModifiers().contains(Modifier.PUBLIC)).findFirst().orElse(found.get(0));
            String target = type.getQualifiedName().toString().replace('.', '/');
            boolean isInterface = type.getKind().isInterface();
            int slash = target.lastIndexOf('/');
            String itsPackage = target.substring(0, slash + 1);
            if (!type.getModifiers().contains(Modifier.PUBLIC) && !itsPackage.equals(wanted.substring(0, wanted.lastIndexOf('/') + 1))) {
                // Only its own package may call it.
                String neighbour = itsPackage + "Launcher$" + target.substring(slash + 1);
                Launcher.write(folder, neighbour, target, isInterface);
                target = neighbour;
                isInterface = false;
            }
            Launcher.write(folder, wanted, target, isInterface);
        }
    }

    private static void rehearse() throws Exception {
        Path classes = Files.createTempDirectory("rehearsal");
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        compile(rehearsal("Training.java", classes), nowhere);
        for (int round = 0; round < ROUNDS; round++) compile(rehearsal("Small.java", classes), nowhere);
        try (var files = Files.walk(classes)) {
            for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    private static List<String> rehearsal(String example, Path classes) {
        return List.of("-proc:none", "-encoding", "UTF-8", "-d", classes.toString(), EXAMPLES.resolve(example).toString());
    }
}
