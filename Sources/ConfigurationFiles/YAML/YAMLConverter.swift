internal import Yams

/// Turns nodes of Yams into ours and notes whatever is refused in a document that is well-formed YAML.
struct YAMLConverter {
    let file: String
    let log: DiagnosticLog
    private var nodes = 0

    init(file: String, log: DiagnosticLog) {
        self.file = file
        self.log = log
    }

    /// Stops descending at the bounds, so that what it returns is bounded too.
    mutating func convert(_ node: Node, path: String, depth: Int) -> YAMLNode {
        let place = location(of: node)
        let nothing = YAMLNode(content: .scalar("", quoted: false), location: place)
        nodes += 1
        guard nodes <= YAMLReader.maximumNodes else {
            if nodes == YAMLReader.maximumNodes + 1 {
                log.add(
                    at: place, key: path, found: "more than \(YAMLReader.maximumNodes) values",
                    allowed: "at most \(YAMLReader.maximumNodes) in one file")
            }
            return nothing
        }
        switch node {
        case .scalar(let scalar):
            return YAMLNode(content: .scalar(scalar.string, quoted: scalar.style != .plain), location: place)
        case .sequence, .mapping:
            guard depth < YAMLReader.maximumDepth else {
                log.add(
                    at: place, key: path, found: "more than \(YAMLReader.maximumDepth) collections inside each other",
                    allowed: "at most \(YAMLReader.maximumDepth)")
                return nothing
            }
            return YAMLNode(content: content(of: node, path: path, depth: depth), location: place)
        case .alias:
            // `Parser` never makes these; a `Node` can only be built with one by hand.
            log.add(at: place, key: path, found: "an alias", allowed: "the value itself")
            return nothing
        }
    }

    private mutating func content(of node: Node, path: String, depth: Int) -> YAMLNode.Content {
        if case .sequence(let sequence) = node {
            var items: [YAMLNode] = []
            for (index, item) in sequence.enumerated() {
                guard nodes <= YAMLReader.maximumNodes else { break }
                items.append(convert(item, path: "\(path)[\(index)]", depth: depth + 1))
            }
            return .sequence(items)
        }
        var entries: [YAMLNode.Entry] = []
        for (key, value) in node.mapping ?? [:] {
            guard nodes <= YAMLReader.maximumNodes else { break }
            let place = location(of: key)
            guard case .scalar(let scalar) = key else {
                log.add(at: place, key: path, found: "a collection as a key", allowed: "a word as a key")
                continue
            }
            guard scalar.string != "<<" else {
                log.add(
                    at: place, key: path, found: "the merge key \"<<\"", allowed: "the keys themselves (or \"extends\")"
                )
                continue
            }
            let inner = path.isEmpty ? Self.shown(scalar.string) : "\(path).\(Self.shown(scalar.string))"
            entries.append(
                YAMLNode.Entry(
                    key: scalar.string, keyLocation: place, value: convert(value, path: inner, depth: depth + 1)))
        }
        return .mapping(entries)
    }

    private func location(of node: Node) -> SourceLocation {
        SourceLocation(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// A key as it appears in a key path: itself if it is a plain word, quoted otherwise.
    static func shown(_ key: String) -> String {
        let plain = key.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x5F || byte == 0x2D || byte == 0x40
        }
        return plain && !key.isEmpty && key.utf8.count <= 60 ? key : ConfigurationDiagnostic.quote(key)
    }
}
