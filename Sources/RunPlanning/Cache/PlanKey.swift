internal import EgressRules
internal import RunModel
internal import SandboxSpec

/// Everything of a request that decides its plan: all of it but the contents of its files, and whether they are executable.
///
/// Bytes, not strings: strings are equal when they look the same, and a program would get the other one.
struct PlanKey: Sendable, Hashable {
    /// Requests with a longer key are planned each time.
    static let maximumBytes = 4096

    private let bytes: [UInt8]
    /// Computed once: the store looks a key up several times.
    private let digest: Int

    /// - Returns: nil when the key would be too long to be kept.
    init?(_ request: RunRequest, terminal: TerminalSize?) {
        var fields = Fields()
        fields.add(request.language)
        fields.add(request.policy)
        fields.add(request.code == nil ? 0 : 1)
        fields.add(request.files.map(\.path))
        fields.add(request.main)
        fields.add(request.compilerOptions)
        fields.add(request.arguments)
        fields.add(request.environment)
        fields.add(request.limits)
        fields.add(request.network.map { Int($0.access.rawValue) + 1 } ?? 0)
        fields.add(request.network?.hosts?.map(\.description))
        fields.add(request.artifacts)
        fields.add(request.buffering.rawValue)
        fields.add(request.check?.rawValue)
        fields.add(terminal.map { Int($0.rows) << 16 | Int($0.columns) } ?? -1)
        guard fields.bytes.count <= Self.maximumBytes else { return nil }
        bytes = fields.bytes
        var hasher = Hasher()
        hasher.combine(bytes)
        digest = hasher.finalize()
    }

    /// How many bytes it takes to keep it.
    var cost: Int { bytes.count }

    func hash(into hasher: inout Hasher) {
        hasher.combine(digest)
    }

    /// Fields in their order, each with its length, so that no two requests give the same bytes.
    private struct Fields {
        var bytes: [UInt8] = []

        init() { bytes.reserveCapacity(512) }

        mutating func add(_ number: Int) {
            for shift in stride(from: 0, to: Int.bitWidth, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> shift))
            }
        }

        mutating func add(_ text: String?) {
            guard let text else { return add(-1) }
            add(text.utf8.count)
            // Beyond the bound only the length counts, which keeps the key too long.
            bytes.append(contentsOf: text.utf8.prefix(PlanKey.maximumBytes + 1))
        }

        mutating func add(_ list: [String]?) {
            guard let list else { return add(-1) }
            add(list.count)
            for text in list where bytes.count <= PlanKey.maximumBytes { add(text) }
        }

        mutating func add(_ pairs: [String: String]) {
            add(pairs.count)
            for (name, value) in pairs.sorted(by: { $0.key < $1.key }) where bytes.count <= PlanKey.maximumBytes {
                add(name)
                add(value)
            }
        }
    }
}
