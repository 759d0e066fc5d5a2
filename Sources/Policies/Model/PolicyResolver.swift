internal import ConfigurationFiles
internal import SandboxSpec

/// Applies `extends` and turns documents into policies, noting what no file of a chain says and what contradicts.
struct PolicyResolver {
    /// Documents by name, those included that have errors of their own.
    let documents: [String: PolicyDocument]
    /// Names of those with errors, and of files of which nothing could be read; nothing is said about what extends the latter.
    let broken: Set<String>
    let groups: SyscallGroups
    let log: DiagnosticLog
    private let resolved: ResolvedCalls
    private let missing = MissingKeys()

    init(
        documents: [String: PolicyDocument], broken: Set<String>, groups: SyscallGroups, resolved: ResolvedCalls,
        log: DiagnosticLog
    ) {
        self.resolved = resolved
        self.documents = documents
        self.broken = broken
        self.groups = groups
        self.log = log
    }

    /// Policies in a chain of `extends`, the first included.
    static let maximumDepth = 8

    /// The policy by this name, or nil with the reason in `log`.
    func policy(named name: String) -> Policy? {
        guard let document = documents[name], let chain = chain(from: document) else { return nil }
        // What seems to be missing may be there with an error; what is there can be compared all the same.
        if chain.contains(where: \.isBroken) {
            _ = ceiling(of: chain, limits: nil)
            return nil
        }
        let before = log.count
        let limits = limits(of: chain)
        let ceiling = ceiling(of: chain, limits: limits)
        let warnAt = required(chain, "warn_at", allowed: "a percentage such as 80%") { $0.warnAt }
        let network = self.network(of: chain)
        let allow = required(chain, "syscalls.allow", allowed: "a list such as [\"@default\"]") { $0.allow }
        let pool = pool(of: chain)
        let session = session(of: chain)
        let workspace = workspace(of: chain)
        missing.tell(log, policy: document, isBaseThere: documents["default"] != nil)
        guard log.count == before, let limits, let ceiling, let warnAt, let network, let allow, let pool, let session,
            let workspace
        else {
            return nil
        }
        let deny = chain.lazy.compactMap(\.deny).first ?? []
        let syscalls = resolved.list(allowed: allow.map(\.value), denied: deny.map(\.value)) {
            calls(allow).subtracting(calls(deny)).sorted()
        }
        return Policy(
            name: name, description: document.description, language: first(chain) { $0.image },
            ancestors: chain.dropFirst().map(\.name.value),
            limits: bounded(limits, by: ceiling, except: given(in: chain)), given: given(in: chain), ceiling: ceiling,
            warnAt: UInt8(clamping: warnAt.value), networks: network,
            syscalls: syscalls, pool: pool, session: session, workspace: workspace, location: document.location,
            origins: origins(of: chain))
    }

    /// The document and everything it extends, nearest first.
    private func chain(from document: PolicyDocument) -> [PolicyDocument]? {
        var chain = [document]
        while let parent = chain.last?.extends {
            let names = chain.map(\.name.value)
            guard !names.contains(parent.value) else {
                let circle = names.drop { $0 != parent.value } + [parent.value]
                reject(
                    parent, "extends", found: "policies in a circle: \(circle.joined(separator: " > "))",
                    allowed: "a policy that does not lead back here")
                return nil
            }
            guard chain.count < Self.maximumDepth else {
                reject(
                    parent, "extends", found: "a chain of more than \(Self.maximumDepth) policies",
                    allowed: "at most \(Self.maximumDepth)")
                return nil
            }
            guard let next = documents[parent.value] else {
                if !broken.contains(parent.value) {
                    let child = chain.last?.name.value
                    let known = documents.keys.filter { $0 != child }.sorted()
                    reject(
                        parent, "extends", found: "the unknown policy \(ConfigurationDiagnostic.quote(parent.value))",
                        allowed: known.isEmpty
                            ? "no policy: there is no other" : Suggestion.list(known, of: "policies"),
                        hint: Suggestion.hint(for: parent.value, among: known))
                }
                return nil
            }
            chain.append(next)
        }
        return chain
    }

    private func limits(of chain: [PolicyDocument]) -> Limits? {
        var values: [LimitName: Int64] = [:]
        let given = given(in: chain)
        for name in LimitName.allCases where name.leader == nil || given.contains(name) {
            let allowed = LimitText.range(of: name)
            let value = required(chain, "limits.\(name.rawValue)", allowed: allowed) { $0.limits[name] }
            values[name] = value?.value
        }
        // In range since `MappingReader.limits`; 0 is in no limit's range, so a gap could not pass either. What follows
        // another one is in range for now and led there.
        do throws(InvalidLimit) {
            return try Limits { values[$0] ?? ($0.leader == nil ? 0 : $0.range.upperBound) }.following(except: given)
        } catch {
            return nil
        }
    }

    /// The limits that follow another one, and have a value of their own here.
    private func given(in chain: [PolicyDocument]) -> Set<LimitName> {
        Set(LimitName.allCases.filter { name in name.leader != nil && chain.contains { $0.limits[name] != nil } })
    }

    /// What follows another limit goes no higher than its own ceiling.
    private func bounded(_ limits: Limits, by ceiling: Limits, except given: Set<LimitName>) -> Limits {
        limits.bounded(by: ceiling, names: LimitName.allCases.filter { $0.leader != nil && !given.contains($0) })
    }

    /// The ceiling of every limit. Where no policy sets one: for a limit that follows another, where that one's ceiling
    /// leads it; for any other, the limit itself.
    private func ceiling(of chain: [PolicyDocument], limits: Limits?) -> Limits? {
        var ceiling = limits
        var settled = given(in: chain)
        for name in LimitName.allCases {
            if chain.contains(where: { $0.ceiling[name] != nil }) { settled.insert(name) }
            guard let upperAt = chain.firstIndex(where: { $0.ceiling[name] != nil }),
                let upper = chain[upperAt].ceiling[name]
            else { continue }
            if let limitAt = chain.firstIndex(where: { $0.limits[name] != nil }),
                let limit = chain[limitAt].limits[name],
                limit.value > upper.value
            {
                // Said of whichever was written last: the other one was fine before.
                let (limitText, upperText) = (
                    LimitText.format(limit.value, of: name), LimitText.format(upper.value, of: name)
                )
                if limitAt <= upperAt {
                    reject(
                        limit, "limits.\(name.rawValue)", found: limitText,
                        allowed: "at most \(upperText), the ceiling at \(upper.location)")
                } else {
                    reject(
                        upper, "ceiling.\(name.rawValue)", found: upperText,
                        allowed: "at least \(limitText), the limit at \(limit.location)")
                }
                continue
            }
            do throws(InvalidLimit) { ceiling = try ceiling?.setting(name, to: upper.value) } catch { return nil }
        }
        return ceiling?.following(except: settled)
    }

    private func pool(of chain: [PolicyDocument]) -> PoolSettings? {
        let range = PoolSettings.range
        let minimum = required(
            chain, "pool.min", allowed: "a number from \(range.lowerBound) to \(range.upperBound)"
        ) { $0.poolMinimum }
        let maximum = required(chain, "pool.max", allowed: "a number from 1 to \(range.upperBound)") { $0.poolMaximum }
        let warm = required(chain, "pool.warm", allowed: "none, boot, fork") { $0.warm }
        guard let minimum, let maximum, let warm else { return nil }
        guard minimum.value <= maximum.value else {
            reject(
                minimum, "pool.min", found: "\(minimum.value)",
                allowed: "at most \(maximum.value), which is pool.max at \(maximum.location)")
            return nil
        }
        return PoolSettings(minimum: Int(minimum.value), maximum: Int(maximum.value), warm: warm.value)
    }

    /// The names a list of calls and groups stands for. The names were checked when the document was read.
    private func calls(_ names: [Located<String>]) -> Set<String> {
        names.reduce(into: Set<String>()) { calls, name in
            if name.value.hasPrefix("@") {
                calls.formUnion(groups.callSet(in: String(name.value.dropFirst())))
            } else {
                calls.insert(name.value)
            }
        }
    }

    func first<Value>(_ chain: [PolicyDocument], _ key: (PolicyDocument) -> Value?) -> Value? {
        chain.lazy.compactMap(key).first
    }

    /// The nearest value of a key, which a policy of the chain has to give.
    func required<Value>(
        _ chain: [PolicyDocument], _ key: String, allowed: String, _ value: (PolicyDocument) -> Value?
    ) -> Value? {
        if let found = first(chain, value) { return found }
        guard let child = chain.first else { return nil }
        let parents = chain.dropFirst().map(\.name.value)
        missing.add(key, allowed: allowed, at: child.location, parents: parents)
        return nil
    }

    func reject<Value>(
        _ value: Located<Value>, _ key: String, found: String, allowed: String, hint: String? = nil
    ) {
        log.add(at: value.location, key: key, found: found, allowed: allowed, hint: hint)
    }
}
