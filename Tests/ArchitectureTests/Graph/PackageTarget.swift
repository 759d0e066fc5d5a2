internal import Foundation

/// A target as `swift package dump-package` tells of it.
struct PackageTarget: Sendable, Decodable {
    enum Kind: String, Sendable, Decodable {
        case regular, executable, system, test, plugin, macro, binary
    }

    var name: String
    var kind: Kind
    /// Targets of this package.
    var targets: [String]
    /// Products of other packages.
    var products: [String]
    /// Names of the Swift settings that guards ask for.
    var settings: Set<Setting>

    /// A target of tests, or one that only they use: those lie in Tests, and no row may depend on them.
    var isForTests: Bool { kind == .test || name.hasSuffix("TestSupport") }

    enum Setting: String, Sendable {
        case strictMemorySafety, warningsAsErrors, swift6
    }

    init(
        _ name: String, kind: Kind = .regular, targets: [String] = [], products: [String] = [],
        settings: Set<Setting> = []
    ) {
        self.name = name
        self.kind = kind
        self.targets = targets
        self.products = products
        self.settings = settings
    }

    private enum Key: String, CodingKey {
        case name, dependencies, settings
        case kind = "type"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        name = try container.decode(String.self, forKey: .name)
        kind = try container.decode(Kind.self, forKey: .kind)
        targets = []
        products = []
        for dependency in try container.decode([Dependency].self, forKey: .dependencies) {
            switch dependency {
            case .target(let name): targets.append(name)
            case .product(let name): products.append(name)
            }
        }
        settings = Set(try container.decode([RawSetting].self, forKey: .settings).compactMap(\.setting))
    }

    private enum Dependency: Decodable {
        case target(String)
        case product(String)

        init(from decoder: any Decoder) throws {
            // {"byName": ["Name", null]}, {"target": [...]} or {"product": ["Name", "package", ...]}
            let container = try decoder.singleValueContainer()
            let fields = try container.decode([String: [JSONValue]].self)
            guard let (key, values) = fields.first, case .text(let name)? = values.first else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a dependency")
            }
            self = key == "product" ? .product(name) : .target(name)
        }
    }

    /// Only strings matter; the rest is some other JSON.
    private enum JSONValue: Decodable {
        case text(String)
        case other

        init(from decoder: any Decoder) throws {
            let text = try? decoder.singleValueContainer().decode(String.self)
            self = text.map { .text($0) } ?? .other
        }
    }

    private struct RawSetting: Decodable {
        let setting: Setting?

        private enum Key: String, CodingKey { case kind }
        private struct Value: Decodable { let _0: String }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            // {"kind": {"treatAllWarnings": {"_0": "error"}}}: other settings hold lists, which are no Value.
            let name = try container.decode([String: JSONValue].self, forKey: .kind).keys.first
            let value = try? container.decode([String: Value].self, forKey: .kind).values.first?._0
            switch (name, value) {
            case ("strictMemorySafety", _): setting = .strictMemorySafety
            case ("treatAllWarnings", "error"): setting = .warningsAsErrors
            case ("swiftLanguageMode", "6"): setting = .swift6
            default: setting = nil
            }
        }
    }
}

/// The targets of the package.
struct PackageGraph: Sendable, Decodable {
    var targets: [PackageTarget]

    /// Asks SwiftPM, in a scratch directory of its own: the tests themselves run under the lock of .build.
    static func load() async throws -> PackageGraph {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("nestbox-dump-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let tool = try await Tool.run(
            ["swift", "package", "--scratch-path", scratch.path, "dump-package"], in: Repository.root)
        guard tool.status == 0 else { throw LoadFailure(description: tool.complaint) }
        return try JSONDecoder().decode(PackageGraph.self, from: tool.output)
    }

    struct LoadFailure: Error, CustomStringConvertible {
        let description: String
    }
}
