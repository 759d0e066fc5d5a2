internal import Glibc

/// Builds a root of Debian packages with mmdebstrap, then adds the image's files and runs its setup.
struct DebianBuilder: RootBuilder {
    let root: DebianRoot
    var sources = AptSources()

    /// Documentation, manuals and translations: half the files of a root, and nobody reads them in a sandbox.
    ///
    /// The sections' own directories stay: installation scripts put links to manuals into them.
    static let excluded = [
        "/usr/share/doc/*", "/usr/share/man/*/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/lintian/*",
        "/usr/share/bug/*",
    ]

    /// Makes /bin, /sbin and /lib links into /usr where the suite wants that, without installing a converter.
    static let mergedUsrHook = "/usr/share/mmdebstrap/hooks/maybe-merged-usr"

    func build(_ task: BuildTask) throws(ImageError) -> [PackageVersion] {
        let mmdebstrap = try ProgramSearch.path(of: "mmdebstrap", package: "mmdebstrap")
        let cache = PackageCache(path: task.cache)
        let cached = try cache.link(into: task.directory)
        let count = root.packages.count
        task.progress(.step("installing \(count) packages and what they need from Debian \(root.suite)"))
        let program = BuildProgram(
            executable: mmdebstrap,
            arguments: arguments(
                target: task.directory, mirrors: try sources.mirrors(for: root.suite),
                options: try AptSettings.inherited(cancellation: task.cancellation),
                hasHook: access(Self.mergedUsrHook, R_OK) == 0, hasCache: cached > 0))
        do throws(ImageError) {
            try program.leashed().run(name: "mmdebstrap", cancellation: task.cancellation) { line in
                task.progress(.output(line))
            }
        } catch {
            // What was downloaded is good for the next attempt.
            try cache.salvage(from: task.directory)
            throw error
        }
        let packages = try DpkgStatus.packages(in: task.directory)
        try RootFileInstaller.install(root.files, into: task.directory)
        try RootSetup(commands: root.setup).run(in: task)
        try cache.clear()
        return packages
    }

    /// The command line of mmdebstrap.
    ///
    /// SOURCE_DATE_EPOCH is not set: it would make Python's byte code check its source on every import. What differs
    /// from build to build is removed or stamped by `TreeTidying` instead.
    func arguments(
        target: String, mirrors: [String], options: [String], hasHook: Bool, hasCache: Bool
    ) -> [String] {
        var arguments = ["--mode=root", "--format=directory", "--variant=\(root.variant.rawValue)", "--verbose"]
        if hasHook { arguments.append("--hook-dir=\(Self.mergedUsrHook)") }
        if hasCache { arguments.append("--skip=check/empty,download/empty") }
        arguments += Self.excluded.map { "--dpkgopt=path-exclude=\($0)" }
        // The tree is flushed once, at the end; a torn build is never used.
        arguments.append("--dpkgopt=force-unsafe-io")
        arguments += options.map { "--aptopt=\($0)" }
        if !root.packages.isEmpty { arguments.append("--include=" + root.packages.joined(separator: ",")) }
        return arguments + ["--", root.suite, target] + mirrors
    }
}
