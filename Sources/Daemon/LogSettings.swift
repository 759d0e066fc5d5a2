internal import JSONLogging
internal import Logging
internal import ServerSettings

extension Logger.Level {
    init(_ level: ServerSettings.Log.Level) {
        self =
            switch level {
            case .trace: .trace
            case .debug: .debug
            case .info: .info
            case .notice: .notice
            case .warning: .warning
            case .error: .error
            }
    }
}

extension LineLogHandler.Format {
    init(_ format: ServerSettings.Log.Format) {
        self =
            switch format {
            case .json: .json
            case .text: .text
            }
    }
}
