internal import Glibc

/// What helps when files are missing: no policy decides about files.
enum FileAdvice {
    static func hints(_ log: TraceLog) -> [String] {
        let files = log.files.entries.map(\.value).filter { $0.wish != .look }
        var hints: [String] = []
        if let missing = files.first(where: { $0.errno == ENOENT && ($0.wish == .read || $0.wish == .execute) }) {
            hints.append(
                missing.path.hasPrefix("/box/")
                    ? "files of a run come with it: nestbox run --file NAME=PATH"
                    : "programs search for files that need not be there; one that is needed belongs into the image (packages in its "
                        + "image.yaml)")
        }
        if files.contains(where: { [EROFS, EACCES].contains($0.errno) && ($0.wish == .create || $0.wish == .write) }) {
            hints.append("a program may write to /box, /tmp and /dev/shm only; no policy changes that")
        }
        return hints
    }
}
