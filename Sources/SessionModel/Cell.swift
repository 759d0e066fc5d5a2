package import RunModel
package import StrictJSON

/// Code that a client wants executed in a session.
package struct CellRequest: Sendable, Equatable {
    /// At most `maximumCodeBytes`.
    package var code: String
    /// No result is wanted; the driver may leave it out of its own history, too.
    package var silent: Bool
    /// Whether the cells that wait behind it are given up when it does not end well.
    package var stopOnError: Bool
    package var limits: CellLimits.Wanted
    /// The session's own when absent.
    package var onLimit: CellLimitAction?
    package var transaction: TransactionPolicy
    /// Whether somebody would answer a request for input. When not, the standard input of the session ends where it is read.
    package var allowsInput = true

    /// A record to a driver has 1 MiB; the worst text doubles when it becomes JSON, and control characters are rare in code.
    package static let maximumCodeBytes = 512 * 1024

    package init(
        code: String, silent: Bool = false, stopOnError: Bool = true, limits: CellLimits.Wanted = .init(),
        onLimit: CellLimitAction? = nil, transaction: TransactionPolicy = .commitAlways
    ) {
        self.code = code
        self.silent = silent
        self.stopOnError = stopOnError
        self.limits = limits
        self.onLimit = onLimit
        self.transaction = transaction
    }
}

/// One representation of a value: its media type, and the content as the driver gave it: a string, base64 for binary types, or JSON
/// for types that are.
package struct MimeItem: Sendable, Equatable {
    package let type: String
    package let content: JSONValue

    package init(type: String, content: JSONValue) {
        self.type = type
        self.content = content
    }
}

/// The value of a cell's last expression, as the driver claims it.
package struct CellValue: Sendable, Equatable {
    package let repr: String
    /// More than `repr` holds was there.
    package let isTruncated: Bool
    /// The value itself, when it is JSON.
    package let value: JSONValue?
    package let data: [MimeItem]

    package init(repr: String, isTruncated: Bool = false, value: JSONValue? = nil, data: [MimeItem] = []) {
        self.repr = repr
        self.isTruncated = isTruncated
        self.value = value
        self.data = data
    }
}

/// An error that a cell did not handle, as the driver claims it.
package struct CellError: Sendable, Equatable {
    package let exception: String
    package let message: String
    package let traceback: [String]

    package init(exception: String, message: String, traceback: [String]) {
        self.exception = exception
        self.message = message
        self.traceback = traceback
    }
}

/// Something a cell shows.
package struct CellDisplay: Sendable, Equatable {
    package let data: [MimeItem]
    /// Names it, so that a later one can take its place.
    package let displayID: String?
    /// It takes the place of the earlier ones of this name.
    package let isUpdate: Bool

    package init(data: [MimeItem], displayID: String? = nil, isUpdate: Bool = false) {
        self.data = data
        self.displayID = displayID
        self.isUpdate = isUpdate
    }
}

/// What a cell used: nanoseconds and bytes.
package struct CellUsage: Sendable, Equatable {
    package var cpu: Int64
    package var wall: Int64
    /// The most the session used so far.
    package var memoryPeak: Int64
    package var outputBytes: Int64

    package init(cpu: Int64 = 0, wall: Int64 = 0, memoryPeak: Int64 = 0, outputBytes: Int64 = 0) {
        self.cpu = cpu
        self.wall = wall
        self.memoryPeak = memoryPeak
        self.outputBytes = outputBytes
    }
}

extension CellDisplay {
    /// About how many bytes it has.
    package var size: Int { data.reduce(64) { $0 + $1.type.utf8.count + $1.content.size } }
}

extension JSONValue {
    /// About how many bytes it has as text.
    fileprivate var size: Int {
        switch self {
        case .null, .bool: 5
        case .number(let number): number.text.utf8.count
        case .string(let text): text.utf8.count + 2
        case .array(let list): list.reduce(2) { $0 + $1.size + 1 }
        case .object(let object): object.members.reduce(2) { $0 + $1.name.utf8.count + $1.value.size + 4 }
        }
    }
}
