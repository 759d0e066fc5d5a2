internal import JSONLogging
internal import Logging
internal import ServerSettings

/// The destination of request records: a separate file, stderr with all other records, or none.
package struct AccessLog: Sendable {
    /// Nil when request records are turned off.
    let logger: Logger?
    private let file: LogFile?

    /// - Throws: when the file cannot be written to.
    init(_ requests: ServerSettings.Log.Requests, level: Logger.Level, format: LineLogHandler.Format) throws(LogFile
        .Failure)
    {
        let label = "access"
        switch requests {
        case .off: (logger, file) = (nil, nil)
        case .standardError:
            logger = Logger(label: label) { LineLogHandler(label: $0, level: level, format: format) }
            file = nil
        case .file(let path):
            let opened = try LogFile(path: path)
            logger = Logger(label: label) {
                LineLogHandler(label: $0, level: level, format: format, write: { opened.write($0) })
            }
            file = opened
        }
    }

    /// Continues in a new file if the old one was renamed.
    func reopen() throws(LogFile.Failure) {
        try file?.reopen()
    }
}
