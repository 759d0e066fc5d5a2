internal import Glibc

/// A program that a build runs to its end: output line by line, its last lines kept for the error, killed on
/// cancellation.
///
/// The calling thread has to live as long as the program: when the thread ends, so does the program (the parent death
/// signal that `leashed` asks for is bound to the thread that started it).
struct BuildProgram {
    static let maximumLineBytes = 4096
    static let keptLines = 12

    let executable: String
    let arguments: [String]
    var environment = ProgramSearch.environment()

    /// The same program in mount and process namespaces of its own, which die with this thread.
    ///
    /// Whatever kills us, no process and no mount of the program stays behind, and its mounts never show here. Without
    /// a network it has a network namespace too, with nothing in it.
    func leashed(hasNetwork: Bool = true) throws(ImageError) -> BuildProgram {
        let setpriv = try ProgramSearch.path(of: "setpriv", package: "util-linux")
        let unshare = try ProgramSearch.path(of: "unshare", package: "util-linux")
        var leash = ["--pdeathsig", "KILL", unshare, "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
        if !hasNetwork { leash.append("--net") }
        return BuildProgram(
            executable: setpriv, arguments: leash + ["--", executable] + arguments, environment: environment)
    }

    /// Runs the program and passes on each line of its output (standard output and error together).
    ///
    /// - Throws: `buildFailed` with the last lines when it fails, `cancelled` when it was cancelled.
    func run(
        name: String, cancellation: BuildCancellation, line: (String) -> Void
    ) throws(ImageError) {
        let pipe = try Pipe()
        let null = try FileDescriptor("/dev/null", flags: O_RDONLY)
        let child = try ChildProcess(
            executable, arguments, environment: environment, input: null.number, output: pipe.write.number,
            error: pipe.write.number)
        let output = pipe.reading()
        var lines = LineSplitter()
        var tail: [String] = []
        func take(_ bytes: ArraySlice<UInt8>) {
            for text in lines.add(bytes) {
                line(text)
                tail.append(text)
                if tail.count > Self.keptLines { tail.removeFirst() }
            }
        }
        var ending: ChildProcess.Ending?
        var open = true
        while open || ending == nil {
            if cancellation.isCancelled {
                if ending == nil { child.kill() }
                try cancellation.check()
            }
            if !open {
                usleep(2000)
            } else {
                let outcome = Self.read(output, take)
                open = outcome != .end
                // Descendants may keep the pipe open: once the program itself is gone, one quiet round is enough.
                if outcome == .quiet, ending != nil { break }
            }
            if ending == nil { ending = child.ended() }
        }
        take([0x0a])
        guard ending != .exited(0) else { return }
        throw ImageError(.buildFailed, Self.failure(name, ending, tail))
    }

    private enum Outcome { case data, quiet, end }

    /// Hands on what is there, waiting at most a tenth of a second for it.
    private static func read(_ output: borrowing FileDescriptor, _ take: (ArraySlice<UInt8>) -> Void) -> Outcome {
        var poll = pollfd(fd: output.number, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, 100) > 0 else { return .quiet }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = Glibc.read(output.number, &buffer, buffer.count)
        if count < 0 { return errno == EINTR || errno == EAGAIN ? .quiet : .end }
        take(buffer[..<count])
        return count > 0 ? .data : .end
    }

    private static func failure(_ name: String, _ ending: ChildProcess.Ending?, _ tail: [String]) -> String {
        let how =
            switch ending {
            case .exited(let code): "failed with exit status \(code)"
            case .signaled(let signal): "was killed by signal \(signal)"
            case nil: "did not end"
            }
        return tail.isEmpty ? "\(name) \(how)" : "\(name) \(how):\n  " + tail.joined(separator: "\n  ")
    }
}
