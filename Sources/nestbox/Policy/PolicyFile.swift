internal import ConfigurationFiles
internal import Foundation
internal import Policies

/// A policy file that need not lie among the others.
enum PolicyFile {
    /// Checks the file together with the policies of `directories`; one of the same name is replaced by it.
    ///
    /// - Throws: the errors of this file, or of those it depends on.
    static func load(
        _ path: String, among directories: [String], images: Set<String>
    ) throws(ConfigurationError) -> Policy {
        let set = try PolicySet.usable(directories: directories, with: path)
        let name = URL(fileURLWithPath: path).lastPathComponent
        let stem = name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
        guard let policy = set.policies[stem] else {
            throw set.broken[stem]
                ?? ConfigurationError(ConfigurationDiagnostic(of: path, "there is no policy in this file"))
        }
        if let error = set.unknownImages(among: images)?.diagnostics(in: path) { throw error }
        return policy
    }
}
