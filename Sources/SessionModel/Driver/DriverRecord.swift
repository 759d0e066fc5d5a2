package import StrictJSON

/// What a driver says. All of it is a claim of foreign code.
package enum DriverRecord: Sendable, Equatable {
    package struct Ready: Sendable, Equatable {
        package var language: String
        package var version: String
        package var features: Set<String>

        package init(language: String, version: String, features: Set<String>) {
            self.language = language
            self.version = version
            self.features = features
        }
    }

    package enum DoneStatus: String, Sendable, CaseIterable {
        case ok, error, interrupted
    }

    case ready(Ready)
    case display(id: String, CellDisplay)
    case clear(id: String, wait: Bool)
    case result(id: String, CellValue)
    case error(id: String, CellError)
    case done(id: String, DoneStatus)
    /// What its members have to be depends on the question.
    case answer(id: String, JSONObject)
    case restored(id: String, name: String)
    /// What the cell reads next is not to be seen as it is typed; or may be seen again. A hint for whoever asks for it.
    case password(id: String, isOn: Bool)

    /// The version of the protocol that is spoken.
    package static let protocolVersion: Int64 = 1
}

/// A record that cannot be what a driver says: what was wrong with it, a line of text.
package struct DriverRecordError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
