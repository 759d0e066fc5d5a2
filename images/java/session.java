// The driver of a live session for Java, over the JDK's own JShell. docs/session-drivers.md has the protocol: commands come from descriptor 100,
// records go to 101. A cell is cut into snippets, which are evaluated one after the other; what the last one gives, if it is an expression, is the
// cell's value. A cell that ends with a class that has a `main` runs it: whole programs can be pasted.

import java.io.*;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import jdk.jshell.*;
import jdk.jshell.SourceCodeAnalysis.Completeness;

public class session {
    static final int RECORD = 1 << 20, TEXT = 64 << 10, ROWS = 200;
    static final BlockingQueue<Map<String, Object>> commands = new LinkedBlockingQueue<>();
    static InputStream in;
    static OutputStream out;
    static JShell shell;
    static SourceCodeAnalysis analysis;
    static volatile String running;
    static volatile boolean asked;

    // --- JSON: strings, and numbers, true and false as their text

    static Map<String, Object> decode(String text) {
        var record = new HashMap<String, Object>();
        int[] at = {text.indexOf('{') + 1};
        while (true) {
            while (at[0] < text.length() && ", \n\r\t".indexOf(text.charAt(at[0])) >= 0) at[0]++;
            if (at[0] >= text.length() || text.charAt(at[0]) != '"') return record;
            String name = string(text, at);
            while (": \n\r\t".indexOf(text.charAt(at[0])) >= 0) at[0]++;
            if (text.charAt(at[0]) == '"') record.put(name, string(text, at));
            else {
                int start = at[0];
                while (",}".indexOf(text.charAt(at[0])) < 0) at[0]++;
                record.put(name, text.substring(start, at[0]).strip());
            }
        }
    }

    static String string(String text, int[] at) {
        var result = new StringBuilder();
        for (int i = at[0] + 1; ; i++) {
            char c = text.charAt(i);
            if (c == '"') {
                at[0] = i + 1;
                return result.toString();
            }
            if (c != '\\') result.append(c);
            else if ((c = text.charAt(++i)) == 'u') {
                result.append((char) Integer.parseInt(text.substring(i + 1, i + 5), 16));
                i += 4;
            } else result.append("bfnrt".indexOf(c) >= 0 ? "\b\f\n\r\t".charAt("bfnrt".indexOf(c)) : c);
        }
    }

    static String quote(String text) {
        var result = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') result.append('\\').append(c);
            else if (c < 32) result.append(String.format("\\u%04x", (int) c));
            else result.append(c);
        }
        return result.append('"').toString();
    }

    /** At most so many bytes, by whole characters. */
    static String cut(String text, int limit) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= limit) return text;
        return new String(bytes, 0, limit, StandardCharsets.UTF_8).replaceAll("\ufffd+$", "");
    }

    // --- The channel

    static FileDescriptor descriptor(int number) {
        var descriptor = new FileDescriptor();
        jdk.internal.access.SharedSecrets.getJavaIOFileDescriptorAccess().set(descriptor, number);
        return descriptor;
    }

    /** Pairs of a name and JSON. */
    static synchronized void send(String... fields) {
        var text = new StringJoiner(",", "{", "}");
        for (int i = 0; i < fields.length; i += 2) text.add(quote(fields[i]) + ":" + fields[i + 1]);
        byte[] data = text.toString().getBytes(StandardCharsets.UTF_8);
        if (data.length > RECORD) throw new IllegalArgumentException("record too large");
        try {
            var whole = new ByteArrayOutputStream();
            new DataOutputStream(whole).writeInt(data.length);
            whole.write(data);
            out.write(whole.toByteArray());
        } catch (IOException error) {
            lost(error.getMessage());
        }
    }

    static void lost(String reason) {
        System.err.println("session: channel: " + reason);
        Runtime.getRuntime().halt(70);
    }

    /** Runs in a thread of its own: an interrupt has to arrive while a cell runs. */
    static void receive() {
        try {
            var data = new DataInputStream(in);
            while (true) {
                int size = data.readInt();
                if (size < 0 || size > RECORD) lost("record too large");
                var record = decode(new String(data.readNBytes(size), StandardCharsets.UTF_8));
                if (!"interrupt".equals(record.get("type"))) commands.add(record);
                else if (record.get("id").equals(running)) {
                    asked = true;
                    shell.stop();
                }
            }
        } catch (EOFException end) {
            Runtime.getRuntime().halt(0); // The service is gone or has closed the session.
        } catch (IOException | RuntimeException error) {
            lost(error.toString());
        }
    }

    // --- Cells

    static void execute(Map<String, Object> record) {
        var id = (String) record.get("id");
        asked = false;
        running = id;
        String status = "ok";
        try {
            if (!run(id, (String) record.get("code"), "true".equals(record.get("silent")))) status = "error";
        } catch (RuntimeException error) {
            status = "error";
            fail(id, error.getClass().getName(), String.valueOf(error.getMessage()), List.of());
        }
        if (asked) {
            status = "interrupted";
            fail(id, "Interrupted", "the cell was interrupted", List.of());
        }
        System.out.flush();
        System.err.flush();
        running = null;
        send("type", "\"done\"", "id", quote(id), "status", quote(status));
    }

    /** Evaluates the snippets of a cell, up to the first that fails, which it reports. */
    static boolean run(String id, String code, boolean silent) {
        String rest = code;
        SnippetEvent last = null;
        while (!rest.isBlank()) {
            var part = analysis.analyzeCompletion(rest);
            boolean whole = part.completeness().isComplete() || part.completeness() == Completeness.CONSIDERED_INCOMPLETE;
            if (part.completeness() == Completeness.EMPTY) break;
            String source = whole && part.source() != null ? part.source() : rest;
            rest = whole && part.source() != null ? part.remaining() : "";
            for (var event : shell.eval(source)) {
                if (asked) return true;
                if (event.causeSnippet() != null) continue; // Another snippet that this one changed.
                if (event.status() == Snippet.Status.REJECTED) {
                    var problems = shell.diagnostics(event.snippet()).map(problem -> problem.getMessage(null)).toList();
                    fail(id, "CompilationError", problems.isEmpty() ? "the snippet was rejected" : problems.get(0), problems.size() > 1 ? problems.subList(1, problems.size()) : List.of());
                    return false;
                }
                if (event.exception() != null) {
                    failed(id, event.exception());
                    return false;
                }
                last = event;
            }
        }
        if (last == null) return true;
        if (last.snippet() instanceof TypeDeclSnippet type && type.source().contains("static void main(String")) return run(id, type.name() + ".main(new String[0]);", true);
        if (!silent && last.snippet() instanceof ExpressionSnippet expression) report(id, expression.typeName(), last.value());
        if (!silent && last.snippet() instanceof VarSnippet variable && variable.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND) report(id, variable.typeName(), last.value());
        return true;
    }

    static void report(String id, String type, String text) {
        if (text == null || text.equals("null")) return;
        String value = switch (type) {
            case "int", "short", "byte", "Integer" -> text;
            case "long", "Long" -> Math.abs(Double.parseDouble(text)) < 9007199254740992.0 ? text : null;
            case "double", "float", "Double" -> text.matches("-?[0-9.]+(E-?[0-9]+)?") ? text : null;
            case "boolean", "Boolean" -> text;
            case "String" -> text.startsWith("\"") && text.endsWith("\"") && text.length() <= TEXT ? quote(string(text, new int[] {0})) : null;
            default -> null;
        };
        String shown = cut(text, TEXT);
        var fields = new ArrayList<>(List.of("type", "\"result\"", "id", quote(id), "repr", quote(shown), "truncated", String.valueOf(shown.length() < text.length())));
        if (value != null && value.length() <= TEXT) fields.addAll(List.of("value", value));
        send(fields.toArray(new String[0]));
    }

    static void failed(String id, Throwable problem) {
        String name = problem instanceof EvalException thrown ? thrown.getExceptionClassName() : problem.getClass().getName();
        var lines = new ArrayList<String>();
        for (var frame : problem.getStackTrace()) {
            if (frame.getClassName().startsWith("jdk.") || frame.getMethodName().startsWith("do_it$")) break;
            if (lines.size() < 200) lines.add("    at " + (frame.getClassName().isEmpty() ? "" : frame.getClassName() + ".") + frame.getMethodName() + "(" + frame.getFileName() + ":" + frame.getLineNumber() + ")");
        }
        if (problem.getCause() instanceof EvalException cause) lines.add("Caused by: " + cause.getExceptionClassName() + ": " + cause.getMessage());
        String message = problem instanceof UnresolvedReferenceException unresolved
            ? "not declared: " + String.join(", ", shell.unresolvedDependencies(unresolved.getSnippet()).toList()) : String.valueOf(problem.getMessage());
        fail(id, name, message, lines);
    }

    static void fail(String id, String exception, String message, List<String> lines) {
        var traceback = new StringJoiner(",", "[", "]").add(quote(cut(exception + ": " + message, 600)));
        for (String line : lines.subList(0, Math.min(200, lines.size()))) traceback.add(quote(cut(line, 600)));
        send("type", "\"error\"", "id", quote(id), "exception", quote(cut(exception, 200)), "message", quote(cut(message, 8000)), "traceback", traceback.toString());
    }

    // --- Questions, while no cell runs

    static List<String> answer(Map<String, Object> record) {
        var code = (String) record.getOrDefault("code", "");
        int points = Integer.parseInt((String) record.getOrDefault("cursor", "0"));
        int cursor = code.offsetByCodePoints(0, Math.min(points, code.codePointCount(0, code.length())));
        var list = new StringJoiner(",", "[", "]");
        switch ((String) record.get("type")) {
            case "complete":
                int[] anchor = {0};
                var names = new TreeSet<String>();
                for (var suggestion : analysis.completionSuggestions(code, cursor, anchor)) names.add(suggestion.continuation());
                for (String name : names.stream().limit(ROWS).toList()) list.add("{\"text\":" + quote(name) + ",\"type\":" + quote(name.contains("(") ? "function" : "instance") + "}");
                return List.of("matches", list.toString(), "start", String.valueOf(names.isEmpty() ? points : code.codePointCount(0, anchor[0])), "end", String.valueOf(points));
            case "inspect":
                var signatures = new TreeSet<String>();
                for (var documentation : analysis.documentation(code, cursor, false)) signatures.add(documentation.signature());
                if (signatures.isEmpty()) return List.of("found", "false", "data", "{}");
                return List.of("found", "true", "data", "{\"text/plain\":" + quote(cut(String.join("\n", signatures), TEXT)) + "}");
            case "is_complete":
                var completeness = analysis.analyzeCompletion(code).completeness();
                String rest = code;
                while (completeness.isComplete() && !(rest = analysis.analyzeCompletion(rest).remaining()).isBlank()) completeness = analysis.analyzeCompletion(rest).completeness();
                if (completeness == Completeness.UNKNOWN) return List.of("status", "\"invalid\"");
                if (completeness.isComplete() || completeness == Completeness.EMPTY || completeness == Completeness.CONSIDERED_INCOMPLETE) return List.of("status", "\"complete\"");
                String line = code.substring(code.lastIndexOf('\n') + 1);
                return List.of("status", "\"incomplete\"", "indent", quote(line.replaceAll("\\S.*", "") + (line.matches(".*[{(]\\s*") ? "    " : "")));
            case "variables":
                for (var variable : shell.variables().filter(one -> !one.name().startsWith("$")).limit(ROWS).toList()) {
                    // Of an object, its class: `toString` is the cell's own code.
                    boolean own = variable.typeName().matches("byte|short|int|long|float|double|boolean|char|String|Integer|Long|Double|Boolean");
                    String text = own ? shell.varValue(variable) : "<" + variable.typeName() + ">";
                    list.add("{\"name\":" + quote(cut(variable.name(), 200)) + ",\"type\":" + quote(cut(variable.typeName(), 200)) + ",\"repr\":" + quote(cut(text, 200)) + "}");
                }
                return List.of("variables", list.toString());
            default:
                return List.of("error", "\"unknown type\"");
        }
    }

    public static void main(String[] arguments) throws Exception {
        Files.deleteIfExists(Path.of("session.java")); // Nobody needs it any more, and a cell should find its folder empty.
        in = new BufferedInputStream(new FileInputStream(descriptor(100)));
        out = new FileOutputStream(descriptor(101));
        sun.misc.Signal.handle(new sun.misc.Signal("INT"), signal -> {}); // `interrupt` says it.
        shell = JShell.builder().executionEngine("local").build();
        analysis = shell.sourceCodeAnalysis();
        for (String name : List.of("io", "math", "nio.file", "util", "util.concurrent", "util.function", "util.regex", "util.stream")) shell.eval("import java." + name + ".*;");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> { // System.exit in a cell.
            System.out.flush();
            String id = running;
            running = null;
            if (id != null) send("type", "\"done\"", "id", quote(id), "status", "\"ok\"");
        }));
        var reader = new Thread(session::receive);
        reader.setDaemon(true);
        reader.start();
        send("type", "\"ready\"", "protocol", "1", "language", "\"java\"", "version", quote(System.getProperty("java.version")),
            "features", "[\"complete\",\"inspect\",\"is_complete\",\"variables\",\"interrupt\"]");
        while (true) {
            var record = commands.take();
            if ("execute".equals(record.get("type"))) {
                execute(record);
                continue;
            }
            var fields = new ArrayList<>(List.of("type", "\"answer\"", "id", quote((String) record.get("id"))));
            try {
                fields.addAll(answer(record));
            } catch (RuntimeException error) {
                fields.addAll(List.of("error", quote(cut(error.toString(), 500))));
            }
            send(fields.toArray(new String[0]));
        }
    }
}
