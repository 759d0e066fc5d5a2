internal import Glibc

/// What the kernel says of processes that wait for a resource of this machine (PSI, /proc/pressure).
package struct HostPressure: Sendable, Equatable {
    package enum Resource: String, Sendable, CaseIterable {
        case cpu, memory, io
    }

    /// `some`: at least one process waited; `full`: all that could have run did.
    package enum Kind: String, Sendable, CaseIterable {
        case some, full
    }

    package let resource: Resource
    package let kind: Kind
    /// Percent of the last 10, 60 and 300 seconds.
    package let averages: [Double]
    /// Seconds since the machine started.
    package let total: Double

    /// All lines of all resources; none where the kernel has no PSI.
    package static func read() -> [HostPressure] {
        Resource.allCases.flatMap { resource in
            guard let file = fopen("/proc/pressure/\(resource.rawValue)", "re") else { return [HostPressure]() }
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1024)
            let count = fread(&bytes, 1, bytes.count, file)
            return parse(String(decoding: bytes.prefix(count), as: UTF8.self), of: resource)
        }
    }

    /// `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, one such line for each kind. Lines of another form are left out.
    static func parse(_ text: String, of resource: Resource) -> [HostPressure] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let kind = words.first.flatMap({ Kind(rawValue: String($0)) }) else { return nil }
            var values: [Substring: Double] = [:]
            for word in words.dropFirst() {
                let pair = word.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { values[pair[0]] = Double(pair[1]) }
            }
            let averages = ["avg10", "avg60", "avg300"].compactMap { values[$0] }
            guard averages.count == 3, let total = values["total"] else { return nil }
            return HostPressure(resource: resource, kind: kind, averages: averages, total: total / 1e6)
        }
    }
}

extension MetricsRegistry {
    /// The pressure on this machine, and its memory.
    package func addHost() throws(InvalidName) {
        try counter(
            "nestbox_host_pressure_seconds_total",
            help: "Time that processes of this machine waited for a resource (PSI).", labels: ["resource", "kind"]
        ) { HostPressure.read().map { ([$0.resource.rawValue, $0.kind.rawValue], $0.total) } }
        try gauge("nestbox_host_memory_bytes", help: "Memory of this machine.") { HostMemory.read().total }
        try gauge("nestbox_host_memory_available_bytes", help: "Memory that programs could have without swapping.") {
            HostMemory.read().available
        }
    }
}

/// The memory of this machine, in bytes (/proc/meminfo).
package struct HostMemory: Sendable {
    package let total: Double
    package let available: Double

    package static func read() -> HostMemory {
        guard let file = fopen("/proc/meminfo", "re") else { return HostMemory(total: 0, available: 0) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        let lines = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
        func value(_ name: String) -> Double {
            let line = lines.first { $0.hasPrefix(name + ":") }
            return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) * 1024
        }
        return HostMemory(total: value("MemTotal"), available: value("MemAvailable"))
    }
}
