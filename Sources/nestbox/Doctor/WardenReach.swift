internal import Glibc
internal import RunModel
internal import WardenClient

/// Whether a warden comes up: it looks at cgroups, ids and its own configuration, and says what it lacks.
enum WardenReach {
    static func findings(_ directories: DirectoryOptions) async -> [Finding] {
        // Said once, as `root`.
        guard geteuid() == 0 else { return [] }
        do throws(APIError) {
            let connection = try await WardenLauncher.launch(directories, roots: [])
            await connection.close()
            return [Finding("warden", true, found: "comes up", consequence: "", remedy: "")]
        } catch {
            return [
                Finding(
                    "warden", false, found: error.message, consequence: "nothing can be run",
                    remedy: "fix what else is missing here, or /etc/nestbox/warden.conf")
            ]
        }
    }
}
