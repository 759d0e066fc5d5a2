internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import Policies

/// A policy file that need not lie among the others.
enum PolicyFile {
    /// Checks the file together with the policies of `folder`; one of the same name is replaced by it.
    ///
    /// - Throws: the mistakes of this file, or all of them when the others alone are wrong already.
    static func load(_ path: String, among folder: String) throws(ConfigurationError) -> Policy {
        let name = URL(fileURLWithPath: path).lastPathComponent
        var policies = [(file: path, text: try text(atPath: path))]
        if FileManager.default.fileExists(atPath: folder) {
            for other in try ConfigurationFile.names(inDirectory: folder, suffix: ".yaml") where other != name {
                policies.append((folder + "/" + other, try text(atPath: folder + "/" + other)))
            }
        }
        var groups: [PolicySet.Source] = []
        let groupFolder = folder + "/syscalls"
        if FileManager.default.fileExists(atPath: groupFolder) {
            for group in try ConfigurationFile.names(inDirectory: groupFolder, suffix: ".yaml") {
                groups.append((groupFolder + "/" + group, try text(atPath: groupFolder + "/" + group)))
            }
        }
        let stem = name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
        let set = try PolicySet.parse(policies: policies, groups: groups)
        guard let policy = set.policies[stem] else {
            throw ConfigurationError(
                ConfigurationMistake(
                    at: SourceLocation(file: path, line: 1), key: "", found: "no policy", allowed: "one policy"))
        }
        return policy
    }

    private static func text(atPath path: String) throws(ConfigurationError) -> String {
        func failure(_ found: String) -> ConfigurationError {
            ConfigurationError(
                ConfigurationMistake(
                    at: SourceLocation(file: path, line: 1), key: "", found: found, allowed: "a readable YAML file"))
        }
        let bytes: [UInt8]
        do {
            let file = try Files.open(path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
            guard try Files.status(of: file.number).kind == .regular else { throw failure("no regular file") }
            // One byte more than allowed, so that the reader itself refuses what is too long.
            bytes = try Files.read(file.number, limit: YAMLReader.maximumBytes + 1, name: path)
        } catch let error as ConfigurationError {
            throw error
        } catch let error as SystemCallError {
            throw failure(errnoDescription(error.errno))
        } catch {
            throw failure("\(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("bytes that are not UTF-8") }
        return text
    }
}
