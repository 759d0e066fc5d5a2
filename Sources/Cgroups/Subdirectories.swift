internal import Glibc
internal import LinuxSystem

/// The child groups of a group: its directories, not its control files.
enum Subdirectories {
    static func names(in directory: borrowing OwnedDescriptor) throws(SystemCallError) -> [String] {
        var names: [String] = []
        for name in try Files.entries(of: directory) {
            do throws(SystemCallError) {
                _ = try Files.openDirectory(name, at: directory.number)
                names.append(name)
            } catch {
                // A control file, a link, or gone in the meantime.
                guard [ENOTDIR, ELOOP, ENOENT].contains(error.errno) else { throw error }
            }
        }
        return names
    }
}
