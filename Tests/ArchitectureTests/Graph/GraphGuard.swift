/// What the target graph must be like. Pure: targets in, complaints out.
enum GraphGuard {
    /// Targets that depend on a row below them, on themselves, or are in no row.
    static func misplaced(_ targets: [PackageTarget]) -> [String] {
        var complaints: [String] = []
        for target in targets where target.name == TargetTable.testSupport {
            complaints += (target.targets + target.products).map { "\(target.name) depends on \($0)" }
        }
        for target in targets where !target.isForTests {
            guard let row = TargetTable.row(of: target.name) else {
                complaints.append("\(target.name) is in no row of the table of targets")
                continue
            }
            complaints += dependenciesOfAPIs(target, zone: TargetTable.zone(of: target.name), TargetTable.zone)
            for dependency in target.targets {
                guard let other = TargetTable.row(of: dependency), other < row else {
                    complaints.append("\(target.name) depends on \(dependency), which is not above it in the table")
                    continue
                }
                let (zone, otherZone) = (TargetTable.rows[row].zone, TargetTable.rows[other].zone)
                if !zone.isPrivileged && otherZone == .privileged {
                    complaints.append("\(target.name) has no privilege and depends on the privileged \(dependency)")
                }
            }
        }
        return complaints
    }

    /// APIs that an API depends on: what two of them need belongs to neither.
    static func dependenciesOfAPIs(
        _ target: PackageTarget, zone: Zone?, _ zoneOf: (String) -> Zone?
    ) -> [String] {
        guard zone == .apis else { return [] }
        return target.targets.filter { zoneOf($0) == .apis }
            .map { "\(target.name) is an API and depends on another one, \($0)" }
    }

    /// Privileged targets that use a package.
    static func privilegedWithProducts(_ targets: [PackageTarget]) -> [String] {
        targets.filter { isPrivileged($0) && !$0.products.isEmpty }
            .map { "\($0.name) is privileged and depends on \($0.products.joined(separator: ", "))" }
    }

    /// Libraries used by others than their one importer.
    static func strayImporters(_ targets: [PackageTarget]) -> [String] {
        targets.filter { !$0.isForTests }.flatMap { target in
            target.products.compactMap { product in
                guard let owner = TargetTable.soleImporters[product], owner != target.name else { return nil }
                return "\(target.name) depends on \(product), which is \(owner)'s alone"
            }
        }
    }

    /// Targets on a circle of dependencies, each circle as the way around it.
    static func circles(_ targets: [PackageTarget]) -> [String] {
        let dependencies = Dictionary(targets.map { ($0.name, $0.targets) }) { first, _ in first }
        var finished: Set<String> = []
        var complaints: [String] = []
        func visit(_ name: String, _ path: [String]) {
            if let start = path.firstIndex(of: name) {
                complaints.append((path[start...] + [name]).joined(separator: " > "))
                return
            }
            if finished.contains(name) { return }
            for next in dependencies[name] ?? [] { visit(next, path + [name]) }
            finished.insert(name)
        }
        for target in targets { visit(target.name, []) }
        return complaints
    }

    /// Swift targets that are compiled more leniently than the house does.
    ///
    /// - Parameter isSwift: whether the target of this name has Swift sources.
    static func lenient(_ targets: [PackageTarget], isSwift: (String) -> Bool) -> [String] {
        var complaints: [String] = []
        for target in targets where isSwift(target.name) {
            var wanted: [PackageTarget.Setting] = [.swift6, .warningsAsErrors]
            if isPrivileged(target) { wanted.append(.strictMemorySafety) }
            for setting in wanted where !target.settings.contains(setting) {
                complaints.append("\(target.name) is compiled without \(setting.rawValue)")
            }
        }
        return complaints
    }

    /// What one target must not bring along, not even through others, and does.
    ///
    /// - Parameter forbidden: targets and products of packages.
    static func reached(from name: String, of forbidden: Set<String>, in targets: [PackageTarget]) -> [String] {
        let all = Dictionary(targets.map { ($0.name, $0) }) { first, _ in first }
        var (seen, open, found): (Set<String>, [String], Set<String>) = ([], [name], [])
        while let next = open.popLast() {
            guard seen.insert(next).inserted, let target = all[next] else { continue }
            for dependency in target.targets + target.products where forbidden.contains(dependency) {
                found.insert("\(name) reaches \(dependency) through \(next)")
            }
            open += target.targets
        }
        return found.sorted()
    }

    private static func isPrivileged(_ target: PackageTarget) -> Bool {
        !target.isForTests && TargetTable.zone(of: target.name)?.isPrivileged == true
    }
}
