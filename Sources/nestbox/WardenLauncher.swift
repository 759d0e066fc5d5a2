internal import Glibc
internal import Images
internal import RunModel
internal import SandboxSpec
internal import ServerSettings
internal import WardenClient

/// Starts the warden of one command.
enum WardenLauncher {
    /// - Parameters:
    ///   - roots: of all sandboxes that will be asked for; trees outside the store are named to the warden one by one.
    /// - Throws: `APIError`: no root rights, no executable, or a warden that did not come up, with its last words.
    static func launch(_ directories: DirectoryOptions, roots: [RootSource]) async throws(APIError) -> WardenConnection
    {
        try await launch(arguments(directories, roots: roots))
    }

    private static func launch(_ arguments: [String]) async throws(APIError) -> WardenConnection {
        guard geteuid() == 0 else { throw rootless }
        let executable: String
        switch Installation.warden() {
        case .success(let path): executable = path
        case .failure(let missing):
            throw APIError(
                .wardenUnavailable,
                "nestbox-warden is missing or not executable, looked for \(missing.tried.joined(separator: ", "))")
        }
        do {
            return try await WardenConnection.launch(
                executable: executable, arguments: arguments)
        } catch {
            throw APIError(.wardenUnavailable, error.description, retryable: true)
        }
    }

    static func arguments(_ directories: DirectoryOptions, roots: [RootSource]) -> [String] {
        let store = ImageStore(state: directories.found.state).rootsDirectory
        var directories = Installation.isDirectory(store) ? [store] : []
        for case .tree(let path) in roots where !path.hasPrefix(store + "/") && !directories.contains(path) {
            directories.append(path)
        }
        return directories.flatMap { ["--image-root", $0] }
    }

    /// A warden that comes up while the request is still being read: neither needs the other, unless a root lies outside the store.
    struct Early: Sendable {
        private let directories: DirectoryOptions
        private let options: [String]
        private let arguments: [String]
        private let task: Task<Result<WardenConnection, APIError>, Never>

        /// - Parameter mayObserve: whether sandboxes may be observed. Only of a warden of this command, which nobody else talks to.
        init(_ directories: DirectoryOptions, mayObserve: Bool = false) {
            self.directories = directories
            options = mayObserve ? ["--observe"] : []
            let arguments = WardenLauncher.arguments(directories, roots: []) + options
            self.arguments = arguments
            task = Task {
                do throws(APIError) {
                    return .success(try await WardenLauncher.launch(arguments))
                } catch {
                    return .failure(error)
                }
            }
        }

        /// The warden for sandboxes with these roots: this one, or another if this one may not show them.
        ///
        /// - Throws: as `launch` does.
        func connection(roots: [RootSource]) async throws(APIError) -> WardenConnection {
            let needed = WardenLauncher.arguments(directories, roots: roots) + options
            guard needed == arguments else {
                await discard()
                return try await WardenLauncher.launch(needed)
            }
            return try await task.value.get()
        }

        /// Ends it. One that did not come up has told nobody, and nobody wanted it.
        func discard() async {
            if case .success(let connection) = await task.value { await connection.close() }
        }
    }

    /// What exactly is missing, and what a run without root would take.
    private static var rootless: APIError {
        APIError(
            .permissionDenied,
            """
            running programs needs root, this is uid \(geteuid()): a warden with root writes id maps of host uids \
            that no other sandbox has, makes cgroups, and binds image roots read-only; use sudo
            a rootless run would need a range of subordinate ids for this user (newuidmap and /etc/subuid), a \
            delegated cgroup with the cpu, memory and pids controllers, and unprivileged user namespaces; \
            'nestbox doctor' says which of these this machine has
            """,
            details: ["uid": String(geteuid())])
    }
}
