internal import Digests
internal import Foundation
internal import Glibc
internal import Tenants

/// What the files of policies and images hold at one moment.
///
/// Two that are equal mean that nothing was being written between them. Of a file that cannot be read, the reason counts.
package struct ConfigurationSnapshot: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case bytes([UInt8])
        /// Not read: why, or that it is larger than may be.
        case withheld(String)
    }

    /// By path: those of all directories, also files that another one replaces.
    package let files: [String: Content]
    /// The directories of policies and images that files were found in.
    package let occupied: Set<String>
    /// Directories of policies, images and tenants that are not there, or cannot be read, each with the reason.
    package let unusable: [String: String]

    /// The most files that are looked at, and the most bytes of one of them.
    static let maximumFiles = 8192
    static let maximumBytes = 1_048_576

    /// Reads all files. Blocks.
    ///
    /// - Parameters:
    ///   - images: directories with a directory for each image, the files of which count.
    ///   - policies: directories with policies, and groups of system calls in `syscalls`, sets of hosts in `networks`; tenants are in a
    ///     directory beside each.
    package static func read(images: [String], policies: [String]) -> ConfigurationSnapshot {
        var files: [String: Content] = [:]
        var unusable: [String: String] = [:]
        let tenants = TenantSet.directories(besides: policies)
        for directory in policies + images + tenants {
            if let reason = reason(against: directory) { unusable[directory] = reason }
        }
        for directory in policies {
            for folder in [directory, directory + "/syscalls", directory + "/networks"] {
                for name in names(in: folder) where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                    add(folder + "/" + name, to: &files)
                }
            }
        }
        for directory in tenants {
            for name in names(in: directory) where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                add(directory + "/" + name, to: &files)
            }
        }
        for directory in images {
            for image in names(in: directory) {
                for name in names(in: directory + "/" + image) { add("\(directory)/\(image)/\(name)", to: &files) }
            }
        }
        let occupied = Set(
            (policies + images + tenants).filter { root in files.keys.contains { $0.hasPrefix(root + "/") } })
        return ConfigurationSnapshot(files: files, occupied: occupied, unusable: unusable)
    }

    /// Why a directory says nothing about its files.
    private static func reason(against directory: String) -> String? {
        guard let stream = opendir(directory) else { return String(cString: strerror(errno)).lowercased() }
        closedir(stream)
        return nil
    }

    /// Directories whose files are in force and that say nothing any more: unmounted, moved away or locked. That is no change of
    /// their files.
    ///
    /// - Parameter occupied: the directories with files in force.
    /// - Returns: a line each.
    package func lost(of occupied: Set<String>) -> [String] {
        unusable.filter { occupied.contains($0.key) }.sorted { $0.key < $1.key }.map { directory, reason in
            "\(directory): found no directory that can be read (\(reason)), allowed is one; to have nothing in it, leave it empty"
        }
    }

    /// The directories whose changes may change a snapshot.
    ///
    /// Also those above: a directory may be a symbolic link that is replaced, or may not be there yet.
    package static func directories(images: [String], policies: [String]) -> Set<String> {
        let tenants = TenantSet.directories(besides: policies)
        var found = Set(tenants + policies + policies.flatMap { [$0 + "/syscalls", $0 + "/networks"] } + images)
        for directory in policies + images {
            found.insert(URL(fileURLWithPath: directory).deletingLastPathComponent().path)
        }
        for directory in images { found.formUnion(names(in: directory).map { directory + "/" + $0 }) }
        return found
    }

    private static func names(in directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { !$0.hasPrefix(".") }
    }

    private static func add(_ path: String, to files: inout [String: Content]) {
        guard files.count < maximumFiles else { return }
        switch RegularFile.read(path, maximumBytes: maximumBytes) {
        case .success(let bytes?): files[path] = .bytes(bytes)
        // A directory, a device, a pipe: nothing that is read as one of these files.
        case .success(nil): break
        case .failure(let reason): files[path] = .withheld(reason.description)
        }
    }

    /// SHA-256 over all paths and contents, in lower-case hexadecimal.
    package var digest: String {
        var running = RunningDigest(.sha256)
        for (path, content) in files.sorted(by: { $0.key < $1.key }) {
            let (kind, bytes) =
                switch content {
                case .bytes(let bytes): ("file", bytes)
                case .withheld(let reason): ("withheld", Array(reason.utf8))
                }
            running.update(Array("\(kind) \(path.utf8.count) \(bytes.count) \(path)\n".utf8))
            running.update(bytes)
        }
        return Hexadecimal.text(of: running.finish())
    }

    /// Whether another reader would have seen the same, but for files that it may not read.
    package func isSame(as other: ConfigurationSnapshot) -> Bool {
        guard files.count == other.files.count else { return false }
        return files.allSatisfy { path, content in
            guard let there = other.files[path] else { return false }
            if case .withheld = content { return true }
            if case .withheld = there { return true }
            return content == there
        }
    }
}
