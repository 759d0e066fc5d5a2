/// Who sends a request, once it has been admitted.
package struct Caller: Sendable, Equatable {
    /// Of the key; nil where none are asked for.
    package let keyID: String?
    /// Whom limits count for.
    package let bucket: String
    /// Where the request comes from, as logs show it.
    package let address: String
    /// Runs at the same time that the key allows, if it says so.
    package let concurrent: Int?
    package let isAdministrator: Bool
}
