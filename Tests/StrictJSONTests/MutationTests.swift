import FoundationEssentials
import StrictJSON
import TestSupport
import Testing

/// Documents nobody would write. None may trap; what is taken must be what another parser makes of it.
@Suite struct MutationTests {
    /// JSON as Foundation reads it: laxer than ours, and written by others.
    private enum Loose: Decodable, Equatable {
        case null, bool(Bool), number(Double), string(String), array([Loose]), object([String: Loose])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode([Loose].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: Loose].self))
            }
        }

        /// Nil where Foundation has no value for it: numbers beyond a double, `-0.0e1`, names that are canonically the
        /// same.
        init?(_ value: JSONValue) {
            switch value {
            case .null: self = .null
            case .bool(let value): self = .bool(value)
            case .number(let number):
                guard let value = number.double, value != 0 || number.text == "0" else { return nil }
                self = .number(value)
            case .string(let value): self = .string(value)
            case .array(let list):
                let converted = list.compactMap(Loose.init)
                guard converted.count == list.count else { return nil }
                self = .array(converted)
            case .object(let object):
                var members: [String: Loose] = [:]
                for (name, value) in object.members {
                    guard let value = Loose(value), members.updateValue(value, forKey: name) == nil else { return nil }
                }
                self = .object(members)
            }
        }
    }

    private static let limits = JSONLimits(bytes: 4096)

    private static let seeds = [
        #"{"language":"python","code":"print(1)","files":[{"name":"a","content":"AA==","encoding":"utf8"}]}"#,
        #"{"a":[1,-2.5e10,0.1,true,false,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":{}},"d":[],"é漢😀":""}"#,
        #"[[[[[[[["deep"]]]]]]]]"#, #"  "plain"  "#, "-0.0e-0",
        #"{"type":"attach","run_id":"00","from":9223372036854775807}"#,
    ]

    private func mutate(_ bytes: [UInt8], _ numbers: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        let alphabet = Array("\"\\{}[]:,0123456789.eE+-tfnu \n\t".utf8) + [0, 0x1f, 0x7f, 0x80, 0xc2, 0xed, 0xf4, 0xff]
        for _ in 0...numbers.below(4) {
            let place = numbers.below(bytes.count + 1)
            switch numbers.below(6) {
            case 0: bytes.insert(alphabet[numbers.below(alphabet.count)], at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count: bytes[place] = alphabet[numbers.below(alphabet.count)]
            case 3 where place < bytes.count: bytes[place] ^= UInt8(1 << numbers.below(8))
            case 4: bytes.removeLast(bytes.count - place)
            default:
                let end = place + numbers.below(bytes.count - place + 1)
                bytes.insert(contentsOf: bytes[place..<end], at: numbers.below(bytes.count + 1))
            }
        }
        return bytes
    }

    @Test(arguments: 0..<8)
    func nothingTrapsAndWhatIsTakenIsWhatFoundationReads(round: Int) {
        var numbers = SeededGenerator(seed: UInt64(round) &* 0x1234_5678_9abc_def1)
        var taken = 0
        for _ in 0..<2500 {
            var bytes = Array(Self.seeds[numbers.below(Self.seeds.count)].utf8)
            for _ in 0...numbers.below(3) { bytes = mutate(bytes, &numbers) }
            let value: JSONValue
            do {
                value = try JSONValue.parse(bytes, limits: Self.limits)
            } catch {
                #expect((0...bytes.count).contains(error.offset) && error.line >= 1 && error.column >= 1)
                continue
            }
            taken += 1
            guard let expected = Loose(value) else { continue }
            let other = try? JSONDecoder().decode(Loose.self, from: Data(bytes))
            if other != expected { Issue.record("\(String(decoding: bytes, as: UTF8.self)) is \(value)") }
        }
        // Otherwise this test would show nothing.
        #expect(taken > 25)
    }

    @Test func randomBytesDoNotTrap() {
        var numbers = SeededGenerator(seed: 99)
        for _ in 0..<5000 {
            let bytes = (0..<numbers.below(64)).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
            _ = try? JSONValue.parse(bytes, limits: Self.limits)
        }
    }

    /// Whatever is generated comes back as it was.
    @Test func generatedValuesSurviveTheTrip() throws {
        var numbers = SeededGenerator(seed: 5)
        for _ in 0..<400 {
            let value = generate(&numbers, depth: 0)
            var bytes: [UInt8] = []
            render(value, to: &bytes)
            #expect(try JSONValue.parse(bytes, limits: JSONLimits(bytes: 1 << 20)) == value)
        }
    }

    private func generate(_ numbers: inout SeededGenerator, depth: Int) -> JSONValue {
        switch numbers.below(depth > 6 ? 4 : 6) {
        case 0: return .null
        case 1: return .bool(numbers.below(2) == 0)
        case 2: return .number(JSONNumber(text: String(Int64(truncatingIfNeeded: numbers.next()))))
        case 3: return .string(text(&numbers))
        case 4: return .array((0..<numbers.below(5)).map { _ in generate(&numbers, depth: depth + 1) })
        default:
            return .object(
                JSONObject(
                    (0..<numbers.below(5)).map { ("\($0)" + text(&numbers), generate(&numbers, depth: depth + 1)) }))
        }
    }

    private func text(_ numbers: inout SeededGenerator) -> String {
        let scalars = (0..<numbers.below(12)).compactMap { _ in
            Unicode.Scalar(UInt32(numbers.below([0x80, 0x20, 0x800, 0x10000, 0x110000][numbers.below(5)])))
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private func render(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += "\(value)".utf8
        case .number(let number): bytes += number.text.utf8
        case .string(let text): JSONWriter.append(Array(text.utf8), to: &bytes)
        case .array(let list):
            bytes += "[ ".utf8
            for (index, element) in list.enumerated() {
                if index > 0 { bytes += " ,\n".utf8 }
                render(element, to: &bytes)
            }
            bytes += "]".utf8
        case .object(let object):
            bytes += "{".utf8
            for (index, (name, value)) in object.members.enumerated() {
                if index > 0 { bytes += ",".utf8 }
                JSONWriter.append(Array(name.utf8), to: &bytes)
                bytes += "\t:".utf8
                render(value, to: &bytes)
            }
            bytes += "\r\n}".utf8
        }
    }
}
