internal import CSandbox
internal import Glibc
internal import LinuxSystem
internal import SandboxSpec

/// The list of what a zygote's root shows, checked, for the C side to build.
@safe
struct RootView: ~Copyable {
    /// Owned; freed with this value.
    let pointer: OpaquePointer
    /// What each entry is about, to name it when building fails.
    private(set) var objects: [String] = []

    /// Entries of an image tree that are always Nestbox's own.
    private static let reserved: Set<String> = ["proc", "sys", "dev", "tmp", "box", "run"]

    private init() throws(StageFailure) {
        // SAFETY: the view is owned by this value alone and freed in deinit.
        guard let view = unsafe nestbox_view_create() else { throw StageFailure(stage: "view_root", errno: ENOMEM) }
        unsafe pointer = view
    }

    deinit {
        // SAFETY: created in init, freed once.
        unsafe nestbox_view_free(pointer)
    }

    static func make(_ source: RootSource, _ configuration: WardenConfiguration) throws(StageFailure) -> RootView {
        var view = try RootView()
        switch source {
        case .host: try view.addHost(configuration.hostPaths)
        case .tree(let path): try view.addTree(path, roots: configuration.imageRoots)
        }
        return view
    }

    private mutating func addTree(_ path: String, roots: [String]) throws(StageFailure) {
        let components = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard path.hasPrefix("/"), !components.contains(".."), !components.contains("."), !components.contains(""),
            roots.contains(where: { path.hasPrefix($0 + "/") || path == $0 })
        else {
            throw StageFailure(
                stage: "view_source", errno: EPERM,
                object: "\(path), which is not below an image root (\(roots.joined(separator: ", ")))")
        }
        try Self.step(path) { () throws(SystemCallError) in
            // One component after the other: no symbolic link anywhere on the way.
            var directory = try Files.openDirectory("/")
            for component in components { directory = try Files.openDirectory(String(component), at: directory.number) }
            let status = try Files.status(of: directory.number)
            guard status.owner == 0, status.permissions & 0o022 == 0 else {
                throw SystemCallError("check", errno: EPERM, object: "\(path), which others than root may write")
            }
            for name in try Files.entries(of: directory).sorted() {
                let entry = try Files.status(name, at: directory.number)
                if Self.reserved.contains(name) {
                    guard entry.kind == .directory else {
                        throw SystemCallError("check", errno: ENOTDIR, object: "\(path)/\(name)")
                    }
                    continue
                }
                switch entry.kind {
                case .symbolicLink:
                    try symlink(try Files.readLink(name, at: directory.number), at: name)
                case .directory, .regular: try bind("\(path)/\(name)", at: name)
                case .other: throw SystemCallError("check", errno: EINVAL, object: "\(path)/\(name)")
                }
            }
        }
    }

    /// A curated view of the host: the listed paths, and an /etc that says nothing about it.
    private mutating func addHost(_ paths: [String]) throws(StageFailure) {
        for path in paths {
            try Self.step(path) { () throws(SystemCallError) in
                let target = String(path.dropFirst())
                let status: FileStatus
                do throws(SystemCallError) { status = try Files.status(path) } catch {
                    if error.errno == ENOENT || error.errno == ENOTDIR { return }
                    throw error
                }
                switch status.kind {
                case .symbolicLink: try symlink(try Files.readLink(path), at: target)
                case .directory, .regular: try bind(path, at: target)
                case .other: throw SystemCallError("check", errno: EINVAL, object: path)
                }
            }
        }
        for (name, contents) in Self.hostFiles {
            try Self.step("etc/\(name)") { () throws(SystemCallError) in try file(contents, at: "etc/\(name)") }
        }
    }

    private static let hostFiles = [
        ("passwd", "root:x:0:0:root:/:/usr/sbin/nologin\nnestbox:x:1000:1000:nestbox:/box:/bin/sh\n"),
        ("group", "root:x:0:\nnestbox:x:1000:\n"),
        ("hosts", "127.0.0.1 localhost nestbox\n::1 localhost\n"),
        ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    ]

    // MARK: - Entries

    private static func step(_ object: String, _ body: () throws(SystemCallError) -> Void) throws(StageFailure) {
        do throws(SystemCallError) {
            try body()
        } catch {
            throw StageFailure(
                stage: "view_source", errno: error.errno, object: error.object.isEmpty ? object : error.object)
        }
    }

    private mutating func bind(_ source: String, at target: String) throws(SystemCallError) {
        // SAFETY: the view copies both strings, which outlive the call.
        try check(unsafe nestbox_view_bind(pointer, source, target), "nestbox_view_bind", target)
        objects.append(source)
    }

    private mutating func symlink(_ value: String, at target: String) throws(SystemCallError) {
        // SAFETY: the view copies both strings, which outlive the call.
        try check(unsafe nestbox_view_symlink(pointer, value, target), "nestbox_view_symlink", target)
        objects.append(target)
    }

    private mutating func file(_ contents: String, at target: String) throws(SystemCallError) {
        // SAFETY: the view copies both strings, which outlive the call.
        try check(unsafe nestbox_view_file(pointer, contents, target), "nestbox_view_file", target)
        objects.append(target)
    }
}
