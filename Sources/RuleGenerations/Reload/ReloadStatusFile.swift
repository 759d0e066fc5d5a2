internal import Foundation

/// The status of reloading as a file beside the history, for commands on the same machine: `<state>/generations/status`.
package struct ReloadStatusFile: Sendable {
    private static let maximumBytes = 1_048_576
    private let path: String

    package init(history: GenerationHistory) {
        path = history.directory + "/status"
    }

    /// Without effect where the directory cannot be written: the history's own error tells of that.
    func write(_ status: ReloadStatus) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(status) else { return }
        try? WrittenFile.replace(path, with: Array(bytes))
    }

    /// What the service said last; nil when there is none, or nothing that this version writes. It may have ended since.
    package var status: ReloadStatus? {
        guard case .success(let bytes?) = RegularFile.read(path, maximumBytes: Self.maximumBytes) else { return nil }
        return try? JSONDecoder().decode(ReloadStatus.self, from: Data(bytes))
    }
}
