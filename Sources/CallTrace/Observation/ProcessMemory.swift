internal import CLinux

/// Memory of an observed process. What is read there is a claim: other threads of the program may change it at any moment.
struct ProcessMemory {
    /// A thread of the process, in our pid namespace.
    let pid: Int32
    private static let pageSize: UInt64 = 4096
    /// The longest path that the kernel takes, with its NUL.
    private static let maximumText = 4096

    /// As many bytes as can be read, at most `count`; nil when there is none.
    func bytes(at address: UInt64, count: Int) -> [UInt8]? {
        guard address != 0, pid > 0, count > 0 else { return nil }
        var result: [UInt8] = []
        // Page by page: what lies behind the last one that is there does not matter.
        while result.count < count {
            let (at, overflow) = address.addingReportingOverflow(UInt64(result.count))
            guard !overflow else { break }
            let room = Int(Self.pageSize - at % Self.pageSize)
            var chunk = [UInt8](repeating: 0, count: min(room, count - result.count))
            let got = chunk.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { nestbox_read_memory(pid, at, $0, buffer.count) } ?? 0
            }
            guard got > 0 else { break }
            result += chunk[..<Int(got)]
            if got < chunk.count { break }
        }
        return result.isEmpty ? nil : result
    }

    /// The text at an address, without its NUL; nil when it cannot be read, or has none.
    func text(at address: UInt64) -> [UInt8]? {
        var text: [UInt8] = []
        while text.count < Self.maximumText {
            let (at, overflow) = address.addingReportingOverflow(UInt64(text.count))
            let room = Int(Self.pageSize - at % Self.pageSize)
            guard !overflow, let chunk = bytes(at: at, count: min(room, 256)) else { return nil }
            if let end = chunk.firstIndex(of: 0) { return text + chunk[..<end] }
            text += chunk
        }
        return nil
    }

    /// A little-endian number.
    func word(at address: UInt64) -> UInt64? {
        guard let bytes = bytes(at: address, count: 8), bytes.count == 8 else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
