import Instrumentation
import Testing

@testable import TraceContexts

@Suite("Trace contexts of clients")
struct TraceContextTests {
    private static let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("what the standard allows is read, and written as it was")
    func good() throws {
        let context = try #require(TraceContext(parents: [Self.good], states: ["a=1", "b@x=2 3 , c=4"]))
        #expect(context.isSampled && context.isRemote && context.parent == Self.good)
        #expect("\(context.traceID)" == "4bf92f3577b34da6a3ce929d0e0e4736" && context.spanText == "00f067aa0ba902b7")
        #expect(context.state == "a=1,b@x=2 3,c=4")
        let off = try #require(TraceContext(parents: [String(Self.good.dropLast()) + "0"]))
        #expect(!off.isSampled && off.state.isEmpty)
        // A later version may have more behind, and other flags.
        let later = try #require(TraceContext(parents: ["cc-" + Self.good.dropFirst(3).dropLast(2) + "09-more"]))
        #expect(later.isSampled && later.parent == Self.good)
    }

    @Test(
        "what it does not allow is no context",
        arguments: [
            "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-é1",
        ])
    func bad(text: String) {
        #expect(TraceContext(parents: [text]) == nil)
    }

    @Test("two parents are none; a wrong state is dropped, and the parent counts")
    func several() {
        #expect(TraceContext(parents: [Self.good, Self.good]) == nil && TraceContext(parents: []) == nil)
        let wrong = [
            ["a=1,a=2"], ["A=1"], ["a"], ["a="], ["a=b=c"], [String(repeating: "x", count: 513)],
            [(0..<33).map { "k\($0)=1" }.joined(separator: ",")], ["a=\u{7f}"],
        ]
        for states in wrong {
            #expect(TraceContext(parents: [Self.good], states: states)?.state == "", "\(states)")
        }
    }

    @Test("a task carries its context along")
    func task() async throws {
        #expect(TraceContext.current == nil)
        var context = InstrumentationContext.topLevel
        context.trace = TraceContext(parents: [Self.good])
        InstrumentationContext.$current.withValue(context) {
            #expect(TraceContext.current?.parent == Self.good)
        }
        #expect(TraceContext.current == nil)
    }
}
