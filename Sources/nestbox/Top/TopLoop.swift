internal import Glibc
internal import LinuxSystem
internal import NestboxClient
internal import RunModel
internal import SandboxSpec

/// The live screen: reads keys on a thread of its own, looks at the service, and draws when something has changed.
struct TopLoop: Sendable {
    private static let enter = "\u{1b}[?1049h\u{1b}[?25l"
    private static let leave = "\u{1b}[?25h\u{1b}[?1049l"

    private enum Event: Sendable {
        case key(KeyReader.Key)
        case overview(AdminOverview)
        case problem(String)
    }

    let client: NestboxClient
    let server: String
    /// Seconds.
    let interval: Double

    func run(_ state: TopState, _ overview: AdminOverview) async throws {
        let (events, continuation) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(64))
        try Signals.watch([SIGTERM, SIGHUP]) { number in
            Console.write(Array(Self.leave.utf8), to: Console.output)
            Console.exit(128 + number)
        }
        RawTerminal.enter()
        Console.write(Array(Self.enter.utf8), to: Console.output)
        defer {
            Console.write(Array(Self.leave.utf8), to: Console.output)
            RawTerminal.restore()
        }
        // Ends with the process: it may wait for a key that never comes.
        try DetachedThread.start {
            let reader = KeyReader()
            while true {
                let key = reader.next()
                continuation.yield(.key(key))
                if key == .endOfInput { return }
            }
        }
        let looking = Task { await look(continuation) }
        defer { looking.cancel() }
        await follow(events, state, overview)
    }

    private func look(_ continuation: AsyncStream<Event>.Continuation) async {
        while !Task.isCancelled {
            // A cancelled sleep: the loop ends by its condition.
            do { try await Task.sleep(for: .milliseconds(Int64(interval * 1000))) } catch { return }
            do {
                continuation.yield(.overview(try await client.overview()))
            } catch let error as NestboxError {
                continuation.yield(.problem(error.message))
            } catch {
                continuation.yield(.problem("\(error)"))
            }
        }
    }

    private func follow(_ events: AsyncStream<Event>, _ start: TopState, _ first: AdminOverview) async {
        var (state, overview, problem) = (start, first, String?.none)
        state.update(overview)
        var size = RawTerminal.size
        draw(state, overview, problem)
        for await event in events {
            var isDue = false
            switch event {
            case .overview(let next) where !state.isPaused:
                (overview, problem) = (next, nil)
                state.update(next)
                isDue = true
            case .overview: break
            case .problem(let text):
                problem = text
                isDue = true
            case .key(let key):
                switch state.press(key) {
                case .quit: return
                case .redraw: isDue = true
                case .none: break
                case .end(let target):
                    problem = await end(target)
                    isDue = true
                }
            }
            // Keys, or nothing, come ten times a second: a terminal of another size is noticed that soon.
            if RawTerminal.size != size { (size, isDue) = (RawTerminal.size, true) }
            if isDue { draw(state, overview, problem) }
        }
    }

    /// - Returns: what went wrong.
    private func end(_ target: TopTarget) async -> String? {
        do {
            try await client.end(target.kind == .run ? "runs" : "sessions", target.id)
            return nil
        } catch let error as NestboxError {
            return error.message
        } catch {
            return "\(error)"
        }
    }

    private func draw(_ state: TopState, _ overview: AdminOverview, _ problem: String?) {
        let size = RawTerminal.size
        let screen = TopScreen(server: server, rows: Int(size?.rows ?? 24), columns: Int(size?.columns ?? 80))
        let lines = screen.frame(state, overview, problem: problem)
        let text = "\u{1b}[H" + lines.map { $0 + "\u{1b}[K" }.joined(separator: "\r\n") + "\u{1b}[J"
        Console.write(Array(text.utf8), to: Console.output)
    }
}
