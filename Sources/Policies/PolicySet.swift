internal import Foundation

/// All policies of a directory at one moment: a value that is right as a whole or does not exist.
package struct PolicySet: Sendable, Equatable {
    /// By name.
    package let policies: [String: Policy]
    package let groups: SyscallGroups

    package static let maximumPolicies = 256

    /// A file of policies or groups: the name errors call it, and its text.
    package typealias Source = (file: String, text: String)

    /// Reads `directory/*.yaml` and `directory/syscalls/*.yaml`.
    ///
    /// - Throws: every mistake of every file at once.
    package static func load(directory: String) throws(ConfigurationError) -> PolicySet {
        let log = MistakeLog()
        let groupDirectory = directory + "/syscalls"
        var groups: [Document] = []
        if FileManager.default.fileExists(atPath: groupDirectory) {
            groups = read(groupDirectory, maximumCount: SyscallGroups.maximumCount, log: log)
        }
        let policies = read(directory, maximumCount: maximumPolicies, log: log)
        if policies.isEmpty {
            log.add(
                at: SourceLocation(file: directory, line: 1), key: "", found: "no policies",
                allowed: "at least one file named *.yaml")
        }
        return try make(policies: policies, groups: groups, log: log)
    }

    /// Reads policies and groups from text.
    package static func parse(policies: [Source], groups: [Source] = []) throws(ConfigurationError) -> PolicySet {
        let log = MistakeLog()
        func document(_ source: Source) -> Document {
            var node: YAMLNode?
            do throws(ConfigurationError) {
                node = try YAMLReader.parse(source.text, file: source.file)
            } catch {
                log.add(error)
            }
            return (stem(of: source.file), node)
        }
        return try make(policies: policies.map(document), groups: groups.map(document), log: log)
    }

    /// The policy by this name.
    ///
    /// - Throws: `UnknownPolicyError`, which names the ones there are.
    package func policy(named name: String) throws(UnknownPolicyError) -> Policy {
        guard let policy = policies[name] else {
            throw UnknownPolicyError(name: name, known: policies.keys.sorted())
        }
        return policy
    }

    /// A file without its suffix, and its content unless it could not be read.
    private typealias Document = (stem: String, node: YAMLNode?)

    private static func make(
        policies: [Document], groups: [Document], log: MistakeLog
    ) throws(ConfigurationError) -> PolicySet {
        let groups = SyscallGroups(groups, log: log)
        var documents: [String: PolicyDocument] = [:]
        for policy in policies {
            guard let node = policy.node else { continue }
            documents[policy.stem] = PolicyDocument(node, stem: policy.stem, groups: groups, log: log)
        }
        let broken = Set(policies.map(\.stem)).subtracting(documents.keys)
        let resolver = PolicyResolver(documents: documents, broken: broken, groups: groups, log: log)
        var resolved: [String: Policy] = [:]
        for name in documents.keys.sorted() { resolved[name] = resolver.policy(named: name) }
        try log.throwIfAny()
        return PolicySet(policies: resolved, groups: groups)
    }

    private static func read(_ directory: String, maximumCount: Int, log: MistakeLog) -> [Document] {
        var documents: [Document] = []
        do throws(ConfigurationError) {
            for name in try ConfigurationFile.names(inDirectory: directory, suffix: ".yml") {
                log.add(
                    at: SourceLocation(file: "\(directory)/\(name)", line: 1), key: "", found: "the suffix .yml",
                    allowed: ".yaml")
            }
            let names = try ConfigurationFile.names(inDirectory: directory, suffix: ".yaml")
            guard names.count <= maximumCount else {
                log.add(
                    at: SourceLocation(file: directory, line: 1), key: "", found: "\(names.count) files",
                    allowed: "at most \(maximumCount)")
                return []
            }
            for name in names {
                var node: YAMLNode?
                do throws(ConfigurationError) {
                    node = try ConfigurationFile.document(atPath: "\(directory)/\(name)")
                } catch {
                    log.add(error)
                }
                documents.append((stem(of: name), node))
            }
        } catch {
            log.add(error)
        }
        return documents
    }

    private static func stem(of file: String) -> String {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
    }
}
