import Foundation
import TestSupport

/// A WebSocket client of our own, as strict or as wrong as a test wants.
final class Socket {
    enum Frame {
        case text([String: Any])
        case binary([UInt8])
        case pong([UInt8])
        case close(Int?)
        /// The connection ended, or nothing came.
        case end
    }

    let wire: LoopbackConnection
    let head: String

    init(
        _ service: Service, protocols: String? = "nestbox.v1.json", headers: [String] = [], path: String = "/api/v1/ws"
    ) throws {
        wire = try LoopbackConnection(port: service.port)
        var lines = [
            "GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(service.port)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ]
        if let protocols { lines.append("Sec-WebSocket-Protocol: \(protocols)") }
        wire.send((lines + headers).joined(separator: "\r\n") + "\r\n\r\n")
        head = wire.read(through: "\r\n\r\n") ?? ""
    }

    var isOpen: Bool { head.hasPrefix("HTTP/1.1 101") }

    static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var bytes = [first]
        switch payload.count {
        case ...125: bytes.append(0x80 | UInt8(payload.count))
        case ...0xffff: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            bytes.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        bytes += mask
        bytes += payload.enumerated().map { $1 ^ mask[$0 & 3] }
        return bytes
    }

    func send(_ message: [String: Any]) { wire.send(Self.frame(0x81, Array(Service.json(message).utf8))) }
    func send(text: String) { wire.send(Self.frame(0x81, Array(text.utf8))) }
    func send(binary: [UInt8]) { wire.send(Self.frame(0x82, binary)) }
    func close(_ code: Int = 1000) { wire.send(Self.frame(0x88, [UInt8(code >> 8), UInt8(code & 255)])) }

    /// A frame as it comes: its opcode and its payload; nil when the connection ended, or nothing came.
    func frame(seconds: Double = 20) -> (opcode: UInt8, payload: [UInt8])? {
        guard let head = wire.read(2, seconds: seconds) else { return nil }
        var length = Int(head[1] & 0x7f)
        if length >= 126 {
            guard let more = wire.read(length == 126 ? 2 : 8) else { return nil }
            length = more.reduce(0) { $0 << 8 | Int($1) }
        }
        return wire.read(length).map { (head[0] & 15, $0) }
    }

    func next(seconds: Double = 20) -> Frame {
        guard let (opcode, payload) = frame(seconds: seconds) else { return .end }
        switch opcode {
        case 1: return .text((try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any] ?? [:])
        case 2: return .binary(payload)
        case 8: return .close(payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil)
        case 10: return .pong(payload)
        default: return next(seconds: seconds)
        }
    }

    /// The next message of a type; others are passed over. Nil when the socket ends before it comes.
    func message(_ type: String, seconds: Double = 20) -> [String: Any]? {
        while true {
            switch next(seconds: seconds) {
            case .text(let message) where message["type"] as? String == type: return message
            case .text, .binary, .pong: continue
            case .close, .end: return nil
            }
        }
    }

    /// The code of the close frame; nil when the connection just ends.
    func closeCode(seconds: Double = 20) -> Int? {
        while true {
            switch next(seconds: seconds) {
            case .close(let code): return code ?? 1005
            case .end: return nil
            case .text, .binary, .pong: continue
            }
        }
    }
}
