internal import APIFormat
internal import HTTPInterface
internal import RunModel
internal import SandboxSpec
internal import StrictJSON
internal import WorkspaceModel
internal import WorkspaceService

/// Looks for names and texts with the image's own find and grep, inside: what they may read is what any process of it may.
struct SearchRoutes: Sendable {
    let services: WorkspaceAPIServices

    /// Nanoseconds for one search.
    private static let time: Int64 = 10_000_000_000

    struct Match: Sendable {
        let path: String
        let line: Int?
        let text: String?
    }

    func search(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(services.workspaces)
        let reader = ObjectReader(try await request.object(limit: 65_536))
        let name = reader.string("name", maximumBytes: 255)
        let text = reader.string("text", maximumBytes: 1024)
        let isRegex = reader.bool("regex") ?? false
        let isExact = reader.bool("case") ?? true
        let path = reader.string("path", maximumBytes: BoxPath.maximumBytes)
        let limit = Int(reader.integer("limit", in: 1...10_000) ?? 500)
        if name == nil, text == nil { reader.complain("text", "is missing, and so is name: expected is one of them") }
        for (field, value) in [("name", name), ("text", text)]
        where value.map({ $0.isEmpty || $0.utf8.contains(0) || $0.contains("\n") }) == true {
            reader.complain(field, "is empty, or has a line break or a NUL byte")
        }
        try reader.finish()
        let folder = try path.map { try RouteRequest.boxPath($0, "path") }
        var process = ProcessRequest(
            arguments: Self.command(name: name, text: text, isRegex: isRegex, isExact: isExact, in: folder))
        process.timeout = Self.time
        let started = try await workspace.start(process, captures: true)
        let report = await started.ended()
        let capture = started.takeCapture() ?? .none
        try? await workspace.end(started)
        // grep ends with 1 when there is no match, and with 2 also when it could not read one file of many.
        if report.hasTimedOut { throw APIError(.filesFailed, "the search took too long", retryable: true) }
        if capture.stdout.isEmpty, report.exitCode ?? 2 > 1 {
            let words = String(decoding: capture.stderr.prefix(256), as: UTF8.self)
            throw APIError(.filesFailed, "the search failed: \(words.split(separator: "\n").first ?? "")")
        }
        let found = Self.matches(capture.stdout, hasText: text != nil, limit: limit + 1)
        return Reply.json(size: 1024 + capture.stdout.count * 2) { output in
            output.open()
            output.key("matches")
            output.array(Array(found.prefix(limit))) { output, match in
                output.open()
                output.member("path", match.path)
                if let line = match.line { output.member("line", line) }
                if let text = match.text { output.member("text", text) }
                output.close()
            }
            output.member("more", found.count > limit || capture.isStdoutCut)
            output.close()
        }.concerning(workspace)
    }

    private static func command(
        name: String?, text: String?, isRegex: Bool, isExact: Bool, in folder: BoxPath?
    ) -> [String] {
        let place = folder.map { "./\($0)" } ?? "."
        guard let text else {
            return ["find", place, isExact ? "-name" : "-iname", name ?? "*", "-printf", "%p\\0"]
        }
        var command = ["grep", "-rInZ", isRegex ? "-E" : "-F"]
        if !isExact { command.append("-i") }
        if let name { command.append("--include=\(name)") }
        return command + ["-e", text, "--", place]
    }

    /// Of find, names that end with NUL; of grep, `name NUL line:text`.
    private static func matches(_ output: [UInt8], hasText: Bool, limit: Int) -> [Match] {
        func path(_ bytes: ArraySlice<UInt8>) -> String {
            let text = String(decoding: bytes, as: UTF8.self)
            return text.hasPrefix("./") ? String(text.dropFirst(2)) : text
        }
        guard hasText else {
            return output.split(separator: 0).prefix(limit).map { Match(path: path($0), line: nil, text: nil) }
                .filter { $0.path != "." }
        }
        var matches: [Match] = []
        for line in output.split(separator: UInt8(ascii: "\n")) where matches.count < limit {
            let parts = line.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let colon = parts[1].firstIndex(of: UInt8(ascii: ":")),
                let number = Int(String(decoding: parts[1][..<colon], as: UTF8.self))
            else { continue }
            matches.append(
                Match(
                    path: path(parts[0]), line: number,
                    text: String(decoding: parts[1][(colon + 1)...].prefix(1024), as: UTF8.self)))
        }
        return matches
    }
}
