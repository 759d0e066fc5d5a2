internal import Glibc
package import LinuxSystem

/// What a sandbox with a channel uses, read from the kernel's account of its cgroup without asking the warden: two files, open for reading
/// only.
///
/// For whoever wants to know it at a certain moment, such as the end of a cell; limits are the warden's. A read takes 1 to 10 µs and
/// never waits. Safe from any thread.
package struct SandboxMeter: Sendable {
    private let cpu: SharedDescriptor
    private let memory: SharedDescriptor
    /// Both files are shorter.
    private static let limit = 4096

    /// - Parameters:
    ///   - cpu: `cpuacct.usage`, or `cpu.stat` of v2.
    ///   - memory: `memory.stat`.
    package init(cpu: SharedDescriptor, memory: SharedDescriptor) {
        self.cpu = cpu
        self.memory = memory
    }

    /// Nanoseconds of processor time that its processes have used since some moment before they began: for differences. Nil when the
    /// sandbox is gone.
    package var cpuTime: Int64? {
        Self.read(cpu) { text in
            if let nanoseconds = Self.number(text) { return nanoseconds }
            guard let microseconds = Self.value(of: "usage_usec", in: text) else { return nil }
            let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
            return overflow ? nil : nanoseconds
        }
    }

    /// Bytes of its processes' own memory and of its files now, without page cache; nil when the sandbox is gone.
    package var ownMemory: Int64? {
        Self.read(memory) { text in
            guard let own = Self.value(of: "rss", in: text) ?? Self.value(of: "anon", in: text) else { return nil }
            let (sum, overflow) = own.addingReportingOverflow(Self.value(of: "shmem", in: text) ?? 0)
            return overflow ? nil : sum
        }
    }

    /// On the thread that uses it.
    package func close() {
        cpu.close()
        memory.close()
    }

    private static func read(_ file: SharedDescriptor, _ parse: (UnsafeRawBufferPointer) -> Int64?) -> Int64? {
        withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
            // SAFETY: the kernel writes no more than the count, and only that much is looked at, inside the closure.
            let count = pread(file.number, buffer.baseAddress, buffer.count, 0)
            return count > 0 ? parse(UnsafeRawBufferPointer(rebasing: buffer[..<count])) : nil
        }
    }

    private static func number(_ text: some Collection<UInt8>) -> Int64? {
        var value: Int64?
        for byte in text.prefix(while: { $0 != UInt8(ascii: "\n") }) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, isTooLarge) = (value ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            if isTooLarge || overflow { return nil }
            value = sum
        }
        return value
    }

    /// The number behind a name at the beginning of a line.
    private static func value(of name: StaticString, in text: UnsafeRawBufferPointer) -> Int64? {
        let name = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        for line in text.split(separator: UInt8(ascii: "\n")) {
            guard line.starts(with: name), line.dropFirst(name.count).first == UInt8(ascii: " ") else { continue }
            return number(line.dropFirst(name.count + 1))
        }
        return nil
    }
}
