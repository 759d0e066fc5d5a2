import Foundation
import Instrumentation
import Synchronization
import TestSupport
import Testing
import TraceContexts
import Tracing

@testable import TraceExport

/// A collector that answers as a test says, and keeps what it was sent.
private final class ScriptedCollector: Sendable {
    enum Step: Sendable {
        case answer(TraceExporter.Answer)
        case hang, breakOff
    }

    struct Broken: Error {}

    private let steps: Mutex<[Step]>
    let bodies = Mutex<[[UInt8]]>([])

    /// - Parameter steps: one for each request; the last one for all that follow.
    init(_ steps: [Step]) { self.steps = Mutex(steps) }

    @Sendable func post(_ body: [UInt8]) async throws -> TraceExporter.Answer {
        bodies.withLock { $0.append(body) }
        let step = steps.withLock { steps in steps.count > 1 ? steps.removeFirst() : steps[0] }
        switch step {
        case .answer(let answer): return answer
        case .breakOff: throw Broken()
        case .hang:
            try await Task.sleep(for: .seconds(600))
            throw Broken()
        }
    }

    func exporter(_ change: (inout TraceExporter.Bounds) -> Void = { _ in }) -> TraceExporter {
        var bounds = TraceExporter.Bounds()
        bounds.interval = .milliseconds(10)
        bounds.pause = .milliseconds(10)
        bounds.request = .milliseconds(100)
        bounds.farewell = .milliseconds(300)
        change(&bounds)
        return TraceExporter(bounds: bounds, resource: [("service.name", "nestbox")], version: "1", post: post)
    }
}

@Suite("Spans on their way to a collector", .timeLimit(.minutes(1)))
struct TraceExporterTests {
    private static let well = TraceExporter.Answer(status: 200, body: Array("{}".utf8))

    private static func spans(_ count: Int, to exporter: TraceExporter, ratio: Double = 1) {
        let tracer = RecordingTracer(sampler: TraceSampler(ratio: ratio)) { exporter.add($0) }
        for number in 0..<count {
            let span = tracer.startSpan("span \(number)", context: .topLevel, ofKind: .server)
            span.attributes["number"] = SpanAttribute.int64(Int64(number))
            span.end()
            // Once over, it is over.
            span.end()
        }
    }

    private static func running(_ exporter: TraceExporter, _ body: () async throws -> Void) async rethrows {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await exporter.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    @Test("spans go in batches; 503 and a broken connection are tried again, and nothing is lost or sent twice")
    func retries() async throws {
        let collector = ScriptedCollector([
            .answer(.init(status: 503, retryAfter: "0")), .breakOff, .answer(.init(status: 429)), .answer(Self.well),
        ])
        let exporter = collector.exporter { $0.batch = 8 }
        Self.spans(20, to: exporter)
        await Self.running(exporter) {
            #expect(await eventually { exporter.totals.exported == 20 })
        }
        var all = TraceExporter.Totals()
        all.exported = 20
        #expect(exporter.totals == all)
        let bodies = collector.bodies.withLock { $0 }
        #expect(bodies.count == 6 && Set(bodies.map { String(decoding: $0, as: UTF8.self) }).count == 3)
    }

    @Test("other statuses are final: the spans are rejected, once")
    func refusals() async throws {
        for status in [400, 401, 404, 413, 500, 501] {
            let collector = ScriptedCollector([.answer(.init(status: status)), .answer(Self.well)])
            let exporter = collector.exporter()
            Self.spans(3, to: exporter)
            await Self.running(exporter) {
                #expect(await eventually { exporter.totals.rejected == 3 }, "\(status)")
            }
            #expect(collector.bodies.withLock { $0.count } == 1, "\(status)")
        }
    }

    @Test("what a collector takes in part is counted as it says", arguments: ["\"2\"", "2"])
    func partial(count: String) async throws {
        let body = "{\"partialSuccess\": {\"rejectedSpans\": \(count), \"errorMessage\": \"too old\"}}"
        let collector = ScriptedCollector([.answer(.init(status: 200, body: Array(body.utf8)))])
        let exporter = collector.exporter()
        Self.spans(5, to: exporter)
        await Self.running(exporter) {
            #expect(await eventually { exporter.totals.exported == 3 && exporter.totals.rejected == 2 })
        }
        #expect(exporter.totals.lastError?.contains("too old") == true)
    }

    @Test(
        "a collector that hangs costs its deadline and a bounded queue; spans are dropped and counted, and the end is not held up"
    )
    func hanging() async throws {
        let collector = ScriptedCollector([.hang])
        let exporter = collector.exporter { bounds in
            bounds.queue = 50
            bounds.batch = 10
            bounds.total = .milliseconds(250)
        }
        let start = ContinuousClock.now
        await Self.running(exporter) {
            Self.spans(1000, to: exporter)
            // Adding waits for nothing.
            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(exporter.totals.dropped >= 940)
            #expect(await eventually { exporter.totals.failed >= 10 })
        }
        #expect(ContinuousClock.now - start < .seconds(50))
        let totals = exporter.totals
        #expect(totals.exported == 0 && totals.dropped + totals.failed + totals.queued == 1000)
        #expect(totals.lastError?.contains("has not answered") == true)
    }

    @Test("parents decide about their children; of those that begin here the part that was asked for is taken")
    func sampling() throws {
        let sampler = TraceSampler(ratio: 0.25)
        var random = SeededGenerator(seed: 7)
        let taken = (0..<4000).count { _ in sampler.wants(TraceID(using: &random), parent: nil) }
        #expect((850...1150).contains(taken))
        let id = TraceID(using: &random)
        for wanted in [true, false] {
            let parent = TraceContext(traceID: id, spanID: 1, isSampled: wanted)
            #expect(TraceSampler(ratio: wanted ? 0 : 1).wants(id, parent: parent) == wanted)
        }
        #expect(!TraceSampler(ratio: 0).wants(id, parent: nil) && TraceSampler(ratio: 1).wants(id, parent: nil))
    }

    @Test("children are in the trace of their parent, and unwanted ones are not exported")
    func children() throws {
        let seen = Mutex<[FinishedSpan]>([])
        let tracer = RecordingTracer(sampler: TraceSampler(ratio: 1)) { span in seen.withLock { $0.append(span) } }
        var context = InstrumentationContext.topLevel
        context.trace = TraceContext(
            parents: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"], states: ["a=1"])
        let first = tracer.startSpan("first", context: context, ofKind: .server)
        let second = tracer.startSpan("second", context: first.context, ofKind: .internal)
        second.end()
        first.end()
        let (inner, outer) = (try #require(seen.withLock { $0.first }), try #require(seen.withLock { $0.last }))
        #expect(inner.parent?.spanID == outer.context.spanID && outer.parent?.spanText == "00f067aa0ba902b7")
        #expect(Set([inner, outer].map { "\($0.context.traceID)" }) == ["4bf92f3577b34da6a3ce929d0e0e4736"])
        #expect(inner.context.state == "a=1" && outer.kind == .server && outer.parent?.isRemote == true)
        var carrier: [String: String] = [:]
        tracer.inject(second.context, into: &carrier, using: Dictionaries())
        #expect(carrier["traceparent"]?.hasSuffix("-\(inner.context.spanText)-01") == true)
        var read = InstrumentationContext.topLevel
        tracer.extract(carrier, into: &read, using: Dictionaries())
        #expect(read.trace?.spanID == inner.context.spanID && read.trace?.state == "a=1")
        context.trace = TraceContext(parents: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"])
        tracer.startSpan("unwanted", context: context, ofKind: .server).end()
        #expect(seen.withLock { $0.count } == 2)
    }

    @Test("a span has so many attributes and events, so long, and no more; the rest is counted")
    func bounds() throws {
        let seen = Mutex<[FinishedSpan]>([])
        let tracer = RecordingTracer(sampler: TraceSampler(ratio: 1)) { span in seen.withLock { $0.append(span) } }
        let span = tracer.startSpan(String(repeating: "n", count: 10_000), context: .topLevel, ofKind: .server)
        for number in 0..<100 {
            span.attributes["more\(number)"] = SpanAttribute.string(String(repeating: "v", count: 10_000))
            span.addEvent("happened")
        }
        span.end()
        let read = try #require(seen.withLock { $0.first })
        #expect(read.attributes.count == FinishedSpan.maximumAttributes && read.droppedAttributes == 68)
        #expect(read.events.count == FinishedSpan.maximumEvents && read.droppedEvents == 84)
        #expect(try OTLPDocument([read], resource: [], version: "1").bytes.count < 20_000)
    }

    private struct Dictionaries: Extractor, Injector {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }

    private static let python: String? = {
        let path =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/.build/venv/bin/python"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    @Test(
        "opentelemetry-proto reads what is sent, with every kind of value",
        .enabled(if: TraceExporterTests.python != nil, "needs .build/venv, which deploy/test makes"))
    func decoded() async throws {
        let collector = ScriptedCollector([.answer(Self.well)])
        let exporter = collector.exporter()
        let tracer = RecordingTracer(sampler: TraceSampler(ratio: 1)) { exporter.add($0) }
        var context = InstrumentationContext.topLevel
        context.trace = TraceContext(
            parents: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"], states: ["a=1"])
        let span = tracer.startSpan("a \"name\" \u{1F980}", context: context, ofKind: .server)
        span.updateAttributes { attributes in
            attributes["text"] = "é/\\\n"
            attributes["whole"] = Int64.max
            attributes["part"] = 0.25
            attributes["flag"] = true
        }
        span.addEvent(SpanEvent(name: "happened", attributes: ["n": .int64(1)]))
        span.setStatus(SpanStatus(code: .error, message: "why"))
        span.end()
        await Self.running(exporter) {
            #expect(await eventually { exporter.totals.exported == 1 })
        }
        let directory = try TemporaryDirectory()
        let body = try #require(collector.bodies.withLock { $0.first })
        try directory.write(String(decoding: body, as: UTF8.self) + "\n", to: "spans")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/decode.py"
        let done = try FinishedProgram.run(
            [
                "/bin/sh", "-c", "exec \"$0\" \"$1\" < \"$2\"", try #require(Self.python), script,
                directory.path + "/spans",
            ])
        try #require(done.status == 0, "\(done.stderr)")
        let spans = try #require(JSONSerialization.jsonObject(with: Data(done.stdout.utf8)) as? [[String: Any]])
        let read = try #require(spans.first)
        #expect(spans.count == 1 && read["name"] as? String == "a \"name\" \u{1F980}")
        #expect(read["trace"] as? String == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(read["parent"] as? String == "00f067aa0ba902b7" && read["state"] as? String == "a=1")
        #expect(read["kind"] as? Int == 2 && read["status"] as? Int == 2 && read["message"] as? String == "why")
        #expect(read["flags"] as? Int == 0x301 && read["service"] as? String == "nestbox")
        #expect(read["events"] as? [String] == ["happened"])
        let attributes = try #require(read["attributes"] as? [String: Any])
        #expect(attributes["text"] as? String == "é/\\\n" && attributes["whole"] as? Int64 == .max)
        #expect(attributes["part"] as? Double == 0.25 && attributes["flag"] as? Bool == true && attributes.count == 4)
        let (start, end) = (try #require(read["start"] as? Int), try #require(read["end"] as? Int))
        #expect(end >= start && abs(Double(start) / 1e9 - Date().timeIntervalSince1970) < 60)
    }
}
