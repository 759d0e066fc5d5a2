internal import ConfigurationFiles
internal import FairQueue

/// Reads the file of one tenant; what is wrong goes to the log of its reader.
struct TenantReader {
    /// What lists may name.
    struct Known {
        let languages: [String]
        let policies: [String]
    }

    static let keys = [
        "version", "name", "description", "keys", "languages", "policies", "rate", "concurrent", "queued", "sessions",
        "weight", "priority", "daily",
    ]

    private let document: MappingReader
    private let known: Known

    init(_ document: MappingReader, known: Known) {
        self.document = document
        self.known = known
    }

    /// - Parameter keys: the tenants of all keys read until now, by id.
    func tenant(stem: String, keys: inout [String: String]) -> Tenant {
        document.rejectKeys(notIn: Self.keys)
        document.checkVersion()
        var tenant = Tenant(name: document.name(ofFile: stem)?.value ?? stem)
        tenant.description = document.string("description")?.value
        tenant.keys = ids(of: tenant.name, &keys)
        tenant.languages = names("languages", among: known.languages, of: "images")
        tenant.policies = names("policies", among: known.policies, of: "policies")
        tenant.rate = document.integer("rate", in: 1...1_000_000).map { Int($0.value) }
        tenant.concurrent = document.integer("concurrent", in: 1...4096).map { Int($0.value) }
        tenant.queued = document.integer("queued", in: 0...100_000).map { Int($0.value) }
        tenant.sessions = document.integer("sessions", in: 0...4096).map { Int($0.value) }
        tenant.weight = document.integer("weight", in: 1...1000).map { Int($0.value) } ?? 1
        priorities(&tenant)
        if let daily = document.mapping("daily") {
            daily.rejectKeys(notIn: ["runs", "cpu", "bytes"])
            tenant.daily = Tenant.Daily(
                runs: daily.integer("runs", in: 0...1_000_000_000)?.value,
                cpu: daily.quantity("cpu", as: .duration, in: 0...8_640_000_000_000_000)?.value,
                bytes: daily.quantity("bytes", as: .bytes, in: 0...1_125_899_906_842_624)?.value)
        }
        return tenant
    }

    private func ids(of tenant: String, _ keys: inout [String: String]) -> [String] {
        guard let found = document.strings("keys", maximumCount: TenantSet.maximumKeys, maximumBytes: 64) else {
            return []
        }
        guard ![Tenant.standard, Tenant.anonymous].contains(tenant) else {
            document.reject(
                "keys", found: "a list", allowed: "no keys: \"\(tenant)\" has those that no other tenant has")
            return []
        }
        for (index, id) in found.enumerated() {
            let path = "\(document.path(to: "keys"))[\(index)]"
            let isID =
                id.value.utf8.count == 8
                && id.value.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }
            guard isID else {
                document.log.add(
                    at: id.location, key: path, found: ConfigurationDiagnostic.quote(id.value),
                    allowed: "the id of a key: 8 lower-case letters and digits", hint: "nestbox key list shows them")
                continue
            }
            if let other = keys.updateValue(tenant, forKey: id.value) {
                document.log.add(
                    at: id.location, key: path, found: "a key that \"\(other)\" has already",
                    allowed: "each key once")
            }
        }
        return found.map(\.value)
    }

    private func names(_ key: String, among known: [String], of what: String) -> [String]? {
        guard let names = document.strings(key, maximumBytes: 64) else { return nil }
        for (index, name) in names.enumerated() where !known.contains(name.value) {
            document.log.add(
                at: name.location, key: "\(document.path(to: key))[\(index)]",
                found: ConfigurationDiagnostic.quote(name.value),
                allowed: known.isEmpty ? "none: there are no \(what)" : Suggestion.list(known.sorted(), of: what),
                hint: Suggestion.hint(for: name.value, among: known))
        }
        return names.map(\.value)
    }

    private func priorities(_ tenant: inout Tenant) {
        guard let priority = document.mapping("priority") else { return }
        priority.rejectKeys(notIn: ["min", "max", "default"])
        let all = Int64(QueueRequest.priorities.lowerBound)...Int64(QueueRequest.priorities.upperBound)
        let lowest = priority.integer("min", in: all)?.value ?? all.lowerBound
        let highest = priority.integer("max", in: all)?.value ?? all.upperBound
        guard lowest <= highest else {
            priority.reject("max", found: "\(highest)", allowed: "at least min, which is \(lowest)")
            return
        }
        let own = min(max(Int64(QueueRequest.standardPriority), lowest), highest)
        tenant.priorities = Int(lowest)...Int(highest)
        tenant.priority = Int(priority.integer("default", in: lowest...highest)?.value ?? own)
    }
}
