/// One state of all files of policies and images that a service has taken over.
package struct RuleGeneration: Sendable, Hashable {
    /// Counts up from 1, over restarts too.
    package let number: Int64
    /// SHA-256 of the files, in lower-case hexadecimal.
    package let digest: String

    package init(number: Int64, digest: String) {
        self.number = number
        self.digest = digest
    }
}
