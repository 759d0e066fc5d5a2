internal import Glibc

/// Builds a root of Debian packages with mmdebstrap, then adds the image's wheels and files and runs its setup.
struct DebianBuilder: RootBuilder {
    let root: DebianRoot
    var sources = AptSources()

    /// Documentation, manuals and translations: half the files of a root, which no program of a sandbox reads.
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
        let cache = PackageCache(below: task.cache)
        let sources = try sources.sources(for: root.suite)
        // mmdebstrap has a source of its own for a suite that the machine has none for; what comes from there is not kept.
        let isCached = cache.isUsable && sources.contains(where: \.isRemote)
        if task.isOffline { try checkOffline(sources, cache) }
        let wheelCache = WheelCache(below: task.cache)
        let wheels = try root.wheels.map { wheel throws(ImageError) in try wheelCache.file(of: wheel, for: task) }
        if isCached {
            try cache.prepare(sources)
            try cache.lend(sources, to: task.directory)
        }
        let count = root.installed.count
        task.progress(.step("installing \(count) packages and what they need from Debian \(root.suite)"))
        let program = BuildProgram(
            executable: mmdebstrap,
            arguments: arguments(
                target: task.directory,
                mirrors: isCached ? cache.lines(sources, isOffline: task.isOffline) : sources.map(\.line),
                options: try AptSettings.inherited(cancellation: task.cancellation),
                hasHook: access(Self.mergedUsrHook, R_OK) == 0, isCached: isCached))
        try install(program, task, isCached ? cache : nil)
        let packages = try DpkgStatus.packages(in: task.directory)
        for (wheel, file) in zip(root.wheels, wheels) {
            task.progress(.step("unpacking \(wheel.name) \(wheel.version)"))
            try WheelInstaller(wheel: wheel, cancellation: task.cancellation).install(file, into: task.directory)
        }
        try RootFileInstaller.install(root.files, into: task.directory)
        try RootSetup(commands: root.setup).run(in: task)
        return packages
    }

    /// Says what is missing before anything is made.
    private func checkOffline(_ sources: [PackageSource], _ cache: PackageCache) throws(ImageError) {
        guard !sources.isEmpty else {
            throw ImageError(
                .buildFailed,
                "nothing can be built offline from Debian \(root.suite): the machine's own sources in /etc/apt have no such "
                    + "suite, and what comes from elsewhere is not kept")
        }
        guard cache.isUsable || !sources.contains(where: \.isRemote) else {
            throw ImageError(.buildFailed, "packages cannot be kept in \(cache.path): its name has special characters")
        }
        if let source = cache.missing(sources).first {
            throw ImageError(
                .buildFailed,
                "the package lists of \(source.suite) from \(source.uri) were never fetched: build once without --offline"
            )
        }
    }

    /// Runs mmdebstrap and keeps what it fetched, even when it fails: that is good for the next attempt.
    private func install(_ program: BuildProgram, _ task: BuildTask, _ cache: PackageCache?) throws(ImageError) {
        var failures = FetchFailures()
        do throws(ImageError) {
            try program.leashed(hasNetwork: !task.isOffline).run(
                name: "mmdebstrap", cancellation: task.cancellation
            ) { line in
                failures.look(at: line)
                // Told of each package that is not in the cache yet.
                if !line.hasPrefix("Ign:") { task.progress(.output(line)) }
            }
        } catch {
            guard let cache else { throw error }
            // What went wrong first is what matters.
            try? cache.keep(from: task.directory)
            let damaged = cache.forget(failures.places)
            guard error.code == .buildFailed, !failures.packages.isEmpty else { throw error }
            if task.isOffline {
                throw ImageError(
                    .buildFailed,
                    "these packages were never fetched, or are damaged: \(failures.shown); build once without --offline"
                )
            }
            guard damaged > 0 else { throw error }
            throw ImageError(
                .buildFailed, "these packages were damaged and are removed: \(failures.shown); build it again")
        }
        try cache?.keep(from: task.directory, cancellation: task.cancellation)
    }

    /// The command line of mmdebstrap.
    ///
    /// SOURCE_DATE_EPOCH is not set: it would make Python's byte code check its source on every import. What differs
    /// from build to build is removed or stamped by `TreeTidying` instead.
    func arguments(
        target: String, mirrors: [String], options: [String], hasHook: Bool, isCached: Bool
    ) -> [String] {
        var arguments = ["--mode=root", "--format=directory", "--variant=\(root.variant.rawValue)", "--verbose"]
        if hasHook { arguments.append("--hook-dir=\(Self.mergedUsrHook)") }
        // The tree begins with the lists of the cache, and what apt fetches stays until the cache has it.
        if isCached { arguments.append("--skip=check/empty,essential/unlink,cleanup/apt/lists,cleanup/apt/cache") }
        arguments += Self.excluded.map { "--dpkgopt=path-exclude=\($0)" }
        // The tree is flushed once, at the end; a torn build is never used.
        arguments.append("--dpkgopt=force-unsafe-io")
        arguments += options.map { "--aptopt=\($0)" }
        arguments.append("--include=" + root.installed.joined(separator: ","))
        return arguments + ["--", root.suite, target] + mirrors
    }
}
