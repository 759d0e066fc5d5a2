/// The sender of an admitted request.
package struct Caller: Sendable, Equatable {
    /// The id of the key; nil where keys are not required.
    package let keyID: String?
    /// The name under which limits count.
    package let bucket: String
    /// The address of the client, as logs show it.
    package let address: String
    /// The concurrent runs that the key allows; nil if it has no limit of its own.
    package let concurrent: Int?
    package let isAdministrator: Bool
}
