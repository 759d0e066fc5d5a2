internal import Foundation

/// The files of this installation: beside the executable, or in the source tree it was built in.
package enum Installation {
    package struct Missing: Error {
        package let tried: [String]
    }

    /// An installed directory.
    ///
    /// - Parameter source: its path in a source tree, if it has another name there.
    package static func shared(_ name: String, source: String? = nil) -> String? {
        // Relative to bin, and to libexec/nestbox.
        for place in ["/../share/nestbox/", "/../../share/nestbox/"] {
            let installed = standardized(directory + place + name)
            if isDirectory(installed) { return installed }
        }
        var directory = directory
        for _ in 0..<8 where directory != "/" {
            let inside = directory + "/" + (source ?? name)
            if FileManager.default.fileExists(atPath: directory + "/Package.swift"), isDirectory(inside) {
                return inside
            }
            directory = standardized(directory + "/..")
        }
        return nil
    }

    /// `nestbox-warden`, or the paths where it was looked for.
    package static func warden() -> Result<String, Missing> {
        if let given = ProcessInfo.processInfo.environment["NESTBOX_WARDEN"], !given.isEmpty {
            let path = standardized(given)
            return isExecutable(path) ? .success(path) : .failure(Missing(tried: [path]))
        }
        return companion("nestbox-warden")
    }

    /// Another executable of this installation, or the paths where it was looked for.
    package static func companion(_ name: String) -> Result<String, Missing> {
        let tried = [name, "../libexec/nestbox/" + name].map { standardized(directory + "/" + $0) }
        return tried.first(where: isExecutable).map { .success($0) } ?? .failure(Missing(tried: tried))
    }

    package static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path) && !isDirectory(path)
    }

    package static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// The path of the running executable.
    package static let executable: String = {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }()

    private static var directory: String { standardized(executable + "/..") }

    private static func standardized(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// The version of this build.
    package static let version = "0.3.0"

    /// The directories of this installation. Looked for once: a command asks several times.
    package static let paths = InstallationPaths(
        policies: shared("policies") ?? "/usr/local/share/nestbox/policies",
        images: shared("images") ?? "/usr/local/share/nestbox/images",
        examples: shared("examples") ?? "/usr/local/share/nestbox/examples", overlay: "/etc/nestbox",
        state: "/var/lib/nestbox",
        web: shared("web", source: "Sources/RunAPI/Web") ?? "/usr/local/share/nestbox/web",
        processors: ProcessInfo.processInfo.activeProcessorCount)
}
