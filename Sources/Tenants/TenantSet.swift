package import ConfigurationFiles

/// All tenants, read from `tenants/*.yaml` beside the policies; always with the tenants `default` and `anonymous`, which a file may
/// describe. A key belongs to one tenant at most.
package struct TenantSet: Sendable, Equatable {
    /// By name.
    package let tenants: [String: Tenant]
    /// Whether there are files at all.
    package let isConfigured: Bool
    private let ofKeys: [String: String]

    package static let maximumCount = 1000
    package static let maximumKeys = 1000

    /// Without any file.
    package static let none = TenantSet([])

    package init(_ found: [Tenant]) {
        var tenants = Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for name in [Tenant.standard, Tenant.anonymous] where tenants[name] == nil {
            tenants[name] = Tenant(name: name)
        }
        self.tenants = tenants
        isConfigured = !found.isEmpty
        ofKeys = Dictionary(
            found.flatMap { tenant in tenant.keys.map { ($0, tenant.name) } }, uniquingKeysWith: { first, _ in first })
    }

    /// The tenant of a key.
    ///
    /// - Parameter key: its id; nil where keys are not required.
    package func tenant(ofKey key: String?) -> Tenant {
        let name = key.map { ofKeys[$0] ?? Tenant.standard } ?? Tenant.anonymous
        return tenants[name] ?? Tenant(name: name)
    }

    /// The directories of tenants that go with directories of policies: beside each.
    package static func directories(besides policies: [String]) -> [String] {
        policies.map { path in
            var parts = path.split(separator: "/", omittingEmptySubsequences: false)
            while parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }
            parts[parts.count - 1] = "tenants"
            return parts.joined(separator: "/")
        }
    }

    /// Reads directories that lie over each other, the last one on top.
    ///
    /// - Parameters:
    ///   - languages: the names of all images.
    ///   - policies: the names of all policies.
    /// - Throws: every error of every file: with one of them left out, its keys would have the limits of another.
    package static func load(
        directories: [String], languages: [String], policies: [String]
    ) throws(ConfigurationError) -> TenantSet {
        let (documents, _) = try ConfigurationDirectories.documents(
            in: directories, mayBeAbsent: true, maximumCount: maximumCount)
        let log = DiagnosticLog()
        var keys: [String: String] = [:]
        var tenants: [Tenant] = []
        for document in documents {
            if let error = document.error { log.add(error) }
            guard let node = document.node, let reader = MappingReader(node, log: log) else { continue }
            let known = TenantReader.Known(languages: languages, policies: policies)
            tenants.append(TenantReader(reader, known: known).tenant(stem: document.stem, keys: &keys))
        }
        try log.throwIfAny()
        return TenantSet(tenants)
    }
}
