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
                executable: executable, arguments: arguments(directories, roots: roots))
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
