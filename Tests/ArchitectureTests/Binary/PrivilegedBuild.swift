internal import Foundation

/// A release build of the privileged products alone, in a package of its own that shares the sources.
///
/// It lies in .build, so that the next one has little to do. A package of its own, since SwiftPM would strike the
/// packages that are not used from the Package.resolved of the real one.
struct PrivilegedBuild {
    let directory: URL

    private var scratch: URL { directory.appendingPathComponent("scratch") }

    static func run() async throws -> PrivilegedBuild {
        let root = Repository.root
        let build = PrivilegedBuild(directory: root.appendingPathComponent(".build/privileged-only"))
        let files = FileManager.default
        try files.createDirectory(at: build.directory, withIntermediateDirectories: true)
        for name in ["Package.swift", "Package.resolved", "Sources"] {
            try? files.removeItem(at: build.directory.appendingPathComponent(name))
        }
        try files.copyItem(
            at: root.appendingPathComponent("Package.swift"),
            to: build.directory.appendingPathComponent("Package.swift"))
        try files.createSymbolicLink(
            at: build.directory.appendingPathComponent("Sources"),
            withDestinationURL: root.appendingPathComponent("Sources"))
        for product in ["nestbox-warden", "nestbox-init"] {
            let tool = try await Tool.run(
                [
                    "swift", "build", "-c", "release", "--static-swift-stdlib", "--scratch-path", build.scratch.path,
                    "--product", product,
                ], in: build.directory, environment: ["NESTBOX_PRIVILEGED_ONLY": "1"])
            guard tool.status == 0 else { throw Failure(description: "\(product): \(tool.complaint)") }
        }
        return build
    }

    func executable(_ name: String) throws -> ELFFile {
        try ELFFile(Array(try Data(contentsOf: scratch.appendingPathComponent("release/\(name)"))))
    }

    /// Traces of packages that were fetched or resolved.
    var resolvedPackages: [String] {
        let files = FileManager.default
        let directories = ["checkouts", "repositories", "registry"].flatMap { name in
            (try? files.contentsOfDirectory(atPath: scratch.appendingPathComponent(name).path)) ?? []
        }
        let pins = files.fileExists(atPath: directory.appendingPathComponent("Package.resolved").path)
        return directories + (pins ? ["Package.resolved"] : [])
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
