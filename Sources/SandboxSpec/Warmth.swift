/// How far sandboxes are prepared before a program arrives. The names are those of policies and images.
package enum Warmth: String, Sendable, CaseIterable {
    /// A locked-down sandbox, about to execute the command.
    case none
    /// The interpreter, booted inside the sandbox.
    case boot
    /// A fork of an interpreter that was booted outside of any sandbox.
    case fork
}
