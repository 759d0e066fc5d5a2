import HTTPTypes
import Testing

@testable import HTTPInterface

@Suite("Ids of requests")
struct RequestIDTests {
    @Test("a request keeps its id when that can be shown, and gets one otherwise")
    func requestIDs() throws {
        var headers = HTTPFields()
        headers[.requestID] = "a-B_9.z"
        #expect(RequestID.of(headers) == "a-B_9.z")
        for bad in ["", "a b", "é", String(repeating: "a", count: 65)] {
            headers[.requestID] = bad
            #expect(RequestID.of(headers).wholeMatch(of: /[0-9a-f]{16}/) != nil)
        }
        #expect(RequestID.of([:]) != RequestID.of([:]))
    }
}
