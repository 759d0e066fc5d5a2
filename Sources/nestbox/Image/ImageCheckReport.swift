internal import Images
internal import RunModel

/// How an image did in `nestbox image check`.
struct ImageCheckReport: Encodable {
    /// One run of the check program that did what it should.
    struct Passed: Encodable {
        /// How warm the sandbox of the program was.
        let warm: WarmStart
        let wallMilliseconds: Double

        private enum CodingKeys: String, CodingKey {
            case warm
            case wallMilliseconds = "wall_ms"
        }

        var text: String { "\(warm.rawValue): ok, wall \(Summary.milliseconds(wallMilliseconds))" }
    }

    let image: String
    let version: String?
    let bytes: Int64?
    /// In a sandbox of its own; nil when it failed.
    var cold: Passed?
    /// In one that was prepared as far as the image can be; nil when it failed, or there is no such thing.
    var warm: Passed?
    /// Whether a prepared sandbox was tried.
    var triesWarm = false
    /// Why it cannot be tried here, which is no fault of the image.
    var skipped: String?
    var errors: [String] = []

    private enum CodingKeys: String, CodingKey {
        case image, version, bytes, cold, warm, skipped, errors
    }

    init(_ status: ImageStatus) {
        image = status.name
        version = status.version
        bytes = status.bytes
    }

    var isGood: Bool { errors.isEmpty }

    /// All of it in one line.
    var line: String {
        if skipped != nil { return "\(image): skipped" }
        if cold == nil, !triesWarm { return "\(image): failed" }
        let parts = [cold?.text ?? "cold: failed", triesWarm ? warm?.text ?? "warm: unhealthy" : nil]
        return "\(image): \(parts.compactMap(\.self).joined(separator: ", "))"
    }

    static let header = ["IMAGE", "VERSION", "COLD", "WARM", "ROOT", "RESULT"]

    var row: [String] {
        func cell(_ passed: Passed?) -> String { passed.map { Summary.milliseconds($0.wallMilliseconds) } ?? "-" }
        return [
            image, version ?? "-", cell(cold), warm.map { "\(cell($0)) \($0.warm.rawValue)" } ?? "-",
            bytes.map(Summary.bytes) ?? "-", skipped.map { "skipped: \($0)" } ?? (isGood ? "ok" : "FAILED"),
        ]
    }
}
