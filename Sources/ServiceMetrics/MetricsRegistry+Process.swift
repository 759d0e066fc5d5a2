internal import Glibc

extension MetricsRegistry {
    /// The metrics that Prometheus' own clients export about their process, from proc(5).
    package func addProcess() throws(InvalidName) {
        let page = Double(sysconf(Int32(_SC_PAGESIZE)))
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        try gauge("process_resident_memory_bytes", help: "Resident memory.") {
            (Self.statistics().map { Double($0[21]) ?? 0 } ?? 0) * page
        }
        try gauge("process_virtual_memory_bytes", help: "Address space.") {
            Self.statistics().map { Double($0[20]) ?? 0 } ?? 0
        }
        try counter("process_cpu_seconds_total", help: "CPU time of user and system.") {
            guard let fields = Self.statistics() else { return 0 }
            return ((Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)) / ticks
        }
        // Read once: the start time does not change. Field 22 counts ticks since the machine started (proc_pid_stat(5)).
        let start = Self.statistics().flatMap { Double($0[19]) }.map { $0 / ticks + Self.bootTime() } ?? 0
        try gauge("process_start_time_seconds", help: "When the process started, since 1970.") { start }
        try gauge("process_open_fds", help: "Open descriptors.") { Double(Self.openDescriptors()) }
        try gauge("process_max_fds", help: "Descriptors that may be open.") { Self.maximumDescriptors() }
        try gauge("process_threads", help: "Threads.") { Self.statistics().map { Double($0[17]) ?? 0 } ?? 0 }
    }

    /// The fields of /proc/self/stat after the name, which may contain any character.
    private static func statistics() -> [Substring]? {
        guard let file = fopen("/proc/self/stat", "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 22 ? fields : nil
    }

    /// When the machine started, in seconds since 1970.
    private static func bootTime() -> Double {
        var (now, up) = (timespec(), timespec())
        clock_gettime(CLOCK_REALTIME, &now)
        clock_gettime(CLOCK_BOOTTIME, &up)
        return Double(now.tv_sec - up.tv_sec) + Double(now.tv_nsec - up.tv_nsec) / 1e9
    }

    private static func maximumDescriptors() -> Double {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur)
    }

    private static func openDescriptors() -> Int {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without `.`, `..` and the directory itself.
        return max(count - 3, 0)
    }
}
