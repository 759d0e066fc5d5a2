internal import Foundation
internal import Glibc

/// Wheels that were fetched once, each under the digest of what it is.
struct WheelCache {
    /// The largest wheel that is taken: 512 MiB.
    static let maximumBytes: Int64 = 536_870_912

    /// An absolute path.
    let path: String

    /// - Parameter cache: the directory of all caches.
    init(below cache: String) {
        path = cache + "/wheels"
    }

    /// Where a wheel is, or would be.
    func place(of digest: ContentDigest) -> String { "\(path)/\(digest).whl" }

    /// The wheel, fetched if it is not there. Its digest is checked either way.
    ///
    /// - Throws: `programMissing` without pip; `buildFailed` when it is not to be had, or is not what the description says.
    func file(of wheel: RootWheel, for task: BuildTask) throws(ImageError) -> String {
        let place = place(of: wheel.digest)
        if try Self.digest(of: place) == wheel.digest { return place }
        guard !task.isOffline else {
            throw ImageError(
                .buildFailed, "the wheel \(wheel.name) \(wheel.version) was never fetched: build once without --offline"
            )
        }
        try StorePaths.makeDirectory(path)
        let directory = "\(path)/.fetch-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        try StorePaths.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        task.progress(.step("fetching \(wheel.name) \(wheel.version)"))
        try fetch(wheel, into: directory, task)
        let names = try TreeDirectory(directory).entries().map { String(decoding: $0, as: UTF8.self) }
        guard let name = names.first(where: { $0.hasSuffix(".whl") }) else {
            throw ImageError(.buildFailed, "pip fetched no wheel of \(wheel.name) \(wheel.version)")
        }
        let found = try Self.digest(of: "\(directory)/\(name)")
        guard found == wheel.digest else {
            throw ImageError(
                .buildFailed,
                "the wheel \(name) has the SHA-256 \(found.map { "\($0)" } ?? "of something else"), expected is \(wheel.digest)"
            )
        }
        guard rename("\(directory)/\(name)", place) == 0 else { throw systemFailure("cannot keep the wheel \(name)") }
        return place
    }

    /// Has pip fetch exactly this wheel, from wherever pip is set up to.
    private func fetch(_ wheel: RootWheel, into directory: String, _ task: BuildTask) throws(ImageError) {
        let python = try ProgramSearch.path(of: "python3", package: "python3-pip")
        let environment = Self.environment(from: ProcessInfo.processInfo.environment)
        do throws(ImageError) {
            try BuildProgram(executable: python, arguments: ["-I", "-c", "import pip"], environment: environment)
                .run(name: "python3", cancellation: task.cancellation) { _ in }
        } catch {
            guard error.code == .buildFailed else { throw error }
            throw ImageError(.programMissing, "pip is not installed: run `apt-get install python3-pip`")
        }
        let list = "\(directory)/requirements.txt"
        do {
            try Data("\(wheel.name)==\(wheel.version) --hash=sha256:\(wheel.digest)\n".utf8).write(
                to: URL(fileURLWithPath: list))
        } catch {
            throw ImageError(.storage, "cannot write \(list): \(error.localizedDescription)")
        }
        let arguments = [
            "-I", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes", "--no-cache-dir",
            "--no-input", "--disable-pip-version-check", "--progress-bar=off", "--dest", directory, "--requirement",
            list,
        ]
        try BuildProgram(executable: python, arguments: arguments, environment: environment).leashed()
            .run(name: "pip", cancellation: task.cancellation) { task.progress(.output($0)) }
    }

    /// What a build program gets, and pip's own settings: its variables, and where its file is.
    static func environment(from inherited: [String: String]) -> [String] {
        let own = inherited.filter { $0.key.hasPrefix("PIP_") || ["HOME", "XDG_CONFIG_HOME"].contains($0.key) }
        let plain = ProgramSearch.environment(from: inherited).filter { !$0.hasPrefix("HOME=") || own["HOME"] == nil }
        return plain + own.map { "\($0.key)=\($0.value)" }.sorted()
    }

    /// The digest of a file of bounded size; nil when there is none, or it is too large.
    static func digest(of path: String) throws(ImageError) -> ContentDigest? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumBytes else {
            return nil
        }
        let file = try FileDescriptor(path, flags: O_RDONLY | O_NOFOLLOW)
        var digest = ContentDigest.Running()
        var offset: Int64 = 0
        while true {
            let bytes = try file.read(at: offset, count: 1_048_576)
            if bytes.isEmpty { return digest.finish() }
            digest.update(bytes)
            offset += Int64(bytes.count)
        }
    }
}
