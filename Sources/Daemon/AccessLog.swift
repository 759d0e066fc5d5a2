internal import JSONLogging
internal import Logging
internal import ServerSettings

/// Where one record for each request goes: into a file of its own, to stderr with all else, or nowhere.
package struct AccessLog: Sendable {
    /// Nil when they are turned off.
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

    /// Goes on in a new file where the old one was moved away.
    func reopen() throws(LogFile.Failure) {
        try file?.reopen()
    }
}
