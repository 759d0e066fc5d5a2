internal import Glibc
internal import JSONLogging
internal import LinuxSystem
internal import Logging
internal import RunModel

/// What the keeper and its wardens write to stderr, line by line, as records of this service's log.
///
/// They write into a pipe that no process waits for: what does not fit is lost, and once this service is gone they go on
/// without it.
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

    /// For the processes that write.
    var writerNumber: Int32 { writer.number }

    /// Logs what comes, on a thread of its own, until the last writer is gone. To be called once rights have been given up: they
    /// belong to threads.
    func start(_ logger: Logger) throws(APIError) {
        // Only the keeper and its wardens hold it from here on.
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
