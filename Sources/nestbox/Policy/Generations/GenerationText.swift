internal import Foundation
internal import Glibc
internal import RuleGenerations

/// Values of generations, for people.
enum GenerationText {
    static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
    }

    /// Text that another process has written, without what a terminal would act upon.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(4096).map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "?"
                    default: scalar
                    }
                }))
    }
}

/// The service that has written a status.
enum ServiceProcess {
    static func isRunning(_ status: ReloadStatus) -> Bool {
        status.pid > 0 && (kill(status.pid, 0) == 0 || errno == EPERM)
    }
}
