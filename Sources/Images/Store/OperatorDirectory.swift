internal import Glibc

/// The checks on a directory that an operator offers as a root, to be used in place.
enum OperatorDirectory {
    /// The canonical path of a directory that only root can change at the top.
    ///
    /// Below the top the operator answers for the tree: it is mounted read-only, without set-user-id and devices.
    /// - Throws: `notBuilt` when it is not there, `unusableRoot` when it cannot be used; both with the remedy.
    static func check(_ path: String, of image: Image) throws(ImageError) -> String {
        guard let resolved = realpath(path, nil) else {
            // Clients read this, too: where it would be is no business of theirs.
            if errno == ENOENT {
                throw ImageError(
                    .notBuilt,
                    "image \(image.name) has no root yet: it is a directory that an operator makes; see images/\(image.name)/image.yaml"
                )
            }
            throw systemFailure("cannot use the root directory \(path)", code: .unusableRoot)
        }
        defer { free(resolved) }
        let canonical = String(cString: resolved)
        guard canonical != "/" else {
            throw ImageError(.unusableRoot, "root directory \(path) is the machine's own /: use `root: {host: true}`")
        }
        var status = stat()
        guard stat(canonical, &status) == 0 else {
            throw systemFailure("cannot use the root directory \(path)", code: .unusableRoot)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw ImageError(.unusableRoot, "root directory \(path) is not a directory")
        }
        guard status.st_uid == 0 else {
            throw ImageError(
                .unusableRoot,
                "root directory \(path) belongs to uid \(status.st_uid), allowed is 0: run `chown root \(canonical)`")
        }
        guard status.st_mode & 0o022 == 0 else {
            let mode = String(status.st_mode & 0o7777, radix: 8)
            throw ImageError(
                .unusableRoot,
                "root directory \(path) has mode \(mode), which lets others change it: run `chmod go-w \(canonical)`")
        }
        return canonical
    }
}
