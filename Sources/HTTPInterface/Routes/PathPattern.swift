/// The paths of one route.
package struct PathPattern: Sendable, CustomStringConvertible {
    private enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter
        /// All remaining segments, at least one.
        case rest
    }

    private let text: String
    private let segments: [Segment]

    /// - Parameter text: `/api/v1/runs/{}`, `/assets/**`.
    package init(_ text: String) {
        self.text = text
        segments = text.split(separator: "/").map { part in
            switch part {
            case "{}": .parameter
            case "**": .rest
            default: .literal(String(part))
            }
        }
    }

    /// The pattern as metrics and logs show it.
    package var description: String { text }

    /// The values of the pattern's parameters; nil when the path does not match.
    ///
    /// - Parameter path: its decoded segments.
    package func match(_ path: [String]) -> [String]? {
        var parameters: [String] = []
        for (index, segment) in segments.enumerated() {
            guard index < path.count else { return nil }
            switch segment {
            case .rest:
                parameters.append(path[index...].joined(separator: "/"))
                return parameters
            case .literal(let text):
                guard text == path[index] else { return nil }
            case .parameter: parameters.append(path[index])
            }
        }
        return path.count == segments.count ? parameters : nil
    }

    /// The decoded segments of a path; nil when it has an invalid one: empty, `.`, `..`, with a slash,
    /// a backslash or a control character once decoded, or not UTF-8.
    ///
    /// - Parameter path: as received, without the query.
    package static func segments(_ path: some StringProtocol) -> [String]? {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.count <= 4096 else { return nil }
        if path == "/" { return [] }
        var segments: [String] = []
        for part in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let text = PercentCoding.decode(part), !text.isEmpty, text != ".", text != ".." else { return nil }
            guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == 0x2f || $0 == 0x5c }) else {
                return nil
            }
            segments.append(text)
        }
        return segments
    }
}
