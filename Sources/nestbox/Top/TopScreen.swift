internal import RunModel

/// Draws `nestbox top`. Pure: what is to be shown goes in, lines come out.
struct TopScreen {
    let server: String
    let rows: Int
    let columns: Int

    private static let reverse = "\u{1b}[7m"
    private static let bold = "\u{1b}[1m"
    private static let plain = "\u{1b}[0m"

    /// The lines above the table, without attributes.
    static func head(_ overview: AdminOverview, server: String, width: Int) -> [String] {
        let (load, host, warden) = (overview.load, overview.host, overview.warden)
        let bar = min(max(width / 5, 8), 24)
        func pressure(_ resource: String, _ kind: String) -> Double? {
            host.pressure.first { $0.resource == resource && $0.kind == kind }.map { $0.avg10 / 100 }
        }
        let status = overview.draining ? "\(overview.health.status), draining" : overview.health.status
        let waiting = load.oldestQueuedSeconds.map { ", oldest \(TopText.time($0))" } ?? ""
        let used = 1 - host.memoryAvailableBytes / max(host.memoryBytes, 1)
        var lines = [
            "nestbox \(TopText.plain(overview.version)) · \(server) · \(status) · \(TopText.clock(overview.now)) UTC",
            "Runs     \(TopText.bar(Double(load.running) / Double(max(load.maxRunning, 1)), width: bar)) \(load.running)/\(load.maxRunning)"
                + "   waiting \(load.queued)\(waiting)   sessions \(load.sessions)/\(load.maxSessions)",
            "Memory   \(TopText.bar(used, width: bar)) \(TopText.percent(used)) of \(Summary.bytes(Int64(clamping: Int128(host.memoryBytes))))",
        ]
        let parts = [("cpu", "some"), ("memory", "full"), ("io", "full")].compactMap { resource, kind in
            pressure(resource, kind).map { "\(resource) \(TopText.percent($0))" }
        }
        if !parts.isEmpty { lines[2] += "   waiting for " + parts.joined(separator: ", ") }
        lines.append(
            warden.ready
                ? "Warden   \(warden.sandboxes ?? 0) sandboxes, \(warden.parked ?? 0) parked, \(warden.running ?? 0) running, "
                    + "\(warden.quarantined) quarantined; \(warden.restarts) replaced"
                : "Warden   none: \(TopText.plain(warden.lastError ?? "not running"))")
        if overview.audit.enabled {
            lines[3] += "   audit " + (overview.audit.lastError.map(TopText.plain) ?? "record \(overview.audit.seq)")
        }
        lines.append("Policies " + policies(overview.policies))
        return lines + overview.health.reasons.prefix(3).map { "! \(TopText.plain($0))" }
    }

    /// The generation in force, and what became of the last change.
    private static func policies(_ policies: AdminOverview.Policies) -> String {
        var text = "generation \(policies.generation), \(TopText.plain(policies.state))"
        if policies.lastOutcome == "refused" {
            let more = policies.errors.count > 1 ? " and \(policies.errors.count - 1) more" : ""
            text += "   last change refused: \(TopText.plain(policies.errors.first ?? ""))\(more)"
        } else if let at = policies.lastAt, let outcome = policies.lastOutcome {
            text += "   last \(TopText.plain(outcome)) \(TopText.clock(at))"
            text += policies.lastBy.map { " by \(TopText.plain($0))" } ?? ""
        }
        return text
    }

    /// A whole screen: exactly `rows` lines of at most `columns` characters.
    func frame(_ state: TopState, _ overview: AdminOverview?, problem: String?) -> [String] {
        var lines: [String] = []
        if let overview {
            let head = Self.head(overview, server: server, width: columns).map(cut)
            lines += [Self.bold + head[0] + Self.plain] + head.dropFirst()
        } else {
            lines.append(cut("nestbox · \(server)"))
        }
        lines.append(cut(problem.map { "! " + TopText.plain($0) } ?? ""))
        lines.append(tabs(state))
        if let table = state.table { lines += self.table(table, state, room: rows - lines.count - 1) }
        lines = Array(lines.prefix(max(rows - 1, 0)))
        while lines.count < rows - 1 { lines.append("") }
        return lines + [foot(state)]
    }

    private func tabs(_ state: TopState) -> String {
        let names = TopView.allCases.enumerated().map { index, view in
            let name = "\(index + 1) \(view.rawValue)"
            return view == state.view ? "[\(name)]" : " \(name) "
        }
        return cut(names.joined(separator: " "))
    }

    private func table(_ table: TopTable, _ state: TopState, room: Int) -> [String] {
        let lines = table.lines
        guard room >= 2, let head = lines.first else { return [] }
        let body = lines.dropFirst()
        // The selected row is always to be seen.
        let first = max(min(state.selected - (room - 2), body.count - (room - 1)), 0)
        let shown = body.dropFirst(first).prefix(room - 1).enumerated().map { index, line in
            let text = cut(line)
            guard first + index == state.selected, table.rows[first + index].target != nil else { return text }
            return Self.reverse + text + String(repeating: " ", count: max(columns - text.count, 0)) + Self.plain
        }
        let title = Self.bold + cut(head) + Self.plain
        return [title] + (shown.isEmpty ? ["(none)"] : Array(shown))
    }

    private func foot(_ state: TopState) -> String {
        if let target = state.question {
            return Self.reverse
                + cut("End \(target.kind == .run ? "run" : "session") \(target.id)? y ends it, any other key does not")
                + Self.plain
        }
        let order = state.table.map { " (\($0.columns[min(state.column, $0.columns.count - 1)].lowercased()))" } ?? ""
        let pause = state.isPaused ? "p go on" : "p pause"
        return cut("1-5 ←→ tables   ↑↓ select   s sort\(order)   k end   \(pause)   q quit")
    }

    private func cut(_ line: String) -> String {
        line.count <= columns ? line : String(line.prefix(max(columns - 1, 0))) + "…"
    }
}
