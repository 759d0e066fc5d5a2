import Foundation
import StrictJSON
import TestSupport
import Testing

@testable import JupyterAPI

@Suite("The two protocols of a kernel's socket")
struct ProtocolTests {
    private let reply = KernelMessage(
        channel: .shell, type: "execute_reply", id: "k_1", header: Array(#"{"msg_id":"k_1"}"#.utf8),
        parent: Array(#"{"msg_id":"m1"}"#.utf8), content: Array(#"{"status":"ok"}"#.utf8))

    /// As a client of the subprotocol writes it.
    private func v1(_ parts: [[UInt8]]) -> [UInt8] {
        func number(_ value: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        var offset = 8 * (parts.count + 2)
        var bytes = number(parts.count + 1) + number(offset)
        for part in parts {
            offset += part.count
            bytes += number(offset)
        }
        return bytes + parts.flatMap(\.self)
    }

    /// As a client writes a message with buffers in the default protocol.
    private func binary(_ parts: [[UInt8]]) -> [UInt8] {
        func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - $0 * 8)) } }
        var offset = 4 * (parts.count + 1)
        var bytes = number(parts.count)
        for part in parts {
            bytes += number(offset)
            offset += part.count
        }
        return bytes + parts.flatMap(\.self)
    }

    @Test("A message as text is read; what it lacks has a default")
    func text() throws {
        let found = try #require(try message("execute_request", ["code": "1"]))
        #expect(found.channel == .shell && found.type == "execute_request" && found.content["code"] == .string("1"))
        #expect(try json(found.header)["msg_id"] as? String == "m1")
        let bare = try #require(
            try DefaultProtocol.decode(
                text: Array(#"{"header":{"msg_id":"","msg_type":"x"},"buffers":{}}"#.utf8), limits: limits))
        #expect(bare.channel == .shell && bare.content == JSONObject())
    }

    @Test("Messages on channels that nobody may send to are ignored", arguments: ["iopub", "nonsense", ""])
    func channels(name: String) throws {
        #expect(try message("execute_request", ["code": "1"], channel: name) == nil)
    }

    @Test(
        "What cannot be read is refused, with the reason",
        arguments: [
            "", "{", "[]", "null", "{}", #"{"header":[]}"#, #"{"header":{}}"#, #"{"header":{"msg_id":"a"}}"#,
            #"{"header":{"msg_type":"a"}}"#, #"{"header":{"msg_id":1,"msg_type":"a"}}"#,
            #"{"header":{"msg_id":"a","msg_type":""}}"#, #"{"header":{"msg_id":"a","msg_type":"a"},"content":1}"#,
            #"{"header":{"msg_id":"a","msg_type":"a"},"channel":1}"#,
            #"{"header":{"msg_id":"a","msg_type":"a"},"header":{}}"#,
        ])
    func refused(text: String) {
        #expect(throws: MessageError.self) { try DefaultProtocol.decode(text: Array(text.utf8), limits: limits) }
    }

    @Test("A header has a bound: every answer repeats it")
    func largeHeader() {
        let text = #"{"header":{"msg_id":"\#(String(repeating: "a", count: 20_000))","msg_type":"a"}}"#
        #expect(throws: MessageError.self) { try DefaultProtocol.decode(text: Array(text.utf8), limits: limits) }
    }

    @Test("Buffers behind a message are allowed, in both protocols")
    func buffers() throws {
        let text = try bytes(["header": header, "content": ["code": "2"], "channel": "shell"])
        let first = try DefaultProtocol.decode(binary: binary([text, [1, 2, 3], []]), limits: limits)
        #expect(first?.content["code"] == .string("2"))
        let parts = [
            Array("control".utf8), try bytes(header), Array("{}".utf8), Array("{}".utf8), try bytes(["code": "3"]),
            [9, 9],
        ]
        let second = try V1Protocol.decode(v1(parts), limits: limits)
        #expect(second?.channel == .control && second?.content["code"] == .string("3"))
    }

    @Test("Offsets that shrink, point outside, or are too many are refused")
    func offsets() throws {
        let text = try bytes(["header": header])
        var bad = [
            binary([text]), binary([text]), binary([text, [1]]), [0, 0, 0, 0, 0, 0, 0, 0],
            [255, 255, 255, 255, 0, 0, 0, 0],
        ]
        bad[0][4] = 255
        bad[1][7] = 0
        bad[2][11] = 0
        for message in bad + [[], [1, 2, 3]] {
            #expect(throws: MessageError.self) { try DefaultProtocol.decode(binary: message, limits: limits) }
        }
        let good = v1([Array("shell".utf8), try bytes(header), [], [], Array("{}".utf8)])
        #expect(try V1Protocol.decode(good, limits: limits)?.type == "execute_request")
        for (place, value) in [(0, UInt8(5)), (0, 255), (8, 0), (15, 1), (24, 255), (7, 128), (55, 1)] {
            var message = good
            message[place] = value
            #expect(throws: MessageError.self, "byte \(place)") { try V1Protocol.decode(message, limits: limits) }
        }
    }

    @Test("What is sent can be read: text")
    func encodedText() throws {
        let object = try json(DefaultProtocol.encode(reply))
        #expect(object["channel"] as? String == "shell" && object["msg_type"] as? String == "execute_reply")
        #expect((object["parent_header"] as? [String: Any])?["msg_id"] as? String == "m1")
        #expect((object["content"] as? [String: Any])?["status"] as? String == "ok")
        #expect(object["msg_id"] as? String == "k_1" && (object["buffers"] as? [Any])?.isEmpty == true)
        #expect((object["metadata"] as? [String: Any])?.isEmpty == true)
    }

    @Test("What is sent can be read: binary")
    func encodedBinary() throws {
        let bytes = V1Protocol.encode(reply)
        func number(_ index: Int) -> Int { (0..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[8 * index + $1]) } }
        try #require(number(0) == 6)
        let parts = (1...5).map { Array(bytes[number($0)..<number($0 + 1)]) }
        #expect(number(6) == bytes.count)
        #expect(parts == [Array("shell".utf8), reply.header, reply.parent, Array("{}".utf8), reply.content])
    }

    private func decode(_ bytes: [UInt8], _ way: Int) throws -> ClientMessage? {
        switch way {
        case 0: try DefaultProtocol.decode(text: bytes, limits: limits)
        case 1: try DefaultProtocol.decode(binary: bytes, limits: limits)
        default: try V1Protocol.decode(bytes, limits: limits)
        }
    }

    @Test("Random bytes, and messages with random damage, are read or refused", arguments: 0..<8)
    func fuzz(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let text = try bytes(["header": header, "content": ["code": "print('é\\n')"], "channel": "shell"])
        let seeds = [
            text, binary([text, [1, 2, 3]]),
            v1([Array("shell".utf8), try bytes(header), Array("{}".utf8), Array("{}".utf8), try bytes(["code": "1"])]),
        ]
        var read = 0
        for _ in 0..<2_000 {
            var bytes = seeds[Int.random(in: 0..<3, using: &random)]
            for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                default: bytes.removeLast(bytes.count - place)
                }
            }
            for way in 0..<3 {
                guard let message = try? decode(bytes, way) else { continue }
                read += 1
                _ = try? KernelRequest(message)
            }
        }
        #expect(read > 100, "the undamaged ones at least")
    }
}
