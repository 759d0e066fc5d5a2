internal import Glibc
internal import JSONLogging
internal import LinuxSystem
internal import Logging
internal import RunModel

/// Logs what the keeper and its wardens write to stderr, line by line.
///
/// They write into a pipe without blocking: lines that do not fit are lost, and after the end of this service they
/// continue without it.
final class WardenMessages: Sendable {
    private static let label = "warden"
    private static let maximumLineBytes = 4096

    private let reader: SharedDescriptor
    private let writer: SharedDescriptor

    init() throws(SystemCallError) {
        (reader, writer) = try Pipe.make().shared()
        let flags = fcntl(writer.number, F_GETFL)
        _ = fcntl(writer.number, F_SETFL, flags | O_NONBLOCK)
    }

    /// The writing end, for the keeper and its wardens.
    var writerNumber: Int32 { writer.number }

    /// Logs lines, on a separate thread, until the last writer has closed. To be called after rights have been given up: they
    /// belong to threads.
    func start(_ logger: Logger) throws(APIError) {
        // From here on only the keeper and its wardens hold the writing end.
        writer.close()
        let number = reader.number
        guard number >= 0 else { return }
        var told = logger
        told[metadataKey: "source"] = "\(Self.label)"
        let records = told
        do throws(SystemCallError) {
            try DetachedThread.start { self.read(number, records) }
        } catch {
            throw APIError(.internalError, error.description, retryable: true)
        }
    }

    private func read(_ number: Int32, _ logger: Logger) {
        var lines = LineSplitter(maximumBytes: Self.maximumLineBytes)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(number, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for line in lines.take(buffer.prefix(count)) { logger.warning("\(line)") }
        }
        if let rest = lines.rest() { logger.warning("\(rest)") }
        reader.close()
    }
}
