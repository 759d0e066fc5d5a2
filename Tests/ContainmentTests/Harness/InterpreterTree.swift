internal import Foundation
internal import SandboxSpec

/// A root file system that holds this machine's python and nothing else, with modules of a test's own beside the standard
/// ones. Made once; a test adds its module under a name that nobody else uses.
enum InterpreterTree {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Copies the interpreter, what it is linked against, and the part of its library that every start and a few modules of
    /// use here need. Names are those of a merged /usr, which every Debian since 12 has.
    private static let script = """
        set -e
        tree=$1
        lib=$(/usr/bin/python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
        mkdir -p "$tree/usr/bin" "$tree/usr/lib64" "$tree$lib"
        for name in bin lib lib64; do ln -s "usr/$name" "$tree/$name"; done
        cp -L /usr/bin/python3 "$tree/usr/bin/python3"
        cp -rL "$lib"/*.py "$lib/__pycache__" "$lib/lib-dynload" "$lib/encodings" "$lib/collections" "$lib/importlib" \
            "$lib/json" "$lib/re" "$tree$lib"
        ldd /usr/bin/python3 | grep -o '/[^ ]*' | while read -r file; do
            copy=$tree/usr${file#/usr}
            mkdir -p "$(dirname "$copy")"
            cp -L "$file" "$copy"
        done
        printf %s "$tree$lib"
        """

    private static let made: Result<(tree: String, library: String), any Error> = Result {
        let tree = try ProbeProgram.shared.get().directory + "/roots/python"
        try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
        let shell = Process()
        let output = Pipe()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script, "sh", tree]
        shell.standardOutput = output
        try shell.run()
        let library = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        guard shell.terminationStatus == 0 else { throw Failure(description: "python could not be copied to \(tree)") }
        return (tree, library)
    }

    static var root: RootSource { get throws { .tree(try made.get().tree) } }

    /// Adds a module.
    static func add(_ name: String, _ code: String) throws {
        try Data(code.utf8).write(to: URL(fileURLWithPath: try made.get().library + "/\(name).py"))
    }
}
