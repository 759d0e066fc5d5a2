internal import CZlib

/// gzip (RFC 1952), for texts that are compressed once or are small.
package enum Gzip {
    /// Below this size the header would cost more than compression saves.
    static let least = 512

    /// - Parameter level: 1, fast, to 9, small.
    /// - Returns: nil when it would not become smaller.
    package static func compress(_ bytes: [UInt8], level: Int32) -> [UInt8]? {
        guard bytes.count >= least, let count = uInt(exactly: bytes.count) else { return nil }
        var stream = z_stream()
        // 15: a window of 32 KiB; 16 more: with the header of gzip.
        guard
            deflateInit2_(
                &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        var input = bytes
        var isWhole = false
        // SAFETY: both buffers live as long as the closures; zlib writes at most avail_out bytes, and total_out of them
        // are initialized.
        let output = [UInt8](unsafeUninitializedCapacity: bytes.count) { output, written in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = count
                stream.next_out = output.baseAddress
                stream.avail_out = count
                isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
                written = Int(stream.total_out)
            }
        }
        return isWhole ? output : nil
    }

    /// Whether a client accepts gzip (RFC 9110, section 12.5.3): named, or covered by `*`, and not with `q=0`.
    ///
    /// - Parameter values: of `Accept-Encoding`; without any, nothing is compressed.
    static func isAccepted(_ values: [String]) -> Bool {
        var named: Bool?
        var all = false
        for value in values {
            for entry in value.split(separator: ",") {
                let parts = entry.split(separator: ";").map { part in
                    part.filter { $0 != " " && $0 != "\t" }.lowercased()
                }
                guard let coding = parts.first else { continue }
                let weights = parts.dropFirst().filter { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 }
                let isWanted = weights.allSatisfy { $0 > 0 }
                switch coding {
                case "gzip", "x-gzip": named = isWanted
                case "*": all = isWanted
                default: continue
                }
            }
        }
        return named ?? all
    }
}
