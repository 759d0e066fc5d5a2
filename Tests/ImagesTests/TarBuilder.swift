/// Makes tar archives member by member, malformed and hostile ones too.
struct TarBuilder {
    private(set) var bytes: [UInt8] = []

    static func header(
        _ name: String, type: Character = "0", size: Int = 0, target: String = "", mode: Int = 0o644,
        time: Int = 1_000_000, checksumOff: Int = 0, sizeField: [UInt8]? = nil, prefix: String = "",
        magic: String = "ustar\u{0}00"
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        put(name, 0)
        put(octal(mode, 7), 100)
        put(octal(0, 7), 108)
        put(octal(0, 7), 116)
        put(octal(size, 11), 124)
        if let sizeField { for (index, byte) in sizeField.enumerated() { block[124 + index] = byte } }
        put(octal(time, 11), 136)
        put("        ", 148)
        put(String(type), 156)
        put(target, 157)
        put(magic, 257)
        put(prefix, 345)
        let sum = block.reduce(0) { $0 + Int($1) } + checksumOff
        put(octal(sum, 6) + "\u{0} ", 148)
        return block
    }

    static func padded(_ content: [UInt8]) -> [UInt8] {
        content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    func raw(_ more: [UInt8]) -> TarBuilder {
        var copy = self
        copy.bytes += more
        return copy
    }

    func file(_ name: String, _ content: String = "", mode: Int = 0o644) -> TarBuilder {
        file(name, Array(content.utf8), mode: mode)
    }

    func file(_ name: String, _ content: [UInt8], mode: Int = 0o644) -> TarBuilder {
        raw(Self.header(name, size: content.count, mode: mode) + Self.padded(content))
    }

    func directory(_ name: String, mode: Int = 0o755) -> TarBuilder {
        raw(Self.header(name, type: "5", mode: mode))
    }

    func symbolicLink(_ name: String, to target: String) -> TarBuilder {
        raw(Self.header(name, type: "2", target: target, mode: 0o777))
    }

    func hardLink(_ name: String, to target: String) -> TarBuilder {
        raw(Self.header(name, type: "1", target: target))
    }

    func pax(_ records: [String: String]) -> TarBuilder {
        var content = ""
        for (key, value) in records.sorted(by: { $0.key < $1.key }) {
            let body = " \(key)=\(value)\n"
            var length = body.utf8.count + 1
            while "\(length)".count + body.utf8.count != length { length = "\(length)".count + body.utf8.count }
            content += "\(length)\(body)"
        }
        return raw(Self.header("pax", type: "x", size: content.utf8.count) + Self.padded(Array(content.utf8)))
    }

    func longName(_ name: String, type: Character = "L") -> TarBuilder {
        let content = Array(name.utf8) + [0]
        return raw(
            Self.header("././@LongLink", type: type, size: content.count, magic: "ustar  \u{0}")
                + Self.padded(content))
    }

    /// The archive with its two empty blocks.
    var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}
