internal import Glibc

/// The decompressed bytes of a gzip file, by way of the system's gzip.
final class GzipSource: ByteSource {
    private let child: ChildProcess
    private let output: FileDescriptor
    private let errors: FileDescriptor
    private let cancellation: BuildCancellation
    private var isFinished = false

    /// - Parameter file: the compressed file, read from its start; nothing else may move its position.
    init(_ file: consuming FileDescriptor, cancellation: BuildCancellation) throws(ImageError) {
        let gzip = try ProgramSearch.path(of: "gzip", package: "gzip")
        let outputPipe = try Pipe()
        let errorPipe = try Pipe()
        child = try ChildProcess(
            gzip, ["-dc"], environment: ProgramSearch.environment(from: [:]), input: file.number,
            output: outputPipe.write.number, error: errorPipe.write.number)
        output = outputPipe.reading()
        errors = errorPipe.reading()
        self.cancellation = cancellation
    }

    deinit {
        if !isFinished { child.kill() }
    }

    func read(_ count: Int) throws(ImageError) -> [UInt8] {
        try cancellation.check()
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = Glibc.read(output.number, buffer.baseAddress.map { $0 + filled }, count - filled)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        if failure != 0 { throw systemFailure("cannot read from gzip", code: .badArchive, errno: failure) }
        // A short read is the end: the moment to ask whether it was the true one.
        if bytes.count < count { try finish() }
        return bytes
    }

    func skip(_ count: Int64) throws(ImageError) {
        var left = count
        while left > 0 {
            let bytes = try read(Int(min(left, 262_144)))
            if bytes.isEmpty { return }
            left -= Int64(bytes.count)
        }
    }

    private func finish() throws(ImageError) {
        guard !isFinished else { return }
        isFinished = true
        guard child.wait() != .exited(0) else { return }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = Glibc.read(errors.number, &buffer, buffer.count)
        var lines = LineSplitter()
        let text = lines.add(buffer[..<max(0, count)]).filter { !$0.isEmpty }.joined(separator: "; ")
        throw ImageError(.badArchive, "a layer cannot be decompressed: \(text.isEmpty ? "gzip failed" : text)")
    }
}
