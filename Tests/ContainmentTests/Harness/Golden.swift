internal import Foundation
internal import Testing

/// Expected answers kept in the repository, in Golden/. They are written by hand or reviewed by hand; the suite never
/// changes them. `NESTBOX_GOLDEN_ACTUAL=DIR` writes what was found next to nothing else, for comparing by eye.
enum Golden {
    static func text(_ name: String) throws -> String {
        try String(contentsOf: Host.directory.appendingPathComponent("Golden/\(name)"), encoding: .utf8)
    }

    /// Lines of a golden file, without comments (`#`) and blank lines.
    static func lines(_ name: String) throws -> [String] {
        try text(name).split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    /// Records a failure that names the first differences, when `found` is not what the file says.
    static func expect(
        _ name: String, _ found: [String], _ what: String, at location: SourceLocation = #_sourceLocation
    ) throws -> Bool {
        if let directory = ProcessInfo.processInfo.environment["NESTBOX_GOLDEN_ACTUAL"] {
            try (found.joined(separator: "\n") + "\n").write(
                toFile: directory + "/" + name, atomically: true, encoding: .utf8)
        }
        let wanted = try lines(name)
        guard wanted != found else { return true }
        let changes = found.difference(from: wanted).prefix(12).map { change in
            switch change {
            case .insert(_, let line, _): "  found, not expected: \(line)"
            case .remove(_, let line, _): "  expected, not found: \(line)"
            }
        }
        Issue.record(
            "\(what) differs from Golden/\(name):\n\(changes.joined(separator: "\n"))", sourceLocation: location)
        return false
    }
}
