package import SandboxSpec

extension Job: Codable {
    private enum Key: String, CodingKey {
        case arguments, environment, artifacts, files
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(arguments, forKey: .arguments)
        try container.encode(environment, forKey: .environment)
        try container.encode(artifacts, forKey: .artifacts)
        try container.encode(files, forKey: .files)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        func strings(_ key: Key) throws -> [String] {
            try container.strings(key, count: Self.maximumStrings, bytes: Self.maximumStringBytes)
        }
        self.init(
            arguments: try strings(.arguments), environment: try strings(.environment),
            artifacts: try container.decode(ArtifactRequest.self, forKey: .artifacts),
            files: try container.decode([InlineFile].self, forKey: .files))
        let bytes = (arguments + environment).reduce(0) { $0 + $1.utf8.count + 1 }
        try container.require(
            bytes <= Self.maximumStringBytes && arguments.first?.isEmpty == false, .arguments,
            "a program, and at most \(Self.maximumStringBytes) bytes with the environment")
        try container.require(hasRoom(for: files) || files.isEmpty, .files, "what fits into one message")
    }
}

extension ArtifactRequest: Codable {
    private enum Key: String, CodingKey {
        case patterns, count, bytes, depth
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(patterns, forKey: .patterns)
        try container.encode(maximumCount, forKey: .count)
        try container.encode(maximumBytes, forKey: .bytes)
        try container.encode(maximumDepth, forKey: .depth)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        self.init(
            patterns: try container.strings(
                .patterns, count: Self.maximumPatterns, bytes: Self.maximumPatternBytes),
            maximumCount: try container.decode(.count, in: Self.countRange),
            maximumBytes: try container.decode(.bytes, in: Self.bytesRange),
            maximumDepth: try container.decode(.depth, in: Self.depthRange))
        for pattern in patterns {
            _ = try container.make(.patterns) { () throws(InvalidBoxPath) in try BoxPath(pattern) }
        }
    }
}
