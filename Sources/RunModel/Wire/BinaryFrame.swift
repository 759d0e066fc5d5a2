/// A frame of the subprotocol `nestbox.v1.binary`: output, or input, as the bytes that they are.
///
/// One byte channel, 16 bytes run id, 8 bytes sequence number (big-endian), then the bytes.
package struct BinaryFrame: Sendable, Equatable {
    package enum Channel: UInt8, Sendable {
        /// From the client. Without bytes it is the end of the input.
        case stdin = 0
        case stdout = 1
        case stderr = 2
    }

    package static let headerBytes = 25

    package var channel: Channel
    package var runID: RunID
    package var sequence: Int64
    package var payload: [UInt8]

    package init(channel: Channel, runID: RunID, sequence: Int64, payload: [UInt8]) {
        self.channel = channel
        self.runID = runID
        self.sequence = sequence
        self.payload = payload
    }

    /// - Returns: nil for what is no such frame.
    package init?(decoding bytes: [UInt8]) {
        guard bytes.count >= Self.headerBytes, let channel = Channel(rawValue: bytes[0]) else { return nil }
        let sequence = bytes[17..<25].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let sequence = Int64(exactly: sequence), let id = RunID(bytes: bytes[1..<17]) else { return nil }
        self.init(channel: channel, runID: id, sequence: sequence, payload: Array(bytes[25...]))
    }

    /// All of it in one piece.
    package var encoded: [UInt8] { header + payload }

    /// What comes before the payload.
    package var header: [UInt8] {
        var bytes = [channel.rawValue]
        bytes.reserveCapacity(Self.headerBytes)
        bytes.append(contentsOf: runID.bytes)
        let number = UInt64(clamping: sequence)
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        return bytes
    }
}

extension RunID {
    private static let digits = Array("0123456789abcdef".utf8)

    /// The id as the 16 bytes that it is.
    package var bytes: [UInt8] {
        let text = Array(description.utf8)
        func value(_ digit: UInt8) -> UInt8 { digit < 0x40 ? digit & 15 : digit - 0x61 + 10 }
        return stride(from: 0, to: text.count - 1, by: 2).map { value(text[$0]) << 4 | value(text[$0 + 1]) }
    }

    /// - Returns: nil unless there are 16 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        let text = bytes.flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }
        self.init(String(decoding: text, as: UTF8.self))
    }
}
