internal import CallTrace

/// A trace for people.
enum TraceText {
    /// Files that were only looked for are many: module searches, for one. So many are shown.
    private static let shownLooks = 10

    static func lines(_ report: TraceReport) -> [String] {
        var lines: [String] = []
        section("calls that policy \(report.policy) refused", report.calls, report.omitted.calls, &lines) { call in
            let arguments = call.arguments.map { "\($0.name) \($0.value)\($0.claimed ? " (as claimed)" : "")" }
            return ["\(call.count)", call.answer, call.call]
                + (arguments.isEmpty ? [] : [arguments.joined(separator: ", ")])
        }
        let wanted = report.files.filter { $0.wish != .look }
        section("files it wanted and did not get", wanted, report.omitted.files, &lines) { file in
            ["\(file.count)", file.error, file.wish.rawValue, file.path]
        }
        let looked = report.files.filter { $0.wish == .look }
        section(
            "files it looked for in vain", Array(looked.prefix(shownLooks)), max(0, looked.count - shownLooks), &lines
        ) { ["\($0.count)", $0.error, $0.wish.rawValue, $0.path] }
        section("network it wanted", report.network, report.omitted.network, &lines) { place in
            ["\(place.count)", place.kind.rawValue, place.place]
        }
        for refusal in report.advice.impossible {
            lines.append("no policy allows \(refusal.what): \(refusal.reason)")
        }
        for hint in report.advice.hints { lines.append("hint: \(hint)") }
        if let yaml = report.advice.yaml {
            if !lines.isEmpty { lines.append("") }
            lines.append("the smallest policy that would allow the rest:")
            lines.append("")
            lines += yaml.split(separator: "\n").map { "    \($0)" }
        }
        return lines.isEmpty ? ["nothing was refused"] : lines
    }

    private static func section<Entry>(
        _ title: String, _ entries: [Entry], _ omitted: Int, _ lines: inout [String], row: (Entry) -> [String]
    ) {
        guard !entries.isEmpty else { return }
        lines.append(title)
        for line in Table.lines(entries.map(row)) { lines.append("  " + line) }
        if omitted > 0 { lines.append("  and \(omitted) more") }
    }
}
