/// What went wrong with an image, its root or the store, in one sentence that names the object.
///
/// Errors inside an `image.yaml` are the located errors of the YAML reader instead.
package struct ImageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure callers tell apart.
    package enum Code: String, Sendable {
        /// No image of that name, alias or extension.
        case unknownImage
        /// Errors in its `image.yaml` have disabled it.
        case brokenDescription
        /// Two images claim one name, alias or file extension.
        case collision
        /// The image's root was never built, or its build did not finish.
        case notBuilt
        /// The root cannot be used as it is: a directory with wrong owner or mode, a damaged tree.
        case unusableRoot
        /// An archive or layout is malformed, hostile, too large or of a kind that is not supported.
        case badArchive
        /// A build failed.
        case buildFailed
        /// A program the build needs is not installed.
        case programMissing
        /// The root is being built by another process just now.
        case inUse
        /// The build was cancelled.
        case cancelled
        /// A file of the store could not be read or written.
        case storage
    }

    package let code: Code
    package let message: String

    /// Of an unknown image: the names of those there are.
    package let known: [String]

    package init(_ code: Code, _ message: String, known: [String] = []) {
        self.code = code
        self.message = message
        self.known = known
    }

    package var description: String { message }
}
