package import ConfigurationFiles

/// All policies of a directory, and of one that lies over it, at one moment: each right as a whole, or not there.
package struct PolicySet: Sendable, Equatable {
    /// By name.
    package let policies: [String: Policy]
    package let groups: SyscallGroups
    /// Named sets of hosts.
    package let networks: NetworkSets
    /// Policies that cannot be used, by name, with what is wrong: with their own file, one they extend, or a group they name.
    package let broken: [String: ConfigurationError]
    /// Everything that is wrong, once; nil when nothing is.
    package let diagnostics: ConfigurationError?
    /// Files that another one replaces, by the path of the one in force.
    package let replaced: [String: String]

    package static let maximumPolicies = 256

    /// A file of policies or groups: the name errors call it, and its text.
    package typealias Source = (file: String, text: String)

    /// Reads `directory/*.yaml`, `directory/syscalls/*.yaml` and `directory/networks/*.yaml`.
    ///
    /// - Throws: every error of every file.
    package static func load(directory: String) throws(ConfigurationError) -> PolicySet {
        try load(directories: [directory])
    }

    /// The same of directories that lie over each other: a file replaces one of the same name in the directories before.
    ///
    /// - Throws: every error of every file that is in force.
    package static func load(directories: [String]) throws(ConfigurationError) -> PolicySet {
        let set = try usable(directories: directories)
        if let diagnostics = set.diagnostics { throw diagnostics }
        return set
    }

    /// Reads what can be used; a policy with an error is in `broken`, and so is all that depends on it. It is never replaced by
    /// the file it should have replaced: that one may allow more.
    ///
    /// - Parameter file: a file that lies elsewhere, and is read as if it lay on top.
    /// - Throws: what leaves nothing to use, or makes unknown what there is: no policies, a directory that cannot be read.
    package static func usable(
        directories: [String], with file: String? = nil
    ) throws(ConfigurationError) -> PolicySet {
        let groups = try ConfigurationDirectories.documents(
            in: directories.map { $0 + "/syscalls" }, mayBeAbsent: true, maximumCount: SyscallGroups.maximumCount)
        let networks = try ConfigurationDirectories.documents(
            in: directories.map { $0 + "/networks" }, mayBeAbsent: true, maximumCount: NetworkSets.maximumCount)
        var policies = try ConfigurationDirectories.documents(
            in: directories, mayBeAbsent: false, maximumCount: maximumPolicies)
        if let file {
            let document = ConfigurationDirectories.document(file)
            policies.documents = policies.documents.filter { $0.stem != document.stem } + [document]
        }
        guard !policies.documents.isEmpty else {
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    of: directories.last ?? "", "there are no policies here: no file is named *.yaml"))
        }
        let set = make(
            policies: policies.documents, groups: groups.documents, networks: networks.documents,
            replaced: policies.replaced.merging(groups.replaced) { one, _ in one }
                .merging(networks.replaced) { one, _ in one })
        if set.policies.isEmpty, let diagnostics = set.diagnostics { throw diagnostics }
        return set
    }

    /// The files of policies, of groups and of sets of hosts that are in force.
    ///
    /// - Throws: what makes unknown which there are.
    package static func files(
        in directories: [String]
    ) throws(ConfigurationError) -> (policies: [String], groups: [String], networks: [String]) {
        let groups = try ConfigurationDirectories.files(
            in: directories.map { $0 + "/syscalls" }, mayBeAbsent: true, maximumCount: SyscallGroups.maximumCount)
        let policies = try ConfigurationDirectories.files(
            in: directories, mayBeAbsent: false, maximumCount: maximumPolicies)
        let networks = try ConfigurationDirectories.files(
            in: directories.map { $0 + "/networks" }, mayBeAbsent: true, maximumCount: NetworkSets.maximumCount)
        return (policies.files, groups.files, networks.files)
    }

    /// A set of some of the policies there are.
    ///
    /// - Parameters:
    ///   - groups: the files of all groups.
    ///   - networks: the files of all sets of hosts.
    package static func some(of policies: [String], groups: [String], networks: [String]) -> PolicySet {
        make(
            policies: policies.map(ConfigurationDirectories.document),
            groups: groups.map(ConfigurationDirectories.document),
            networks: networks.map(ConfigurationDirectories.document), replaced: [:])
    }

    /// Reads policies, groups and sets of hosts from text.
    ///
    /// - Throws: every error.
    package static func parse(
        policies: [Source], groups: [Source] = [], networks: [Source] = []
    ) throws(ConfigurationError) -> PolicySet {
        let set = read(policies: policies, groups: groups, networks: networks)
        if let diagnostics = set.diagnostics { throw diagnostics }
        return set
    }

    /// Reads what can be used of policies, groups and sets of hosts from text; a policy with an error is in `broken`.
    package static func read(policies: [Source], groups: [Source], networks: [Source]) -> PolicySet {
        func document(_ source: Source) -> ConfigurationDirectories.Document {
            var document = ConfigurationDirectories.Document(file: source.file)
            do throws(ConfigurationError) {
                document.node = try YAMLReader.parse(source.text, file: source.file)
            } catch {
                document.error = error
            }
            return document
        }
        return make(
            policies: policies.map(document), groups: groups.map(document), networks: networks.map(document),
            replaced: [:])
    }

    /// The policy by this name.
    ///
    /// - Throws: `UnknownPolicyError`, which names the ones there are, or what is wrong with this one.
    package func policy(named name: String) throws(UnknownPolicyError) -> Policy {
        guard let policy = policies[name] else {
            throw UnknownPolicyError(name: name, known: policies.keys.sorted(), diagnostics: broken[name])
        }
        return policy
    }

    /// Policies made for images that are not there: an error each, where `image` is said.
    ///
    /// - Parameter images: the names of all images.
    package func unknownImages(among images: Set<String>) -> ConfigurationError? {
        let log = DiagnosticLog()
        for policy in policies.values {
            guard let language = policy.language, !images.contains(language.value) else { continue }
            log.add(
                at: language.location, key: "image",
                found: "the unknown image \(ConfigurationDiagnostic.quote(language.value))",
                allowed: images.isEmpty ? "no image: there is none" : Suggestion.list(images.sorted(), of: "images"),
                hint: Suggestion.hint(for: language.value, among: images.sorted()))
        }
        return log.error
    }

    private static func make(
        policies: [ConfigurationDirectories.Document], groups: [ConfigurationDirectories.Document],
        networks: [ConfigurationDirectories.Document], replaced: [String: String]
    ) -> PolicySet {
        let log = DiagnosticLog()
        for document in groups + networks + policies { if let error = document.error { log.add(error) } }
        let (groups, brokenGroups) = SyscallGroups.read(groups.map { ($0.stem, $0.node) }, log: log)
        let (sets, brokenSets) = NetworkSets.read(networks.map { ($0.stem, $0.node) }, log: log)
        var documents: [String: PolicyDocument] = [:]
        var broken: [String: ConfigurationError] = [:]
        for policy in policies {
            let own = DiagnosticLog()
            if let error = policy.error { own.add(error) }
            if let node = policy.node {
                documents[policy.stem] = PolicyDocument(
                    node, stem: policy.stem, groups: groups, networks: sets, log: own)
            }
            if let error = own.error { broken[policy.stem] = error }
            log.add(own)
        }
        // A group that lacks a call allows too little, or denies too little: which was meant is unknown.
        for (stem, document) in documents where broken[stem] == nil {
            let error =
                document.groups.lazy.compactMap { brokenGroups[$0] }.first
                ?? document.networkSets.lazy.compactMap { brokenSets[$0] }.first
            guard let error else { continue }
            broken[stem] = error
            documents[stem] = nil
        }
        var resolved: [String: Policy] = [:]
        let unusable = Set(broken.keys)
        let lists = ResolvedCalls()
        for name in documents.keys.sorted() {
            let own = DiagnosticLog()
            let resolver = PolicyResolver(
                documents: documents, broken: unusable, groups: groups, resolved: lists, log: own)
            if let policy = resolver.policy(named: name), own.isEmpty {
                resolved[name] = policy
            } else {
                broken[name] = broken[name] ?? own.error ?? ancestor(of: name, documents, broken)
            }
            log.add(own)
        }
        return PolicySet(
            policies: resolved, groups: groups, networks: sets, broken: broken, diagnostics: log.error,
            replaced: replaced)
    }

    /// What is wrong with the policy that a chain of `extends` breaks at.
    private static func ancestor(
        of name: String, _ documents: [String: PolicyDocument], _ broken: [String: ConfigurationError]
    ) -> ConfigurationError? {
        var name = name
        for _ in 0..<PolicyResolver.maximumDepth {
            guard let parent = documents[name]?.extends?.value else { break }
            if documents[parent] == nil || broken[parent] != nil { return broken[parent] }
            name = parent
        }
        return nil
    }
}
