internal import Glibc

/// The files below `/etc` that tell a program who it is: the sandbox's user, and the name `localhost`.
enum AccountFiles {
    static let identifier = 1000
    static let passwordLine = "nestbox:x:1000:1000:nestbox:/box:/bin/sh"
    static let groupLine = "nestbox:x:1000:"

    /// Rewrites `/etc/passwd` and `/etc/group` of a tree: an account that had the user's name or number goes, the user comes.
    ///
    /// Anything that is not a regular file of reasonable size is replaced; `/etc` that is no directory is an error.
    static func addUser(in root: borrowing TreeDirectory) throws(ImageError) {
        let name = Array("etc".utf8)
        if let status = try root.status(name) {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw ImageError(.badArchive, "/etc of the root is not a directory")
            }
        } else {
            try root.makeDirectory(name, mode: 0o755)
        }
        let etc = try root.directory(name)
        try rewrite("passwd", in: etc, adding: passwordLine, otherwise: "root:x:0:0:root:/root:/bin/sh")
        try rewrite("group", in: etc, adding: groupLine, otherwise: "root:x:0:")
        try write(hosts, to: "hosts", in: etc)
    }

    /// The one name a sandbox without resolver needs.
    static let hosts = "127.0.0.1 localhost nestbox\n::1 localhost\n"

    private static func rewrite(
        _ file: String, in etc: borrowing TreeDirectory, adding line: String, otherwise fallback: String
    ) throws(ImageError) {
        let name = Array(file.utf8)
        let text = try etc.contents(name, limit: 1_048_576).map { String(decoding: $0, as: UTF8.self) }
        try write(merged(text ?? fallback, adding: line), to: file, in: etc)
    }

    private static func write(_ text: String, to file: String, in etc: borrowing TreeDirectory) throws(ImageError) {
        let name = Array(file.utf8)
        try etc.remove(name)
        let made = try etc.makeFile(name)
        try writeAll(Array(text.utf8), to: made)
        try etc.setMode(name, 0o644)
    }

    /// The lines of an account file with `line` at the end, without those that have its name or its number.
    static func merged(_ text: String, adding line: String) -> String {
        let kept = text.split(separator: "\n").filter { existing in
            let fields = existing.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 3 else { return false }
            return fields[0] != TreeTidying.user && fields[2] != "\(identifier)"
        }
        return (kept.map(String.init) + [line]).joined(separator: "\n") + "\n"
    }
}
