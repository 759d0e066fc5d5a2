import SandboxSpec
import Testing

@testable import WardenProtocol

@Suite("A coder that remembers specifications")
struct RequestCoderTests {
    @Test("says what the plain encoding says, the first time and later, for any number")
    func encodes() throws {
        var coder = RequestCoder()
        for id in [1, 2, 0x0102_0304_0506_0708, .max] as [SandboxID] {
            for case .create(_, let spec) in try Samples.requests() {
                for _ in 0..<2 {
                    let bytes = try coder.encoded(creating: id, spec)
                    #expect(bytes == (try Request.create(id, spec).encoded()))
                    let request = try coder.request(decoding: bytes)
                    #expect(request == .create(id, spec))
                }
            }
        }
    }

    @Test("decodes every other request as it is")
    func decodes() throws {
        var coder = RequestCoder()
        for request in try Samples.requests() {
            let decoded = try coder.request(decoding: try request.encoded())
            #expect(decoded == request)
        }
    }

    @Test("refuses what is wrong also when it has seen what is right")
    func refuses() throws {
        var coder = RequestCoder()
        let good = try Request.create(7, try Samples.spec()).encoded()
        _ = try coder.request(decoding: good)
        for count in 0..<good.count {
            let short = Array(good.prefix(count))
            #expect(throws: ProtocolError.self, "\(count) bytes were taken") { try coder.request(decoding: short) }
        }
        #expect(throws: ProtocolError.self) { try coder.request(decoding: good + [0]) }
        var wrong = try Samples.spec()
        wrong.warnAt = 101
        #expect(throws: ProtocolError.self) { try coder.encoded(creating: 1, wrong) }
    }

    @Test("keeps as many as it may, and is right about more")
    func bound() throws {
        var coder = RequestCoder()
        for round in 0..<2 {
            for number in 0..<(3 * RequestCoder.maximumKept) {
                var spec = try Samples.spec()
                spec.root = .tree("/roots/\(number)")
                let bytes = try coder.encoded(creating: SandboxID(number), spec)
                let request = try coder.request(decoding: bytes)
                #expect(request == .create(SandboxID(number), spec), "round \(round)")
            }
        }
    }
}
